"""What is said of traced steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from runfolders import write_rows, write_run

from nnrun.report.gradients import findings
from nnrun.runs.run import Run


@pytest.mark.parametrize(
    ("slopes", "moves", "expected"),
    [
        ((0.1, 0.1, 0.5), (0.001, 0.001, 0.001), []),
        ((0.004, 0.1, 0.5), (0.001, 0.001, 0.001), ["The gradients vanish towards the input"]),
        ((0.1, 0.1, 0.5), (0.3, 0.2, 0.001), ["The steps are very long"]),
        ((0.1, 0.1, 0.5), (0.9, 0.001, 0.001), []),  # of an embedding, which begins with small weights
        ((0.1, 0.1, 0.5), ("", 0.001, 0.001), []),  # of weights that were zero
    ],
)
def test_report_gradients_says_what_is_out_of_proportion(
    slopes: tuple[float, ...], moves: tuple[float, ...], expected: list[str], tmp_path: Path
) -> None:
    run = write_run(tmp_path / "a")
    rows = [
        (step, layer, 100 * slope if step == 3 else slope, move)  # one step of three says nothing of the others
        for step in (1, 2, 3)
        for layer, slope, move in zip(("first", "middle", "last"), slopes, moves, strict=True)
    ]
    write_rows(run.path / "trace.csv", ("step", "layer", "gradient_norm", "relative_update"), rows)
    found = findings(Run(run.path))
    assert [finding.what for finding in found] == expected
    evidence = {
        "The gradients vanish towards the input": "in the traced steps their norm is 0.004 in first, 0.5 in last",
        "The steps are very long": (
            "a traced step moves half of the layers by 0.2 of their weights or more; a thousandth is usual"
        ),
    }
    assert [finding.evidence for finding in found] == [evidence[what] for what in expected]


def test_report_gradients_says_nothing_of_a_run_without_a_trace(tmp_path: Path) -> None:
    assert findings(write_run(tmp_path / "a")) == []
