"""What a recipe is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from nnrun.config.spec import Spec

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Shape = tuple[int | None, ...] | None
Limits = tuple["Array", "Array"]  # the least and the largest number of the training rows, by channel

LATENT, LABEL = "latent", "label"  # the numbers that a row is made of; the class of the target, one-hot


class Batch(Protocol):
    """The rows of a step: the data's inputs by name, and draws, which are new ones at each call."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The data's inputs, and of classes `label`."""

    def normal(self, *shape: int) -> Any:
        """Numbers (rows, *shape) of the standard normal distribution."""

    def uniform(self, *shape: int) -> Any:
        """Numbers (rows, *shape) between 0 and 1."""


class Called(Protocol):
    """A network as a loss calls it; `gives_logits` where its output is a `sigmoid` or `softmax` away from chances."""

    @property
    def gives_logits(self) -> bool:
        """Whether it ends without an activation."""

    def __call__(self, given: Mapping[str, Any], training: bool) -> Any:
        """The output for what it is called on, by name; names that it does not take are passed over."""


Losses = Callable[[Mapping[str, Called], Batch, bool], dict[str, Any]]


@dataclass(frozen=True)
class Turn:
    """A part of a step, `times` a step: each network that `learns` names learns by the sum of its scalars.

    `losses` gives these and the scalars `logs`, of which only the mean is logged. It is called once for all networks of
    the turn, and the slopes of all are known before any of them is changed.
    """

    losses: Losses
    learns: Mapping[str, tuple[str, ...]]
    logs: tuple[str, ...] = ()
    times: int = 1

    @property
    def scalars(self) -> tuple[str, ...]:
        """The names of all that `losses` gives, each once."""
        learned = (name for names in self.learns.values() for name in names)
        return tuple(dict.fromkeys((*learned, *self.logs)))


@dataclass(frozen=True)
class Rows:
    """What is known of the data: the shapes of a row of its inputs, and how many classes its target has."""

    inputs: Mapping[str, Shape]
    num_classes: int | None = None

    @property
    def classes(self) -> Shape:
        """The shape of a class, one-hot."""
        return None if self.num_classes is None else (self.num_classes,)


class Trained(Protocol):
    """A network that makes rows: arrays by name in, an array out; `takes` are the names that it has."""

    @property
    def takes(self) -> tuple[str, ...]:
        """What it is called on."""

    def __call__(self, given: Mapping[str, Array]) -> Array:
        """The rows (count, ...), float32; names that it does not take are passed over."""


@dataclass(frozen=True)
class Making:
    """How rows are made of random numbers by the network that answers, as the data was prepared.

    `latent` is the shape of the normal random numbers of a row. `rows` is called with the network, with `latent` and of
    classes `label` by name, with the limits of the training rows, and with a generator for more draws. `sheets` is how
    many times in a run the same rows are made.
    """

    latent: Callable[[Rows], Shape]
    rows: Callable[[Trained, Mapping[str, Array], Limits, np.random.Generator], Array]
    sheets: int = 10


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
class Distillation:
    """How a network learns from a trained one: `teacher` as it is written, a mapping `run` or `file`, or a name."""

    teacher: Any
    temperature: float
    student_loss_weight: float
    logged: tuple[str, ...] = ("student_loss", "distillation_loss")


@dataclass(frozen=True)
class Recipe:
    """`roles` says which networks there are, on such rows; of `answers` the run's `model.keras` is made.

    With `labels` the classes of the target are an input, `label`, one-hot; `makes` are the names that the recipe itself
    gives its networks. `translates` names the networks that turn rows of one input into rows of another, with the two;
    `making` says how rows are made of random numbers. With `ema` the network that answers is saved and tested with the
    running means of its weights, which keep this share of themselves in each step. Without roles the network is
    `model:`; with `by_tape` its training step is the one that is written out, and the first `trace` steps are shown.
    """

    roles: Callable[[Rows], Mapping[str, Role]] = field(default=lambda rows: {})  # noqa: ARG005
    turns: tuple[Turn, ...] = ()
    answers: str = ""
    labels: bool = False
    makes: tuple[str, ...] = ()
    translates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    making: Making | None = None
    ema: float = 0.0
    by_tape: bool = False
    trace: int = 0
    distils: Distillation | None = None  # the network learns from a trained one too

    @property
    def logged(self) -> tuple[str, ...]:
        """The names of all scalars, in the order of the turns."""
        if self.distils is not None:
            return self.distils.logged
        return tuple(dict.fromkeys(name for turn in self.turns for name in turn.scalars))
