"""The blocks that nnrun ships, as components: parameters from their YAML, the text from the comment above each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nnrun.catalogue import Component, Parameter
from nnrun.config import library


@cache
def blocks() -> Mapping[str, Component]:
    """Every shipped block by its name, sorted."""
    return MappingProxyType({name: _component(name) for name in sorted(library.names())})


def _component(name: str) -> Component:
    written: Any = library.document(name).data["blocks"][name]
    whole: Mapping[str, Any] = written if isinstance(written, Mapping) else {}
    parameters = [_parameter(item) for item in whole.get("parameters", [])]
    inputs = [Parameter(item, required=True, kind="tensor") for item in whole.get("inputs", ["input"])]
    return Component(name, "blocks", "", tuple(parameters), call=tuple(inputs), doc=_comment(name))


def _parameter(item: Any) -> Parameter:
    """`filters`, which is required, or `kernel_size: 3`."""
    if isinstance(item, Mapping):
        [(name, default)] = item.items()
        return Parameter(str(name), required=False, default=default)
    return Parameter(str(item), required=True)


def _comment(name: str) -> str:
    """The lines of comment that stand above a block."""
    document = library.document(name)
    above: list[str] = []
    for line in reversed(library.text(Path(document.file).stem).decode().splitlines()[: _line(name) - 1]):
        if not line.strip().startswith("#"):
            break
        above.insert(0, line.strip().removeprefix("#").strip())
    return " ".join(above)


def _line(name: str) -> int:
    return library.document(name).key(("blocks", name)).line
