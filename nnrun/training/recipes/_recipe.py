"""What a recipe is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from nnrun.config.spec import Spec

Shape = tuple[int | None, ...] | None


class Batch(Protocol):
    """The rows of a step: the data's inputs by name, and draws, which are new ones at each call."""

    inputs: Mapping[str, Any]

    def normal(self, *shape: int) -> Any:
        """Numbers (rows, *shape) of the standard normal distribution."""

    def uniform(self, *shape: int) -> Any:
        """Numbers (rows, *shape) between 0 and 1."""


class Called(Protocol):
    """A network as a loss calls it; `gives_logits` where its output is a `sigmoid` or `softmax` away from chances."""

    gives_logits: bool

    def __call__(self, given: Mapping[str, Any], training: bool) -> Any:
        """The output for what it is called on, by name; names that it does not take are passed over."""


Losses = Callable[[Mapping[str, Called], Batch, bool], dict[str, Any]]


@dataclass(frozen=True)
class Turn:
    """A part of a step, `times` a step: the network `model` learns by the sum of the scalars `learns`.

    `losses` gives these and the scalars `logs`, of which only the mean is logged.
    """

    model: str
    losses: Losses
    learns: tuple[str, ...]
    logs: tuple[str, ...] = ()
    times: int = 1


@dataclass(frozen=True)
class Rows:
    """What is known of the data: the shapes of a row of its inputs, and how many classes its target has."""

    inputs: Mapping[str, Shape]
    num_classes: int | None = None


@dataclass(frozen=True)
class Role:
    """A network of the recipe: the shapes of what it is called on, by name, and of the row that it has to give.

    `why` it has to give that, in words; `loss` is what compares it, where one is written. `row_by_row`: its answer to a
    row may not depend on the others of the batch.
    """

    takes: Mapping[str, Shape]
    gives: Shape = None  # None: any
    why: str = ""
    loss: Spec | None = None
    row_by_row: bool = False


@dataclass(frozen=True)
class Recipe:
    """`roles` says which networks there are, on such rows; of `answers` the run's `model.keras` is made.

    With `labels` the classes of the target are an input, `label`, one-hot; `makes` are the names that the recipe itself
    gives its networks. Without roles the network is `model:`; with `by_tape` its training step is the one that is
    written out, and the first `trace` steps are shown.
    """

    roles: Callable[[Rows], Mapping[str, Role]] = field(default=lambda rows: {})  # noqa: ARG005
    turns: tuple[Turn, ...] = ()
    answers: str = ""
    labels: bool = False
    makes: tuple[str, ...] = ()
    by_tape: bool = False
    trace: int = 0

    @property
    def logged(self) -> tuple[str, ...]:
        """The names of all scalars, in the order of the turns."""
        return tuple(dict.fromkeys(name for turn in self.turns for name in (*turn.learns, *turn.logs)))
