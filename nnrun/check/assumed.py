"""The inputs of a model whose data is not here, as far as its own steps tell them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nnrun.config.config import Model, Output, Sources, Step
from nnrun.model.graph import snake_case


def assumed_inputs(model: Model) -> tuple[str, ...]:
    """The names in `from` that no step has, or one that nobody named; empty where it cannot be told."""
    steps = [*model.layers, *(one.step for one in (*model.outputs, *model.losses) if one.step is not None)]
    own = {step.name for step in steps if step.name} | {"previous", "input"}
    automatic = {snake_case(step.spec.name.rpartition(".")[2]) for step in steps}
    read = (name for step in steps for name in _read(step))
    named = (name for output in (*model.outputs, *model.losses) for name in _of(output))
    found = dict.fromkeys(name for name in (*read, *named) if name not in own and _bare(name) not in automatic)
    first = model.layers[0] if model.layers else None
    if first is not None and first.sources is None and (first.each is None or first.each.sources is None):
        return tuple(found) if len(found) == 1 else () if found else ("input",)
    return tuple(found) or ("input",)


def _read(step: Step) -> Iterator[str]:
    for sources in (step.sources, step.each.sources if step.each is not None else None):
        yield from _names(sources)


def _names(sources: Sources | None) -> Iterator[str]:
    if sources is None:
        return
    for text in sources.names:
        first = str(text).partition(".")[0]
        if "$" not in first:
            yield first
    for inner in (sources.by_parameter or {}).values():
        yield from _names(inner)


def _of(output: Output) -> Iterator[str]:
    if output.of is not None:
        yield from _names(Sources((output.of,)))


def _bare(name: str) -> str:
    """A name without the number that an automatic one ends with."""
    return re.sub(r"_\d+$", "", name)
