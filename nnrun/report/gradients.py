"""What the traced steps of a training say, in words."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from nnrun.runs.run import Run

if TYPE_CHECKING:
    from nnrun.report.diagnosis import Finding

VANISHED = 0.01  # the first layer's gradients by the last one's
LONG = 0.1  # of its weights, which a step adds to a layer


def findings(run: Run) -> list[Finding]:
    """Gradients that vanish on their way back, steps that throw the weights about; none where nothing was traced."""
    from nnrun.report.diagnosis import Finding

    slopes, moves = _medians(run, "gradient_norm"), _medians(run, "relative_update")
    found = []
    names = list(slopes)
    if len(names) > 1 and slopes[names[0]] < VANISHED * slopes[names[-1]]:
        numbers = f"in the traced steps their norm is {slopes[names[0]]:.2g} in {names[0]}"
        found.append(
            Finding(
                "The gradients vanish towards the input",
                f"{numbers}, {slopes[names[-1]]:.2g} in {names[-1]}",
                "relu in place of sigmoid or tanh, batch normalisation, fewer layers, or ways around them (residual)",
            )
        )
    usual = median(moves.values()) if moves else 0.0  # of the layers: an embedding begins with next to nothing
    if usual > LONG:
        numbers = (
            f"a traced step moves half of the layers by {usual:.2g} of their weights or more; a thousandth is usual"
        )
        found.append(Finding("The steps are very long", numbers, "try a tenth of the learning rate"))
    return found


def _medians(run: Run, column: str) -> dict[str, float]:
    """Of each layer, in the order of the model, the median over the traced steps."""
    values: dict[str, list[float]] = {}
    for row in run.trace:
        if row.get("layer") and row.get(column):
            values.setdefault(row["layer"], []).append(float(row[column]))
    return {layer: median(own) for layer, own in values.items()}
