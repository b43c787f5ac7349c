"""Errors of rows against the one from which on a row is an anomaly."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nnrun.report import style
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

TABLE = "anomalies.csv"
COLORS = {"train": style.TRAIN, "validation": style.VALIDATION, "test": style.INK, "anomalies": style.ALARM}
BINS = 40
WIDE = 10  # times: errors that differ more are drawn on a logarithmic scale


def anomalies(run: Run) -> Figure | None:
    """How far off the answers to the rows of each part are, with the threshold; of a series also when they are."""
    told, file = run.info.get("anomaly"), run.path / TABLE
    if told is None or not file.is_file():
        return None
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows:
        return None
    of_series = "last_row" in rows[0]
    figure, axes = style.panels(2 if of_series else 1, title=run.name, width=5.2 if of_series else 6.4)
    threshold = float(told["threshold"])
    part = "training" if told["part"] == "train" else told["part"]
    says = f"threshold {threshold:.4g}, by {told['rows']:,} {part} rows"
    _histogram(axes[0], _by_kind(rows), threshold, says, f"{told['error']} error")
    if of_series:
        _along(axes[1], rows, threshold)
    return figure


def _by_kind(rows: Sequence[Mapping[str, str]]) -> dict[str, list[float]]:
    """The errors of each part, those of known anomalies apart."""
    found: dict[str, list[float]] = {}
    for row in rows:
        kind = "anomalies" if row.get("truth") == "yes" else row["part"]
        found.setdefault(kind, []).append(float(row["error"]))
    return found


def _histogram(axes: Axes, kinds: Mapping[str, list[float]], threshold: float, says: str, error: str) -> None:
    every = [error for errors in kinds.values() for error in errors]
    bins = _bins(min(every), max(*every, threshold))
    for kind, errors in kinds.items():
        shares = [1 / len(errors)] * len(errors)
        how: dict[str, Any] = {"histtype": "step", "linewidth": 1.4}
        how |= {"histtype": "stepfilled", "alpha": 0.35} if kind == "train" else {}
        axes.hist(errors, bins=bins, weights=shares, color=COLORS[kind], label=f"{kind} ({len(errors):,})", **how)
    axes.axvline(threshold, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)), label="threshold")
    if _is_wide(bins[0], bins[-1]):
        axes.set_xscale("log")
        _plainly(axes.xaxis)
    axes.legend(fontsize=8, frameon=False)
    style.name(axes, title="Errors", says=says, x=error, y="share of the rows")


def _is_wide(low: float, high: float) -> bool:
    """Whether the errors are told better by how many times larger one is than another."""
    return low > 0 and high > WIDE * low


def _plainly(axis: Axis) -> None:
    """Ticks at 1, 2, 5, 10, ..., in plain numbers."""
    from matplotlib.ticker import FormatStrFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FormatStrFormatter("%g"))
    axis.set_minor_formatter(NullFormatter())


def _bins(low: float, high: float) -> list[float]:
    if _is_wide(low, high):
        return [low * (high / low) ** (number / BINS) for number in range(BINS + 1)]
    width = (high - low) / BINS or 1.0
    return [low + number * width for number in range(BINS + 1)]


def _along(axes: Axes, rows: Sequence[Mapping[str, str]], threshold: float) -> None:
    """The error of each window at its last row; where every window that holds a row is an anomaly, the row is one."""
    for part in dict.fromkeys(row["part"] for row in rows):
        places = sorted((int(row["last_row"]), float(row["error"])) for row in rows if row["part"] == part)
        x, y = [place for place, _ in places], [error for _, error in places]
        axes.scatter(x, y, color=COLORS[part], s=4, linewidths=0, label=part)
    axes.axhline(threshold, color=style.NEUTRAL, linewidth=1, linestyle=(0, (4, 3)))
    spans = _spans(rows)
    for first, last in spans:
        axes.axvspan(first - 0.5, last + 0.5, color=style.ALARM, alpha=0.15, linewidth=0)
    axes.legend(fontsize=8, frameon=False, markerscale=3)
    count = sum(last - first + 1 for first, last in spans)
    says = f"{count:,} rows lie in no other window than in anomalies: shaded"
    if _is_wide(*(pick(float(row["error"]) for row in rows) for pick in (min, max))):
        axes.set_yscale("log")
        _plainly(axes.yaxis)
    style.name(axes, title="Along the series", says=says, x="last row of the window", y="error")


def _spans(rows: Sequence[Mapping[str, str]]) -> list[tuple[int, int]]:
    """First and last of the rows that lie in windows which are all anomalies."""
    windows = [(int(row["first_row"]), int(row["last_row"]), row["anomaly"] == "yes") for row in rows]
    end = max(last for _, last, _ in windows) + 2
    there, normal = [0] * end, [0] * end
    for first, last, anomaly in windows:
        for counts in (there,) if anomaly else (there, normal):
            counts[first] += 1
            counts[last + 1] -= 1
    found: list[tuple[int, int]] = []
    held = passed = 0
    for row in range(end):
        held, passed = held + there[row], passed + normal[row]
        if held and not passed:
            if found and found[-1][1] == row - 1:
                found[-1] = found[-1][0], row
            else:
                found.append((row, row))
    return found
