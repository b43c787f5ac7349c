"""The program of a phase on JAX where a loop would be slow: one `jit` for a step, called for each."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.model import distribution, framework
from nnrun.training.programs import Augment, Call
from nnrun.training.programs.jax import JaxProgram


class JaxStepProgram(JaxProgram):
    """For convolutions on the CPU, which XLA computes about five times slower inside of a loop than outside of one.

    A step has other bits here than in a loop; since the model and the device decide which of both is taken, and never a
    clock, the same config has the same bits always.
    """

    def __init__(self, model: Any, *, training: bool, augment: Augment | None = None, fills: bool = False) -> None:
        super().__init__(model, training=training, augment=augment, fills=fills)
        self._results = framework.jax().jit(self._logs)

    def __call__(self, state: Any, call: Call) -> tuple[Any, np.ndarray[Any, Any], Any]:
        if self._run is None:
            self._run = self._made(state)
        means: list[float] = []
        for step in range(call.first, call.last):
            size = call.remainder if call.short and step == call.last - 1 else call.batch_size
            given = state, call.tensors, call.order, np.int32(step), call.draw
            state, mean = self._run(*given, batch_size=call.batch_size, size=size)
            means.append(float(mean))
            if self._training and not np.isfinite(means[-1]):
                break
        self.metrics = state[-1]
        return self._results(state), np.asarray(means, np.float32), state

    def _made(self, state: Any) -> Any:
        lie = {} if (found := distribution.layouts(state)) is None else {"out_shardings": (found, None)}
        names = ("batch_size", "size")
        return framework.jax().jit(self._one_step, static_argnames=names, donate_argnums=0, **lie)

    def _one_step(
        self, state: Any, tensors: Any, order: Any, step: Any, draw: Any, *, batch_size: int, size: int
    ) -> Any:
        self.traces += 1
        logs, state = self._of_rows(state, tensors, order, step, draw, batch_size, size)
        return state, logs["loss"]
