"""The compiled program of a phase: many steps in one call, around Keras' own `train_step` or `test_step`."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np

from nnrun.model import framework


class Call(NamedTuple):
    """What one call runs: steps `first` to `last` (not itself) of batches that `order` gathers from `tensors`.

    `remainder` are the rows of the epoch's last batch where it is short, else 0; `short` says that the last step of
    this call is that one, `fresh` that the metrics begin at zero. `draw` is what augmentation draws by: the step of the
    epoch that is step 0 of `order`, and the keys of the epoch. All but `batch_size` and `remainder` are arguments of
    the program, not constants of it.
    """

    tensors: Any
    order: Any
    first: int
    last: int
    batch_size: int
    remainder: int
    short: bool
    fresh: bool
    draw: Any


class Augment(Protocol):
    """Changes training batches at random."""

    def keys(self, epoch: int) -> np.ndarray[Any, Any]: ...

    def __call__(self, batch: Any, keys: Any, step: Any) -> Any: ...


class Program(Protocol):
    """`traces` counts how often it was compiled; `most_steps` is what one call can run.

    `metrics` are the values of the metrics' variables after the last call, `seconds_a_step` what a step of it took (0.0
    before any). With `fills`, the order goes on to the end of the last batch, also where its rows are fewer.
    """

    traces: int
    most_steps: int
    metrics: Any
    seconds_a_step: float
    augment: Augment | None
    fills: bool

    def order(self, rows: np.ndarray[Any, Any], size: int) -> Any:
        """Row numbers in the form that the program takes; `size` are the rows of the tensors."""

    def __call__(self, state: Any, call: Call) -> tuple[Any, np.ndarray[Any, Any], Any]:
        """The logs, the running mean of the loss after every step, and the new state (None where Keras keeps it)."""

    def reset(self) -> None:
        """What Keras is given for `reset_metrics`."""

    def function(self, advance: Any) -> Any:
        """The `train_function` or `test_function` that Keras' fit calls, around the loop's `advance(state)`."""


def program(
    model: Any,
    like: Any,
    *,
    training: bool,
    augment: Augment | None = None,
    fills: bool = False,
    replicas: int = 1,
    by_tape: bool = False,
) -> Program:
    """The program of a compiled model for batches like those that the arrays `like` hold.

    `augment` changes each batch before a step: a function of the batch, the keys of the epoch and the step. With
    `fills`, a short batch is filled up to its full size by rows that count nothing. `replicas` are TensorFlow's; JAX
    parts batches by the distribution in force. `by_tape` asks for the training step that is written out.
    """
    if by_tape:
        from nnrun.training.programs.tape import TapeProgram

        return TapeProgram(model, augment=augment)
    how: dict[str, Any] = {"training": training, "augment": augment}
    if framework.backend() == "jax":
        from nnrun.training.programs.jax import JaxProgram
        from nnrun.training.programs.jax_steps import JaxStepProgram

        on_cpu = framework.jax().default_backend() == "cpu"
        steps = on_cpu and framework.convolves(model) and not model.run_eagerly
        return (JaxStepProgram if steps else JaxProgram)(model, fills=fills, **how)
    from nnrun.training.programs.tensorflow import TensorFlowProgram
    from nnrun.training.programs.tensorflow_replicas import TensorFlowReplicas

    if fills or replicas > 1:
        return TensorFlowReplicas(model, like, fills=fills, **how)
    return TensorFlowProgram(model, like, **how)
