"""How many units an output has, against what it learns: its classes, or its columns."""

from __future__ import annotations

from nnrun.errors import ConfigError, Problem
from nnrun.model.losses import parts
from nnrun.model.losses import units as units_of
from nnrun.training.answers import Answer


def require(name: str, shape: tuple[int | None, ...], answer: Answer) -> None:
    """Raises ConfigError where an output of rows of this shape cannot answer."""
    units = shape[-1] if len(shape) == 1 or answer.task.everywhere else None
    if units is None:
        return
    where = answer.spec.where if answer.spec.where.file else None
    classes = answer.target.num_classes
    if answer.task.kind == "number":
        if answer.width not in (None, units):
            several = units_of(answer.loss)
            told = f"{several} quantiles" if several else f"{answer.width} target columns"
            raise ConfigError([Problem(f"the output {name!r} has {_units(units)} for {told}", where)])
        return
    if answer.task.places:
        return
    loss = parts(answer.loss)[0].name
    sparse = "Sparse" in loss
    wanted = classes if answer.spec.one_hot or sparse else 1 if loss.startswith("Binary") else None
    if wanted is not None and (units < wanted if sparse else units != wanted):
        hint = "leave `outputs` out, and the task adds the right head"
        what = f"the output {name!r} has {_units(units)} for {classes} classes"
        raise ConfigError([Problem(what, where, f"{_units(wanted)} with the loss {answer.loss.name}", hint)])


def _units(count: int) -> str:
    return "1 unit" if count == 1 else f"{count} units"
