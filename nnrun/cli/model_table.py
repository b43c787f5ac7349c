"""The tables of `nnrun show CONFIG`: what each step gives and costs, and the windows of what convolves."""

from __future__ import annotations

from typing import Any

from nnrun.cli.console import Console, shown
from nnrun.model import arithmetic
from nnrun.model.graph import blocks_of
from nnrun.model.overview import BYTES, Overview
from nnrun.model.shapes import shape_text

WIDTH = 100
_RIGHT = frozenset({"parameters", "fixed", "mult-adds", "memory", "kernel", "stride", "dilation", "sees"})
_SHORTENED = (
    ("from", 40),
    ("output shape", 26),
    ("layer", 20),
    ("step", 24),
    ("layer", 16),
    ("step", 16),
)  # too long a line


def show_model(told: Overview, console: Console) -> None:
    """Prints the tables and their sums; JSON holds every number, unshortened."""
    rows, calls = _rows(told), list[dict[str, Any]]()
    if _width(rows) > WIDTH:
        calls = [{name: row[name] for name in ("step", "from")} for row in rows if row.get("from")]
        rows = [{name: value for name, value in row.items() if name != "from"} for row in rows]
    console.table(_narrow(_nested(rows)), right=_RIGHT)
    for line in _sums(told):
        console.result(line)
    for table in (_narrow(calls), _narrow(_slides(told))):
        if table:
            console.result("")
            console.table(table, right=_RIGHT)


def _sums(told: Overview) -> list[str]:
    """The lines below the table."""
    lines = [f"parameters: {_total(told)}"]
    if told.fixed:
        lines.append(f"fixed: {told.fixed:,}")
    known = [row.multiply_adds for row in told.rows if row.multiply_adds is not None]
    open_rows = len(told.rows) - len(known)
    more = f", without {open_rows} step{'s' * (open_rows > 1)} that arithmetic does not know" if open_rows else ""
    lines.append(f"multiply-adds: {sum(known):,} for one row{more}")
    lines += _memory(told)
    built = [row.name for row in told.rows if row.is_built]
    if built:
        lines.append(f"* from the layers that Keras built: {', '.join(built)}")
    return lines


def _total(told: Overview) -> str:
    """The sum; where it is not known, that of the others, and how to know it."""
    if told.parameters is not None:
        return f"{told.parameters:,}"
    unknown = [row for row in told.rows if row.parameters is None]
    known = sum(row.parameters or 0 for row in told.rows)
    beyond = any(row.spec.slot == "applications" or not arithmetic.covers(row.layer) for row in unknown)
    how = "`--build` asks Keras" if beyond else "known once the data is read"
    others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
    return f"{known:,} without {_cut(unknown[0].name, 40)}{others}: {how}"


def data(told: Overview) -> dict[str, Any]:
    """Every number, for programs."""
    return {
        "inputs": {name: None if shape is None else list(shape) for name, shape in told.inputs.items()},
        "layers": [
            {
                "step": row.name,
                "layer": row.layer,
                "output shape": shape_text(row.shape),
                "parameters": row.parameters,
                "fixed": row.fixed,
                "multiply_adds": row.multiply_adds,
                "bytes": None if row.values is None else row.values * BYTES,
                "from": list(row.sources),
                "shared": row.shared or None,
                "built": row.is_built,
            }
            for row in told.rows
        ],
        "windows": [
            {
                "step": slide.step,
                "kernel": [window.kernel for window in slide.windows],
                "stride": [window.stride for window in slide.windows],
                "dilation": [window.dilation for window in slide.windows],
                "padding": slide.windows[0].padding,
                "sees": None if slide.field is None else str(slide.field),
            }
            for slide in told.slides
        ],
        "parameters": told.parameters,
        "fixed": told.fixed,
        "multiply_adds": told.multiply_adds,
        "batch_size": told.batch_size,
        "bytes": told.memory,
    }


def _rows(told: Overview) -> list[dict[str, Any]]:
    """A line for each input and step; a column that says the same everywhere is left out."""
    found: list[dict[str, Any]] = [
        {
            "step": name,
            "layer": "input",
            "output shape": shape_text(shape),
            "parameters": None,
            "fixed": None,
            "mult-adds": None,
            "memory": None,
            "from": None,
        }
        for name, shape in told.inputs.items()
    ]
    above = next(iter(told.inputs)) if len(told.inputs) == 1 else ""
    for row in told.rows:
        sources = ", ".join(row.sources)
        found.append(
            {
                "step": row.name,
                "layer": f"= {row.shared}" if row.shared else row.layer,
                "output shape": shape_text(row.shape) + "*" * row.is_built,
                "parameters": "?" if row.parameters is None else row.parameters,
                "fixed": row.fixed or None,
                "mult-adds": "?" if row.multiply_adds is None else row.multiply_adds or None,
                "memory": "?" if row.values is None else size_text(row.values * BYTES),
                "from": None if sources == above else sources,
            }
        )
        above = row.name
    left_out = {name for name in ("from", "fixed") if all(row[name] is None for row in found)}
    return [{name: value for name, value in row.items() if name not in left_out} for row in found]


def _nested(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with a line for each block, below which its steps stand under their own names."""
    found: list[dict[str, Any]] = []
    open_blocks: tuple[str, ...] = ()
    for row in rows:
        blocks = blocks_of(row["step"])
        for depth, path in enumerate(blocks):
            if open_blocks[: depth + 1] != blocks[: depth + 1]:
                outer = blocks[depth - 1] if depth else ""
                name = "  " * depth + path[len(outer) :].removeprefix(".")
                found.append({**dict.fromkeys(row, " "), "step": name})
                open_blocks = blocks[: depth + 1]
        open_blocks = blocks
        name = row["step"][len(blocks[-1]) + 1 :] if blocks else row["step"]
        found.append({**row, "step": "  " * len(blocks) + name})
    return found


def _slides(told: Overview) -> list[dict[str, Any]]:
    """A line for each window; `sees` is its receptive field, in places of the input."""
    found = [
        {
            "step": slide.step,
            "kernel": _joined([window.kernel for window in slide.windows]),
            "stride": _joined([window.stride for window in slide.windows]),
            "dilation": _joined([window.dilation for window in slide.windows]),
            "padding": slide.windows[0].padding,
            "output shape": shape_text(slide.after),
            "sees": "?" if slide.field is None else str(slide.field),
        }
        for slide in told.slides
    ]
    if all(row["dilation"] == "1" for row in found):
        found = [{name: value for name, value in row.items() if name != "dilation"} for row in found]
    return found


def _memory(told: Overview) -> list[str]:
    """What training holds: the sum, and its parts."""
    names = {
        "activations": f"{told.batch_size} rows of activations",
        "parameters": "parameters",
        "gradients": "gradients",
        "optimizer": told.optimizer,
    }
    sizes = told.memory
    listed = ", ".join(f"{names[part]} {'?' if size is None else size_text(size)}" for part, size in sizes.items())
    whole = arithmetic.total(*sizes.values())
    return [f"memory of a training step: {'?' if whole is None else size_text(whole)}", f"  {listed}"]


def _width(rows: list[dict[str, Any]]) -> int:
    """How long the lines of a table are."""
    return sum(_widths(rows).values()) + 2 * (len(rows[0]) - 1) if rows else 0


def _widths(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {name: max(len(name), *(len(shown(row[name])) for row in rows)) for name in rows[0]}


def _narrow(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with long texts cut in the middle, so that a line fits."""
    for column, least in _SHORTENED:
        over = _width(rows) - WIDTH
        if over > 0 and column in rows[0]:
            room = max(least, _widths(rows)[column] - over)
            rows = [{**row, column: _cut(row[column], room)} for row in rows]
    return rows


def _cut(value: Any, room: int) -> Any:
    if not isinstance(value, str) or len(value) <= room:
        return value
    return f"{value[: (room - 1) // 2]}…{value[len(value) - room // 2 :]}"


def _joined(sizes: list[int | None]) -> str:
    texts = ["?" if size is None else str(size) for size in sizes]
    return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


def size_text(count: int) -> str:
    """Bytes as a person reads them."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:,.3g} TB"
