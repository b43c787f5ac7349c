"""Examples as a person would write them: plain data as YAML, short things on one line, steps one below another."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nnrun.config.loader import load_text, scalar

Config = Mapping[str, Any]
Steps = list[Any]

WIDTH = 88
_PLAIN = re.compile(r"[\w./$+-][\w./$()*<>+ -]*")
_OPEN = frozenset({"model", "layers", "callbacks"})  # what reads better below than beside


def iris(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on a table of numbers with three classes."""
    return _config({"source": {"sklearn": "iris"}}, steps, sections)


def diabetes(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on a table of numbers whose target is a number."""
    return _config({"source": {"sklearn": "diabetes"}}, steps, sections)


def cancer(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on a table of numbers with two classes."""
    return _config({"source": {"sklearn": "breast_cancer"}}, steps, sections)


def digits(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on grey pictures of 8 x 8 with ten classes."""
    return _config({"source": {"sklearn": "digits"}}, steps, sections)


def houses(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on a table of one's own."""
    return _config({"source": {"csv": "houses.csv"}, "target": "price"}, steps, sections)


def masks(*steps: Any, **sections: Any) -> dict[str, Any]:
    """A config on pictures of one's own, with a class for each pixel."""
    return _config({"source": {"npz": "masks.npz"}, "target": "mask"}, steps, sections)


@cache
def by_hand(family: str) -> Mapping[str, Config]:
    """The examples that no rule makes: the page of a family in the folder `examples`."""
    page = Path(__file__).with_name("examples") / f"{family}.yaml"
    if not page.is_file():
        return {}
    groups = load_text(page.read_bytes(), page.name).data
    return {name: _written(source, body) for source, bodies in groups.items() for name, body in bodies.items()}


def _written(source: str, body: Any) -> dict[str, Any]:
    sections = {"model": {"layers": body}} if isinstance(body, list) else body
    return _config({"source": {"sklearn": source}}, (), sections)


def step(name: str, arguments: Mapping[str, Any], first: str = "") -> Any:
    """`Name`, `Name: value` where nothing but the `first` parameter is given, or `Name: {arguments}`."""
    if not arguments:
        return name
    value = arguments.get(first)
    if list(arguments) == [first] and not isinstance(value, Mapping):
        return {name: value}
    return {name: dict(arguments)}


def written(config: Config) -> str:
    """The YAML text of an example."""
    return "\n".join(_lines(config, 0)) + "\n"


def flow(value: Any) -> str:
    """A value in one line of YAML; a text stands in quotes only where it would be something else without."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(scalar(value), str) and value == value.strip()
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return re.sub(r"e-0?", "e-", f"{value:.12g}") if value and abs(value) < 1e-3 else repr(value)
    return json.dumps(value)


def _config(data: Mapping[str, Any], steps: tuple[Any, ...], sections: Mapping[str, Any]) -> dict[str, Any]:
    """Data, model and what else; `data` and `model` of the sections are put into those of the rule."""
    others = {key: value for key, value in sections.items() if key not in ("data", "model")}
    layers = list(steps) or [{"Dense": {"units": 16, "activation": "relu"}}]
    model = {"layers": layers} | sections.get("model", {})
    return {"data": {**data, **sections.get("data", {})}, "model": model, **others}


def _lines(value: Any, indent: int) -> list[str]:
    blanks = " " * indent
    if isinstance(value, Mapping) and value:
        lines = []
        for name, inner in value.items():
            one = f"{blanks}{name}: {flow(inner)}"
            if isinstance(inner, Mapping | list) and inner and (name in _OPEN or len(one) > WIDTH):
                lines += [f"{blanks}{name}:", *_lines(inner, indent + 2)]
            else:
                lines.append(one)
        return lines
    if isinstance(value, list):
        return [line for item in value for line in _item(item, indent)]
    return [blanks + flow(value)]


def _item(item: Any, indent: int) -> list[str]:
    if isinstance(item, Mapping) and len(item) == 1:
        [(name, inner)] = item.items()
        return [f"{' ' * indent}- {name}: {flow(inner)}"]
    return [f"{' ' * indent}- {flow(item)}"]
