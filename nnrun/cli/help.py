"""`nnrun help NAME`."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.cli.console import Console

_WIDEST = 100  # letters; longer lines are hard to read
_NAMES = 32  # letters of the column of names


def help(  # noqa: A001 - a command is named like its function
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Any name of Keras or nnrun, or a word of a config.")
    ] = None,
    figure: Annotated[
        Path | None, typer.Option("--figure", metavar="FILE.png", help="Draw it: a function, a loss, an optimizer.")
    ] = None,
    as_json: o.Json = False,
) -> None:
    """Explain a name: what it does, what it takes, and an example that `nnrun check` accepts.

    Example: nnrun help Conv2D
    """
    from nnrun.guide import topics

    console = o.console(as_json=as_json)
    if name is None:
        _overview(console)
        return
    names = topics.names(name) if name in topics.families() else ()
    found = topics.topics(name, or_none=bool(names))
    drawn = None
    if figure is not None:
        from nnrun.guide import pictures

        drawn = pictures.draw(found, figure)
    told = [_explained(topic) for topic in found]
    console.json({"asked": name, "names": list(names), "topics": told, "figure": drawn and str(drawn)})
    pages = [_listing(name, names)] if names else []
    console.result("\n\n".join([*pages, *("\n".join(_page(one)) for one in told)]))
    if drawn is not None:
        console.result(f"\n{drawn}")


def _explained(topic: Any) -> dict[str, Any]:
    from nnrun.guide.explanation import explained

    return explained(topic)


def _overview(console: Console) -> None:
    """What can be asked."""
    from nnrun.guide import topics

    rows = [
        {"ask for": family, "names": len(topics.names(family)), "such as": ", ".join(topics.usual(family))}
        for family in topics.families()
        if topics.names(family)
    ]
    console.json(rows)
    console.result("nnrun help NAME explains a name, and nnrun help FAMILY lists the names of a family:\n")
    console.table(rows, right=frozenset({"names"}))
    console.result(
        "\nA part is asked for with a dot: nnrun help Conv2D.padding, nnrun help fit.keep."
        "\nnnrun help relu --figure relu.png draws a function, a loss, a schedule or an optimizer."
    )


def _listing(family: str, names: Sequence[str]) -> str:
    """All names of a family, in columns."""
    widest = max(map(len, names)) + 2
    columns = max(1, _width() // widest)
    height = -(-len(names) // columns)
    lines = ["".join(name.ljust(widest) for name in names[row::height]).rstrip() for row in range(height)]
    return "\n".join([f"{family}: {len(names)} names; `nnrun help {names[0]}` explains one", "", *lines])


def _page(told: Mapping[str, Any]) -> Iterator[str]:
    """One topic as lines."""
    also = f" (also {', '.join(told['also'])})" if told.get("also") else ""
    yield from _wrapped(f"{told['name']}{also}: {told['title']}")
    for paragraph in told.get("text", ()):
        yield ""
        yield from _wrapped(paragraph, "  ")
    if told.get("refused"):
        yield ""
        yield from _wrapped(f"A config may not name it: {told['refused']}.", "  ")
    if "parameter" in told:
        yield ""
        yield from _parameter(told["parameter"])
        return
    if told.get("parameters"):
        yield from ("", f"Parameters, * is required{_first(told)}")
        for parameter in told["parameters"]:
            yield from _parameter(parameter)
    for name, why in told.get("withheld", {}).items():
        yield from _wrapped(f"Not from a config: {name} ({why})")
    if told.get("words"):
        yield from ("", *_wrapped(f"Beside them in a step: name, {', '.join(told['words'])} (`nnrun help from`)"))
    if told.get("tensors"):
        yield from _wrapped(f"Tensors, which come with `from`: {', '.join(told['tensors'])}")
    if told.get("place"):
        yield from ("", *_wrapped(f"Stands in: {told['place']}"))
    if told.get("arithmetic"):
        yield from ("", "Arithmetic of the example")
        for line in told["arithmetic"]:
            yield f"  {line['what']:<20}{line['text']}"
            yield from _wrapped(line["note"], " " * 22) if line.get("note") else ()
    if told.get("example"):
        yield from ("", "Example, a whole config", *(f"  {line}" for line in told["example"].splitlines()))


def _first(told: Mapping[str, Any]) -> str:
    """What `Name: value` sets, where nothing else is required beside it."""
    first = told.get("first_parameter")
    others = [item["name"] for item in told["parameters"] if item["required"] and item["name"] != first]
    if not first:
        return ""
    return f"; the first is {first}" if others else f"; `{told['name']}: VALUE` sets {first}"


def _parameter(told: Mapping[str, Any]) -> Iterator[str]:
    """A parameter: its name and default on the left, what it is for on the right."""
    name = f"{told['name']} *" if told["required"] else f"{told['name']}: {told['written']}"
    kind = f" ({told['kind']})" if told["kind"] else ""
    text = (told["text"] + kind).strip() or "-"
    left = f"  {name}"
    if len(left) > _NAMES:
        yield left
        left = ""
    for number, line in enumerate(textwrap.wrap(text, max(_width() - _NAMES, 30))):
        yield f"{left if number == 0 else '':<{_NAMES}}{line}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _width(), initial_indent=indent, subsequent_indent=indent or "  ")


def _width() -> int:
    return min(shutil.get_terminal_size().columns, _WIDEST)
