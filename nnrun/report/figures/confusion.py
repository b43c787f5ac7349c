"""Which classes are taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.report import style
from nnrun.report.predicted import Predicted, class_names, class_number, predicted
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAXIMUM_CLASSES = 30
MAXIMUM_CLASSES_WITH_SHARES = 12
TASKS = frozenset({"binary", "multiclass"})


def confusion(run: Run) -> Figure | None:
    """The confusion matrix of held-out rows: counts, and the share of each true class (colour)."""
    outputs = [found for found in predicted(run, TASKS) if 2 <= len(class_names(found)) <= MAXIMUM_CLASSES]
    if not outputs:
        return None
    side = 3.2 + 0.42 * max(len(class_names(found)) for found in outputs)
    figure, axes = style.panels(len(outputs), width=side + 0.6, height=side)
    for panel, output in zip(axes, outputs, strict=True):
        title = f"{run.name}: {output.output}" if len(outputs) > 1 else run.name
        _matrix(panel, output, title)
    return figure


def _matrix(axes: Axes, output: Predicted, title: str) -> None:
    classes = class_names(output)
    counts = count(output, classes)
    shares = [[cell / max(sum(row), 1) for cell in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    with_shares = len(classes) <= MAXIMUM_CLASSES_WITH_SHARES
    size = 9 if with_shares else 7.5
    for row, cells in enumerate(counts):
        for column, cell in enumerate(cells):
            if cell:
                share = shares[row][column]
                text = f"{cell:,}\n{share:.0%}" if with_shares else f"{cell:,}"
                axes.text(column, row, text, ha="center", va="center", fontsize=size,
                          color="white" if share > 0.55 else style.INK)  # fmt: skip
    shown = [style.literal(_short(name)) for name in classes]
    axes.set_xticks(range(len(classes)), shown, rotation=45 if max(map(len, shown)) > 3 else 0,
                    ha="right" if max(map(len, shown)) > 3 else "center", rotation_mode="anchor")  # fmt: skip
    axes.set_yticks(range(len(classes)), shown)
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    right = sum(counts[number][number] for number in range(len(classes)))
    total = sum(map(sum, counts))
    above = "" if output.threshold is None else f", threshold {output.threshold:.3g}"
    style.name(
        axes,
        title=title,
        says=f"{right:,} of {total:,} right ({right / max(total, 1):.1%}), {output.part}{above}",
        x="predicted",
        y="true class; shares of its row",
    )


def count(output: Predicted, classes: tuple[str, ...]) -> list[list[int]]:
    """Rows by true class (first index) and predicted class; a row with neither is left out."""
    counts = [[0] * len(classes) for _ in classes]
    for target, prediction in zip(output.targets, output.predictions, strict=True):
        true, guess = class_number(target, classes), class_number(prediction, classes)
        if true is not None and guess is not None:
            counts[true][guess] += 1
    return counts


def _short(name: str) -> str:
    return name if len(name) <= 16 else name[:15] + "…"
