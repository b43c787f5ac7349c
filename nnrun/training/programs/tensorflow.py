"""The program of a phase on TensorFlow: one `tf.function` with a loop whose bounds are arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnrun.model import distribution, framework
from nnrun.training.programs import Augment, Call


class TensorFlowProgram:
    """Keras keeps the state in the model's variables, so that none goes in or out."""

    most_steps = 2**31 - 1

    def __init__(self, model: Any, like: Any, *, training: bool, augment: Augment | None = None) -> None:
        self.traces = 0
        self.augment = augment
        self.fills = False
        self.metrics: Any = None
        self.seconds_a_step = 0.0
        tf = framework.tensorflow()
        step_of = model.train_step if training else model.test_step
        self._run = self._program(model, self._compiled(model, step_of), training)
        if not model.run_eagerly:
            number = tf.TensorSpec((), tf.int32)
            tensors = tf.nest.map_structure(lambda array: tf.TensorSpec((None, *array.shape[1:]), array.dtype), like)
            # The number of rows is left open: folds differ in it, and share the program.
            numbers = tf.TensorSpec((None,), tf.int32)
            signature = (tensors, numbers, *[number] * 4, tf.TensorSpec((), tf.bool), numbers)
            # The one concrete function: to find it among others takes longer than a step of a small model.
            self._run = tf.function(self._run, input_signature=signature, autograph=False).get_concrete_function()

    def order(self, rows: np.ndarray[Any, Any], size: int) -> Any:
        return framework.tensorflow().convert_to_tensor(rows.astype(np.int32))

    def __call__(self, state: Any, call: Call) -> tuple[Any, np.ndarray[Any, Any], Any]:
        constant = framework.tensorflow().constant
        last_rows = call.remainder if call.short else call.batch_size
        given = call.first, call.last, call.batch_size, last_rows, call.fresh, call.draw
        numbers = (constant(number) for number in given)
        logs, means, self.metrics = self._run(call.tensors, call.order, *numbers)
        return logs, means.numpy(), state

    def reset(self) -> None:
        """Nothing: the program does it, where the call is fresh."""

    def function(self, advance: Any) -> Any:
        return lambda iterator: advance(None)[0]  # noqa: ARG005

    def _compiled(self, model: Any, step_of: Any) -> Any:
        """A step as `jit_compile` asks for it."""
        if not model.jit_compile or model.run_eagerly:
            return step_of
        return framework.tensorflow().function(step_of, jit_compile=True, reduce_retracing=True)

    def _step(self, model: Any, step_of: Any, batch: Any, batch_size: Any, rows: Any) -> Any:
        """One step on a batch, of whose `batch_size` rows the first `rows` are real; gives the epoch's mean loss."""
        return step_of(batch)["loss"]

    def _program(self, model: Any, step_of: Any, training: bool) -> Callable[..., Any]:
        tf = framework.tensorflow()
        reset = model.reset_metrics  # during a fit the model's own is `reset` above, which an eager step would meet

        def program(
            tensors: Any, order: Any, first: Any, last: Any, batch_size: Any, last_rows: Any, fresh: Any, draw: Any
        ) -> Any:
            self.traces += 1
            tf.cond(fresh, reset, lambda: None)

            def goes_on(step: Any, means: Any, finite: Any) -> Any:  # noqa: ARG001
                return tf.logical_and(step < last, finite)

            def body(step: Any, means: Any, finite: Any) -> Any:
                rows = order[step * batch_size : (step + 1) * batch_size]
                batch = tf.nest.map_structure(lambda tensor: tf.gather(tensor, rows), tensors)
                if self.augment is not None:
                    batch = self.augment(batch, draw[1:], draw[0] + step)
                real = tf.where(step < last - 1, batch_size, last_rows)
                mean = tf.cast(self._step(model, step_of, batch, batch_size, real), tf.float32)
                if training:  # an evaluation goes through all of its rows, whatever their loss
                    finite = tf.math.is_finite(mean)
                return step + 1, means.write(step - first, mean), finite

            means = tf.TensorArray(tf.float32, size=last - first, element_shape=())
            done, means, _ = tf.while_loop(goes_on, body, (first, means, tf.constant(True)), parallel_iterations=1)
            metrics = [distribution.read(variable) for variable in model.metrics_variables]
            return model.get_metrics_result(), means.stack()[: done - first], metrics

        return program
