"""The loop of an epoch: many steps a call, inside one compiled program around Keras' own `train_step`.

`Model.fit` stays the outer loop. It is handed a data set of calls in place of batches, and `Loop` as its
`train_function` or `test_function`: each call runs as many steps as make about a tenth of a second. The first and
the last step are arguments of the program, so that the number of steps a call does not change a bit of the result.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.pipeline import Batches

SECONDS_A_CALL = 0.1
STEPS_A_CALL = 50  # at most, where an epoch has so many that Keras may be asked often

Watch = Callable[[int, np.ndarray[Any, Any]], None]


class Loop:
    """Runs the steps of an epoch; `watch(first_step, means)` hears the running mean of the loss after every step."""

    def __init__(
        self, model: Any, batches: Batches, *, training: bool, watch: Watch | None = None, length: int | None = None
    ) -> None:
        tf = framework.tensorflow()
        self.batches, self.watch, self.length = batches, watch, length
        self.calls = -(-batches.steps // length) if length else max(1, min(batches.steps, 10, -(-batches.steps // 2)))
        if not length:
            self.calls = max(self.calls, -(-batches.steps // STEPS_A_CALL))
        self.dataset = tf.data.Dataset.range(self.calls)
        self._program = _program(model, batches.batch_size, training)
        self._call, self._step, self._seconds_a_step = 0, 0, 0.0
        self._logs: Any = {}
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Puts the rows into the order of an epoch."""
        self._order = framework.tensorflow().convert_to_tensor(self.batches.order(epoch))
        self._call = 0

    def __call__(self, iterator: Any) -> Any:
        if self._call == 0:
            self._step = 0
        first, steps = self._step, self._next()
        self._call = (self._call + 1) % self.calls
        if steps:
            began = time.perf_counter()
            self._logs, means = self._program(self.batches.tensors, self._order, first, first + steps)
            found = means.numpy()
            if self._seconds_a_step or first:  # the very first call is mostly tracing
                self._seconds_a_step = (time.perf_counter() - began) / steps
            self._step += steps
            if self.watch is not None:
                self.watch(first, found)
        return self._logs

    def _next(self) -> int:
        """How many steps this call runs."""
        left = self.batches.steps - self._step
        if self.length:
            return min(self.length, left)
        wanted = int(SECONDS_A_CALL / self._seconds_a_step) if self._seconds_a_step else 1
        return min(left, max(wanted, -(-left // (self.calls - self._call))))


def _program(model: Any, batch_size: int, training: bool) -> Callable[..., Any]:
    tf = framework.tensorflow()
    step_of = model.train_step if training else model.test_step
    if model.jit_compile and not model.run_eagerly:
        step_of = tf.function(step_of, jit_compile=True, reduce_retracing=True)

    def program(tensors: Any, order: Any, first: Any, last: Any) -> Any:
        def goes_on(step: Any, means: Any, finite: Any) -> Any:  # noqa: ARG001
            return tf.logical_and(step < last, finite)

        def body(step: Any, means: Any, finite: Any) -> Any:  # noqa: ARG001
            rows = order[step * batch_size : (step + 1) * batch_size]
            mean = step_of(tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), tensors))["loss"]
            mean = tf.cast(mean, tf.float32)
            return step + 1, means.write(step - first, mean), tf.math.is_finite(mean)

        means = tf.TensorArray(tf.float32, size=last - first, element_shape=())
        begin = (tf.convert_to_tensor(first), means, tf.constant(True))
        done, means, _ = tf.while_loop(goes_on, body, begin, parallel_iterations=1)
        return model.get_metrics_result(), means.stack()[: done - first]

    if model.run_eagerly:
        return lambda tensors, order, first, last: program(tensors, order, tf.constant(first), tf.constant(last))
    compiled = tf.function(program, autograph=False, reduce_retracing=True)
    return lambda tensors, order, first, last: compiled(tensors, order, tf.constant(first), tf.constant(last))
