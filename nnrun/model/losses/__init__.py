"""nnrun's own losses, one file each, and what the rest of nnrun asks of any loss.

A file `quantile.py` has the function `Quantile`, which gives the loss, and may have beside it, of the same arguments:
`problem` (what is wrong with them), `units` (numbers of the output for one of the target) and `trivial` (the best
answer without a look at the inputs); and the constants `TASK` (what the target is read for), `ESTIMATES` (False where
the output is no estimate of the target), `WHOLE_BATCH` (True where a row's loss depends on others of its batch) and
`VIEWS` (True where both tensors have one shape: two views of the same rows, one of which may stand for the target).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.errors import Problem

if TYPE_CHECKING:
    import numpy as np

_OF_NUMBERS = frozenset(
    {
        "MeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "Huber",
        "LogCosh",
    }
)
_OF_PLACES = frozenset({"Circle"})  # Keras' own whose output is a place for each row
_OF_SIZES = frozenset({"Circle", "CTC", "crossentropy"})  # that a graph, whose batch has no size yet, cannot hold
_OF_BATCHES = frozenset({"Circle", "Dice", "Tversky"})  # Keras' own that look at a whole batch


def parts(loss: Spec) -> tuple[Spec, ...]:
    """The losses that one is made of (`Sum`, `Masked`); itself where it holds no other."""
    inner = [item for value in loss.arguments.values() for item in (value if isinstance(value, list) else [value])]
    found = [part for item in inner if isinstance(item, Spec) and item.slot == "losses" for part in parts(item)]
    return tuple(found) or (loss,)


def task(loss: Spec) -> str | None:
    """What the target is read for where a loss tells it; None where it takes classes and numbers alike."""
    for part in parts(loss):
        told = "regression" if part.name in _OF_NUMBERS else _told(part, "TASK")
        told = "embedding" if part.name in _OF_PLACES else told
        if told is not None:
            return str(told)
    return None


def all_parts(loss: Spec) -> tuple[Spec, ...]:
    """A loss and every loss inside it, those that hold others too."""
    held = [item for value in loss.arguments.values() for item in (value if isinstance(value, list) else [value])]
    inner = [item for item in held if isinstance(item, Spec) and item.slot == "losses"]
    return (loss, *(part for item in inner for part in all_parts(item)))


def is_of_batches(loss: Spec) -> bool:
    """Whether a row's loss depends on the other rows of its batch, or may do so."""
    return any(compares_rows(part) or is_own(part) for part in all_parts(loss))


def compares_rows(loss: Spec) -> bool:
    """Whether a row's loss is known to depend on the other rows of its batch, whatever losses it holds."""
    if loss.name in _OF_BATCHES:
        axis = loss.arguments.get("axis")  # Dice and Tversky along the axes of a row are losses of rows
        axes = axis if isinstance(axis, list) else [axis]
        return loss.name == "Circle" or not all(isinstance(item, int) and item > 0 for item in axes)
    return loss.arguments.get("ignore_class") is not None or bool(_told(loss, "WHOLE_BATCH"))


def compares_views(loss: Spec) -> bool:
    """Whether a loss is of two tensors of one shape, such as two views of the same rows."""
    return bool(_told(loss, "VIEWS"))


def stands_in_a_graph(loss: Spec) -> bool:
    """Whether a loss can be a step: all but those of Keras that ask how many rows there are."""
    return not any(part.name in _OF_SIZES for part in all_parts(loss))


def is_own(loss: Spec) -> bool:
    """Whether a loss comes from a file of the person's own, so that nothing is known of it."""
    component = catalogue.find("losses", loss.name)
    return component is not None and bool(component.own_file)


def units(loss: Spec | None) -> int | None:
    """How many numbers the output gives for one of the target; None where it is as many."""
    return None if loss is None else _asked(parts(loss)[0], "units")


def estimates(loss: Spec | None) -> bool:
    """Whether the output is an estimate of the target, so that metrics that compare them make sense."""
    if loss is None:
        return True
    return not aligns(loss) and units(loss) is None and _told(parts(loss)[0], "ESTIMATES") is not False


def aligns(loss: Spec) -> bool:
    """Whether the loss itself finds which entry of the target each step of the output belongs to."""
    return parts(loss)[0].name == "CTC"


def usual_metrics(loss: Spec | None, metrics: tuple[Spec, ...], kind: str) -> tuple[Spec, ...]:
    """The metrics of a task on a target of a kind: none where the output is no estimate, accuracy of class numbers."""
    if loss is not None and kind == "number" and reads_class_numbers(loss):
        return (Spec("accuracy", slot="metrics"),)
    return metrics if estimates(loss) else ()


def reads_class_numbers(loss: Spec) -> bool:
    """Whether the target is a class number for every probability distribution of the output."""
    return parts(loss)[0].name.startswith("Sparse")


def trivial(loss: Spec, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any] | None:
    """The best answer to targets without a look at the inputs; None where a loss has no rule for it."""
    found: np.ndarray[Any, Any] | None = _asked(parts(loss)[0], "trivial", values)
    return found


def problems(loss: Spec) -> list[Problem]:
    """What is wrong with the arguments of a loss of ours, and of those that it holds."""
    told = _asked(loss, "problem")
    found = [Problem(f"{loss.name}: {told}", loss.where)] if told else []
    return found + [problem for part in parts(loss) if part is not loss for problem in problems(part)]


def _module(loss: Spec) -> Any:
    component = catalogue.own_find("losses", loss.name)
    return import_module(component.module) if component else None


def _told(loss: Spec, name: str) -> Any:
    return getattr(_module(loss), name, None)


def _asked(loss: Spec, name: str, *given: Any) -> Any:
    """What a function of the loss' file answers; None where there is none, or an argument is unknown yet."""
    function = _told(loss, name)
    known = all(isinstance(value, str | int | float | list | Spec) for value in loss.arguments.values())
    component = catalogue.own_find("losses", loss.name)
    missing = component and [one for one in component.parameters if one.required and one.name not in loss.arguments]
    return function(*given, **loss.arguments) if function and known and not missing else None
