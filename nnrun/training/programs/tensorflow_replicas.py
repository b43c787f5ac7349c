"""The program of a phase on TensorFlow where batches are parted among replicas, or filled up to their full size."""

from __future__ import annotations

from typing import Any

from nnrun.model import distribution, framework
from nnrun.model.filled import Filled, Real, weighted
from nnrun.training.programs import Augment
from nnrun.training.programs.tensorflow import TensorFlowProgram


class TensorFlowReplicas(TensorFlowProgram):
    """The loop goes around `strategy.run`; one device is the strategy of one replica.

    A batch is gathered once and cut into equal parts, in the order of the replicas. With `fills`, a short batch is
    filled up to its full size, so that each replica has the same number of rows.
    """

    def __init__(
        self, model: Any, like: Any, *, training: bool, augment: Augment | None = None, fills: bool = False
    ) -> None:
        self._strategy = distribution.strategy()
        self._filled = Filled(model) if fills else None
        super().__init__(model, like, training=training, augment=augment)
        self.fills = fills

    def _compiled(self, model: Any, step_of: Any) -> Any:
        """Never by XLA: it wants to know the rows of a batch, and replicas cannot meet inside of it."""
        return step_of

    def _step(self, model: Any, step_of: Any, batch: Any, batch_size: Any, rows: Any) -> Any:
        tf = framework.tensorflow()
        filled, replicas = self._filled, self._strategy.num_replicas_in_sync
        size = batch_size // replicas
        if filled is None:
            self._strategy.run(lambda part: step_of(part[0]), args=(self._parts(batch, (), size),))
            return model._loss_tracker.result()
        # The mean over all B rows is then the one over the k real ones; each replica's mean is over its B/n rows.
        factor = tf.cast(batch_size, tf.float32) / tf.cast(rows, tf.float32)
        batch, own = weighted(model, batch, rows, factor)

        def step(part: Any) -> Any:
            given, weights, number = part
            real = tf.clip_by_value(rows - number * size, 0, size)
            # The loss of each replica stands for an equal share of the real rows, whichever of them it holds.
            share = tf.cast(rows, tf.float32) / replicas
            with filled.of(Real(real, share, None if own is None else weights)):
                return step_of(given)

        with filled.watching():
            self._strategy.run(step, args=(self._parts(batch, () if own is None else own, size),))
        return model._loss_tracker.result()

    def _parts(self, batch: Any, weights: Any, size: Any) -> Any:
        """Of each replica the rows, their weights without the filling, and its number."""
        tf = framework.tensorflow()

        def part(context: Any) -> Any:
            number = context.replica_id_in_sync_group
            own = slice(number * size, (number + 1) * size)
            return *tf.nest.map_structure(lambda tensor: tensor[own], (batch, weights)), tf.constant(number)

        return self._strategy.experimental_distribute_values_from_function(part)
