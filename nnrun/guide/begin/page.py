"""The lines of a first config: sections with comments that say what was seen, and why it is written so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.guide.example import flow

WIDTH = 100
SMALL, MIDDLE = 500, 10_000  # rows: what fits into fewer weights, and into smaller batches


def commented(line: str, comment: str = "") -> str:
    """A line with a comment behind it."""
    return f"{line:<46}  # {comment}" if comment else line


def wrapped(key: str, items: Sequence[Any], indent: int) -> list[str]:
    """`- normalize: [a, b, c]`, over several lines where it is long."""
    lines, line = [], f"{' ' * indent}- {key}: ["
    for number, item in enumerate(items):
        text = flow(item) + ("]" if number == len(items) - 1 else ", ")
        if len(line) + len(text) > WIDTH:
            lines.append(line.rstrip())
            line = " " * (indent + 4)
        line += text
    return [*lines, line]


def split(rows: int, parts: Sequence[str] = ()) -> list[str]:
    """How the rows are parted, for what the data does not bring itself."""
    shares = {part: 0.15 for part in ("validation", "test") if part not in parts}
    comment = "without these rows nothing is learned; the test part is scored once"
    if rows < SMALL:
        comment = f"{rows} rows are few: `nnrun cv` scores every one of them"
    return [f"  split: {flow(shares)}  # {comment}"] if shares else []


def training(rows: int, *, imbalance: str = "", metrics: Sequence[Any] = ()) -> list[str]:
    """`compile` and `fit` for so many rows."""
    epochs = 100 if rows < MIDDLE else 30
    batch = 32 if rows < MIDDLE else 128
    lines = ["compile:", commented("  optimizer: {Adam: 1e-3}", "`nnrun help Adam`")]
    if metrics:
        lines.append(f"  metrics: {flow(list(metrics))}")
    lines += ["fit:", f"  epochs: {epochs}", f"  batch_size: {batch}"]
    if imbalance:
        lines.append(commented("  # class_weight: balanced", imbalance))
    patience: Mapping[str, Any] = {"patience": 10, "restore_best_weights": True}
    return [
        *lines,
        "  callbacks:",
        f"    - EarlyStopping: {flow(patience)}  # ends when the validation loss no longer falls",
    ]


def hidden(rows: int) -> list[str]:
    """Two dense layers, smaller where there are few rows."""
    units = 32 if rows < SMALL else 64
    lines = [f"    - Dense: {{units: {units}, activation: relu}}"] * 2
    return [*lines, commented("    - Dropout: 0.2", "more of it where validation is much worse than training")]


def counts(classes: Mapping[str, int], most: int = 6) -> str:
    """`yes 120, no 80`."""
    shown = [f"{name} {count:,}" for name, count in list(classes.items())[:most]]
    return ", ".join(shown) + (f" and {len(classes) - most} more" if len(classes) > most else "")


def imbalance(classes: Mapping[str, int]) -> str:
    """What to say of classes of which one is rare; empty where none is."""
    if not classes or min(classes.values()) * 4 > max(classes.values()):
        return ""
    rare = min(classes, key=lambda name: classes[name])
    return f"{rare} is rare; this lets all classes count alike"


def rare(classes: Mapping[str, int]) -> tuple[str, ...]:
    """What a person has to know of classes with too few rows for every part."""
    few = [name for name, count in classes.items() if count < 3]
    if not few:
        return ()
    return (
        f"too few rows for a part each: {counts({name: classes[name] for name in few})}; take them out if it stops",
    )
