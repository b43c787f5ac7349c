"""The program of `recipe: gradient_tape`: the training step written out, one after another, in plain Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nnrun.model import distribution, framework
from nnrun.training.programs import Augment, Call

if TYPE_CHECKING:
    from nnrun.training.trace import Trace


def train_step(model: Any, batch: Any) -> Any:
    """Forward, loss, gradients, update, metrics: what `Model.fit` does with a batch; gives loss and gradients."""
    tf, keras = framework.tensorflow(), framework.keras()
    x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(batch)

    with tf.GradientTape() as tape:  # remembers what is computed inside, so that it can be gone through backwards
        prediction = model(x, training=True)
        loss = model.compute_loss(x, y, prediction, sample_weight, training=True)
        scaled = model.optimizer.scale_loss(loss)  # the loss itself, but for mixed_float16

    weights = model.trainable_weights
    gradients = tape.gradient(scaled, weights)
    if weights:  # all may be frozen
        model.optimizer.apply_gradients(zip(gradients, weights, strict=True))

    mean_loss, *_ = model.metrics
    mean_loss.update_state(loss, sample_weight=tf.shape(tf.nest.flatten(x)[0])[0])  # by the rows of the batch
    model.compute_metrics(x, y, prediction, sample_weight)
    return loss, gradients


class TapeProgram:
    """Batch after batch through `train_step`, on one device.

    `trace` sees each step from its weights before to its gradients; None where nobody asks.
    """

    most_steps = 2**31 - 1

    def __init__(self, model: Any, *, augment: Augment | None = None) -> None:
        self.traces = 0
        self.augment = augment
        self.fills = False
        self.metrics: Any = None
        self.seconds_a_step = 0.0
        self.trace: Trace | None = None
        self._model = model
        self._reset = model.reset_metrics  # during a fit the model's own is `reset` below
        self._step: Any = self._counted_step
        if not model.run_eagerly:  # one graph of a step, whatever the number of rows
            self._step = framework.tensorflow().function(self._counted_step, autograph=False, reduce_retracing=True)

    def __call__(self, state: Any, call: Call) -> tuple[Any, np.ndarray[Any, Any], Any]:
        model, means = self._model, []
        if call.fresh:  # an epoch begins
            self._reset()
        for step in range(call.first, call.last):
            before = [] if self.trace is None else self.trace.before(model)
            loss, gradients, mean = self._step(call.tensors, call.order, *self._place(call, step))
            if self.trace is not None:
                self.trace.after(model, before, loss, gradients)
            means.append(float(mean))
            if not np.isfinite(means[-1]):
                break
        self.metrics = [distribution.read(variable) for variable in model.metrics_variables]
        return model.get_metrics_result(), np.asarray(means, np.float32), state

    def _counted_step(self, tensors: Any, order: Any, step: Any, batch_size: Any, *draw: Any) -> Any:
        """The step on its rows, in the order of the epoch; fewer in its last one."""
        self.traces += 1
        tf = framework.tensorflow()
        rows = order[step * batch_size : (step + 1) * batch_size]
        batch = tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), tensors)
        if self.augment is not None:
            batch = self.augment(batch, *draw)
        return *train_step(self._model, batch), self._model.metrics[0].result()  # the mean loss of the epoch so far

    def _place(self, call: Call, step: int) -> tuple[Any, ...]:
        """Which rows of the epoch a step takes, and what augmentation draws by in it."""
        tf = framework.tensorflow()
        place = tf.constant(step), tf.constant(call.batch_size)
        return place if self.augment is None else (*place, tf.constant(call.draw[1:]), tf.constant(call.draw[0] + step))

    def order(self, rows: np.ndarray[Any, Any], size: int) -> Any:
        return framework.tensorflow().convert_to_tensor(rows.astype(np.int32))

    def reset(self) -> None:
        """Nothing: the loop does it, where the call is fresh."""

    def function(self, advance: Any) -> Any:
        return lambda iterator: advance(None)[0]  # noqa: ARG005
