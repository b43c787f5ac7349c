"""The program of a phase on JAX: one `jit`, a loop whose bounds are arguments, and the short last batch behind it."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any

import numpy as np

from nnrun.model import distribution, framework
from nnrun.model.filled import Filled, Real, weighted
from nnrun.training.programs import Augment, Call


class JaxProgram:
    """Shapes are constants on JAX: a program is compiled for each size of the last batch, of which folds have two."""

    most_steps = 2048  # the losses of a call go into an array of this length

    def __init__(self, model: Any, *, training: bool, augment: Augment | None = None, fills: bool = False) -> None:
        self.traces = 0
        self.augment = augment
        self.fills = fills
        self.metrics: Any = None
        self.seconds_a_step = 0.0
        self._model, self._training = model, training
        self.reset = model.reset_metrics
        self._filled = Filled(model) if fills else None
        self._compiled = not model.run_eagerly
        self._run: Any = None

    def order(self, rows: np.ndarray[Any, Any], size: int) -> Any:
        padded = np.zeros(max(size, len(rows)), np.int32)
        padded[: len(rows)] = rows
        return framework.jax().numpy.asarray(padded)

    def __call__(self, state: Any, call: Call) -> tuple[Any, np.ndarray[Any, Any], Any]:
        numbers = np.int32(call.first), np.int32(call.last), np.bool_(call.short), call.draw
        if self._run is None:
            self._run = self._made(state)
        with contextlib.nullcontext() if self._compiled else framework.jax().disable_jit():
            logs, means, steps, state = self._run(
                state, call.tensors, call.order, *numbers, batch_size=call.batch_size, remainder=call.remainder
            )
        self.metrics = state[-1]
        return logs, np.asarray(means)[: int(steps)], state

    def _made(self, state: Any) -> Any:
        """The program; the arrays of a state lie on the same devices before it and behind it."""
        if not self._compiled:
            return self._program
        lie = {} if (found := distribution.layouts(state)) is None else {"out_shardings": (None, None, None, found)}
        names = ("batch_size", "remainder")
        return framework.jax().jit(self._program, static_argnames=names, donate_argnums=0, **lie)

    def function(self, advance: Any) -> Any:
        return lambda state, iterator: advance(state)  # noqa: ARG005

    def _program(
        self,
        state: Any,
        tensors: Any,
        order: Any,
        first: Any,
        last: Any,
        short: Any,
        draw: Any,
        *,
        batch_size: int,
        remainder: int,
    ) -> Any:
        self.traces += 1
        jax = framework.jax()
        jnp, lax = jax.numpy, jax.lax

        def step_of(size: int, carry: Any) -> Any:
            step, state, means, finite = carry
            logs, new = self._of_rows(state, tensors, order, step, draw, batch_size, size)
            # A metric may hand back a number without a fixed type, which a loop does not carry.
            new = jax.tree.map(lambda value, before: jnp.asarray(value, before.dtype), new, state)
            mean = jnp.asarray(logs["loss"], jnp.float32)
            if self._training:  # an evaluation goes through all of its rows, whatever their loss
                finite = jnp.isfinite(mean)
            return step + 1, new, means.at[step - first].set(mean), finite

        def goes_on(carry: Any) -> Any:
            return (carry[0] < whole) & carry[3]

        first, whole = jnp.asarray(first), last - jnp.asarray(short, jnp.int32)
        carry = (first, state, jnp.zeros(self.most_steps, jnp.float32), jnp.asarray(True))
        carry = lax.while_loop(goes_on, partial(step_of, batch_size), carry)
        if remainder:
            carry = lax.cond(short & carry[3], partial(step_of, remainder), lambda same: same, carry)
        step, state, means, _ = carry
        return self._logs(state), means, step - first, state

    def _of_rows(self, state: Any, tensors: Any, order: Any, step: Any, draw: Any, batch_size: int, size: int) -> Any:
        """The step of a batch of which `size` rows are real; filled up to its full size where that is asked for."""
        jax = framework.jax()
        taken = batch_size if self._filled is not None else size
        rows = jax.lax.dynamic_slice(order, (step * batch_size,), (taken,))
        batch = distribution.parted(jax.tree.map(lambda tensor: tensor[rows], tensors))
        if self.augment is not None:
            batch = self.augment(batch, draw[1:], draw[0] + step)
        if self._filled is None or size == batch_size:
            return self._step(state, batch)
        batch, own = weighted(self._model, batch, size, batch_size / size)
        with self._filled.watching(), self._filled.of(Real(size, size, own)):
            return self._step(state, batch)

    def _step(self, state: Any, batch: Any) -> Any:
        return self._model.train_step(state, batch) if self._training else self._model.test_step(state, batch)

    def _logs(self, state: Any) -> Any:
        """The metrics of a state; its last part are the values of the metrics' variables."""
        pairs = list(zip(self._model.metrics_variables, state[-1], strict=True))
        with framework.keras().StatelessScope(state_mapping=pairs):
            return self._model.get_metrics_result()
