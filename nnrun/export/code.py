"""Python as text: literals, calls and statements, laid out in lines of at most 100 columns."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH = 100
_PACKAGES = ("keras", "numpy", "pandas", "sklearn", "PIL")


@dataclass(frozen=True)
class Code:
    """An expression that is written already."""

    text: str


@dataclass(frozen=True)
class Call:
    """A call; what is called is a name, or a call that gives a layer."""

    function: str | Call
    places: tuple[Any, ...] = ()
    names: Mapping[str, Any] = field(default_factory=dict)


def call(function: str | Call, *places: Any, **names: Any) -> Call:
    """`call("Dense", 64, activation="relu")`."""
    return Call(function, places, names)


def assign(target: str, value: Any) -> list[str]:
    """The lines of `target = value`."""
    return f"{target} = {written(value, before=len(target) + 3)}".splitlines()


def written(value: Any, indent: int = 0, before: int = 0) -> str:
    """An expression behind so many columns: on one line where it fits, else an item on each line."""
    flat = _flat(value)
    if indent + before + len(flat) <= WIDTH or isinstance(value, Code | str | int | float | bool | None):
        return flat
    if isinstance(value, Call) and isinstance(value.function, Call):
        outer = _flat(Call("", value.places, value.names))
        inside = written(value.function, indent, before + len(outer))  # what stands behind it needs room too
        last = inside.rpartition("\n")[2]
        if "\n" in inside and len(last) + len(outer) <= WIDTH:
            return inside + outer
        first = _flat(value.function)
        if indent + before + len(first) >= WIDTH:
            return inside + written(Call("", value.places, value.names), indent, len(last))
    opening, closing, items = _parts(value)
    inner = indent + 4
    if len(items) == 1 and isinstance(items[0][1], list) and not items[0][0]:  # `Sequential([` opens both
        return opening + written(items[0][1], indent, WIDTH) + closing
    hugged = ", ".join(name + _flat(item) for name, item in items)
    if isinstance(value, Call) and inner + len(hugged) <= WIDTH:
        return "\n".join([opening, " " * inner + hugged, " " * indent + closing])
    if not isinstance(value, Call | Mapping) and all(isinstance(item, str | int | float) for _, item in items):
        lines = _filled([_flat(item) + "," for _, item in items], WIDTH - inner)
    else:
        lines = [f"{name}{written(item, inner, len(name) + 1)}," for name, item in items]  # 1 for the comma
    return "\n".join([opening, *(" " * inner + line for line in lines), " " * indent + closing])


def _filled(words: Sequence[str], width: int) -> list[str]:
    """As many on a line as fit."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _flat(value: Any) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Call | Mapping | list | tuple):
        opening, closing, items = _parts(value)
        alone = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return opening + ", ".join(name + _flat(item) for name, item in items) + alone + closing
    if isinstance(value, float) and value != value:
        return 'float("nan")'
    if isinstance(value, float) and abs(value) == float("inf"):
        return f'float("{value}")'
    return repr(value)


def _parts(value: Any) -> tuple[str, str, list[tuple[str, Any]]]:
    """What opens and closes it, and its items with what stands before each."""
    if isinstance(value, Call):
        called = _flat(value.function) if isinstance(value.function, Call) else value.function
        return (
            f"{called}(",
            ")",
            [("", item) for item in value.places] + [(f"{name}=", item) for name, item in value.names.items()],
        )
    if isinstance(value, Mapping):
        return "{", "}", [(f"{_flat(key)}: ", item) for key, item in value.items()]
    return ("[", "]", [("", item) for item in value]) if isinstance(value, list) else (
        "(", ")", [("", item) for item in value]
    )  # fmt: skip


class Script:
    """Statements in sections, the imports that they need, and the functions on which they call."""

    def __init__(self) -> None:
        self.imports: set[str] = set()
        self.functions: dict[str, str] = {}
        self.sections: list[tuple[str, list[str]]] = []

    def section(self, title: str) -> None:
        self.sections.append((title, []))

    def need(self, *imports: str) -> None:
        self.imports.update(imports)

    def function(self, name: str, source: str) -> None:
        """A function or class that is written above all sections, once."""
        self.functions.setdefault(name, source.strip())

    def say(self, *lines: str) -> None:
        """Lines as they are."""
        self.sections[-1][1].extend(lines)

    def set(self, target: str, value: Any) -> None:
        """An assignment."""
        self.say(*assign(target, value))

    def do(self, value: Any) -> None:
        """A call for its effect."""
        self.say(*written(value).splitlines())

    def text(self, opening: Sequence[str], first: Sequence[str], constants: Sequence[str]) -> str:
        """The whole script; `first` are lines before any import, `constants` those behind the last."""
        lines = [*opening, ""]
        if any(line.startswith("from __future__") for line in self.imports):
            lines += ["from __future__ import annotations", ""]
        lines += first
        lines += [*_sorted(self.imports), "", *constants]
        lines += [""] * bool(self.functions)
        for source in self.functions.values():
            lines += ["", source, ""]
        for title, body in self.sections:
            lines += ["", f"# {title}", *body]
        return "\n".join(line.rstrip() for line in lines).strip() + "\n"


def _sorted(imports: set[str]) -> Iterator[str]:
    """The standard library's first, then the packages; what comes of one module in one line."""
    found = {line for line in imports if not line.startswith(("from __future__", "from"))}
    modules: dict[str, set[str]] = {}
    for line in imports:
        if line.startswith("from") and not line.startswith("from __future__"):
            _, module, _, name = line.split(maxsplit=3)
            modules.setdefault(module, set()).add(name)
    found |= {f"from {module} import {', '.join(sorted(names))}" for module, names in modules.items()}
    packages = {line for line in found if line.split()[1].partition(".")[0] in _PACKAGES}
    plain = sorted(found - packages, key=_order)
    yield from plain
    if plain and packages:
        yield ""
    yield from sorted(packages, key=_order)


def _order(line: str) -> tuple[bool, str]:
    return line.startswith("from"), line
