"""What a task decides where the config does not: the textbook's head, loss and metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nnrun.config.spec import Spec


@dataclass(frozen=True)
class Task:
    """The rules of one output.

    `units` and `activation` make the head; `kind` is what the target is read as (classes or numbers); `floor` names
    the trivial answer that a model has to beat. `places` says that the output is a place for each row, and no choice
    among the classes. `everywhere` says that there is a choice at every pixel or step, so that a target is an array.
    """

    name: str
    units: int | None
    activation: str
    loss: Spec
    metrics: tuple[Spec, ...]
    kind: Literal["number", "classes"]
    floor: str
    places: bool = False
    everywhere: bool = False

    def head(self) -> Spec:
        """The layer that the task adds where `outputs` is not written."""
        return Spec(
            "Dense",
            {"units": self.units, "activation": Spec(self.activation, {}, slot="activations")},
            slot="layers",
        )


def loss(name: str, **arguments: Any) -> Spec:
    """A loss as a config would name it; arguments that are false are left at Keras' default."""
    return Spec(name, {key: value for key, value in arguments.items() if value}, slot="losses")


def metric(name: str, arguments: Mapping[str, Any] | None = None) -> Spec:
    """A metric as a config would name it."""
    return Spec(name, arguments or {}, slot="metrics")


@dataclass(frozen=True)
class Facts:
    """What a task needs to know of its target and of its output layer."""

    num_classes: int | None = None
    width: int | None = 1
    one_hot: bool = False
    from_logits: bool = False
