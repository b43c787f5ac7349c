"""`nnrun data CONFIG`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.cli.default import config_path

if TYPE_CHECKING:
    from nnrun.cli.console import Console
    from nnrun.survey.records import Survey

WIDE, NARROW = 24, 12  # letters of a cell
MOST = 40  # columns or classes that a table shows; --json has all of them


def data(
    config: o.ConfigArgument = None,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many training rows to show.")] = 3,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE.png", help="Draw pictures, or how the columns are distributed."),
    ] = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Look at the data of a config before training.

    Types, blanks, ranges, classes by part, duplicates, and columns that tell nothing or too much.

    Example: nnrun data configs/mixed_columns.yaml
    """
    from nnrun import experiment
    from nnrun.survey.sheet import draw
    from nnrun.survey.survey import survey

    console = o.console(quiet=quiet, as_json=as_json)
    path = config_path(config, runs, console)
    options = experiment.Options(data_root=data_root, allow_download=allow_download)
    checked = experiment.load(path, settings or [], options)
    dataset = experiment.read_data(checked, options)
    told = survey(checked, dataset, rows)
    console.json({"config": str(path), **told.to_data()})
    _show(told, console)
    if figure is not None:
        draw(checked, dataset, figure)
        console.result(str(figure))


def _show(told: Survey, console: Console) -> None:
    """Every table with a line above that says of which rows it is."""
    console.result(f"{told.rows:,} rows; split: {told.how}")
    numbers = [_numbers(one) for one in told.columns if not one.is_text]
    texts = [_texts(one) for one in told.columns if one.is_text]
    _table("columns of numbers; blanks are of all rows, all else is of the training rows", numbers, console)
    _table("columns of text; blanks are of all rows, all else is of the training rows", texts, console)
    _table("arrays; numbers are of training rows", [_array(one) for one in told.arrays], console)
    for target in told.targets:
        about = f"target {target.output}: {target.task} ({target.reason})"
        if target.numbers:
            about += ", " + ", ".join(f"{name} {_number(value)}" for name, value in target.numbers.items())
        _table(about, _classes(target.classes), console, always=True)
    _table("inputs of the model", [_input(one) for one in told.inputs], console)
    _table(
        "what a config may refer to",
        [{"name": f"$data.{name}", "value": value} for name, value in _facts(told.facts)],
        console,
    )
    _table("some training rows", _sample(told.sample), console)
    if told.findings or told.notes:
        console.result("")
    for text in (*told.findings, *told.notes):
        console.result(f"- {text}")


def _table(title: str, rows: list[dict[str, Any]], console: Console, *, always: bool = False) -> None:
    """A table with its title; nothing where it has no rows, unless the title is worth it."""
    if not rows and not always:
        return
    console.result(f"\n{title}")
    right = frozenset(name for row in rows for name, value in row.items() if name in _RIGHT or isinstance(value, int))
    console.table(rows[:MOST], right=right)
    if len(rows) > MOST:
        console.result(f"... and {len(rows) - MOST:,} more; --json has them all")


_RIGHT = ("min", "mean", "median", "max", "share")


def _numbers(one: Any) -> dict[str, Any]:
    ends = {"min": one.minimum, "mean": one.mean, "median": one.median, "max": one.maximum}
    return {
        "column": _cut(one.name, 20), "goes into": _cut(one.goes, 22), "blanks": one.blanks, "distinct": one.distinct,
        **{name: _number(value) for name, value in ends.items()},
    }  # fmt: skip


def _texts(one: Any) -> dict[str, Any]:
    known = max(1, sum(count for _, count in one.values))
    shares = [f"{_cut(text, 16)} {count:,}" for text, count in one.values]
    told = ""
    for number, share in enumerate(shares):
        longer = f"{told}, {share}" if told else share
        if number and len(longer) > 40:
            break
        told = longer
    return {
        "column": _cut(one.name, 20), "goes into": _cut(one.goes, 22), "blanks": one.blanks, "distinct": one.distinct,
        "most frequent": told if known else "",
    }  # fmt: skip


def _array(one: Any) -> dict[str, Any]:
    ends = {"min": one.minimum, "mean": one.mean, "max": one.maximum}
    return {
        "array": _cut(one.name, 20), "shape of a row": str(one.shape), "type": one.type, "goes into": one.goes,
        **{name: _number(value) for name, value in ends.items()},
    }  # fmt: skip


def _input(one: Any) -> dict[str, Any]:
    made = "; ".join(one.made_of) or "the array of its name"
    return {"input": _cut(one.name, 20), "shape of a row": str(one.shape), "type": one.type, "made of": _cut(made, 48)}


def _classes(classes: Any) -> list[dict[str, Any]]:
    total = max(1, sum(parts["train"] for parts in classes.values()))
    return [
        {"class": _cut(name), "share": f"{parts['train'] / total:.1%}", **{part: parts[part] for part in parts}}
        for name, parts in classes.items()
    ]


def _sample(sample: Any) -> list[dict[str, Any]]:
    """The rows as columns, as many as stand side by side."""
    shown = list(sample)[:5]
    names = list(next(iter(sample.values()), ()))
    return [{"column": _cut(name), **{row: _cell(sample[row][name]) for row in shown}} for name in names]


def _cell(value: Any) -> str:
    """A cell of the data; a blank is the one value that is not itself."""
    return "" if value is None or value != value else _cut(str(value), NARROW)


def _facts(facts: Any, path: str = "") -> list[tuple[str, Any]]:
    """Each fact by its path, as a config writes it; shapes stand in the table of inputs."""
    found = []
    for name, value in facts.items():
        if isinstance(value, dict):
            found += _facts(value, f"{path}{name}.")
        elif value is not None and name not in ("dtype", "shape"):
            found.append((f"{path}{name}", value))
    return found


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if not value.is_integer() or abs(value) >= 1e7:
        return f"{value:.4g}"
    return str(int(value)) if abs(value) < 1e4 else f"{int(value):,}"  # 2,010 would be a strange year


def _cut(text: str, most: int = WIDE) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
