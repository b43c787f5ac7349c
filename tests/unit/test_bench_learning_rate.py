from __future__ import annotations

import math
from pathlib import Path

import pytest

from nnrun.bench.learning_rate import HIGHEST, LOWEST, found
from nnrun.errors import RunError
from nnrun.report.rate_search import draw_rate_search

STEPS = 100


def losses() -> list[float]:
    """Flat, then falling to step 70, then lost."""
    return [2.0 if step < 40 else 2.0 - 0.05 * (step - 40) if step <= 70 else 2.0 ** (step - 68) for step in range(90)]


def test_learning_rate_is_a_tenth_of_where_the_loss_is_lowest() -> None:
    search = found(losses(), STEPS, "Adam")
    assert 70 <= search.lowest <= 72
    assert search.suggestion == pytest.approx(search.rates[search.lowest] / 10, rel=0.05)
    assert 40 < search.steepest < search.lowest
    assert search.yaml == f"compile: {{optimizer: {{Adam: {{learning_rate: {search.suggestion:g}}}}}}}"


def test_learning_rate_rises_geometrically_and_ends_where_the_loss_is_lost() -> None:
    search = found(losses(), STEPS, "Adam")
    assert search.rates[0] == LOWEST
    assert search.rates[50] == pytest.approx(math.sqrt(LOWEST * HIGHEST))
    assert len(search.rates) == len(search.losses) < 90


def test_learning_rate_of_a_loss_that_never_falls_is_an_error() -> None:
    with pytest.raises(RunError, match="the loss never fell"):
        found([1.0 + step for step in range(50)], STEPS, "Adam")


def test_learning_rate_is_drawn(tmp_path: Path) -> None:
    search = found(losses(), STEPS, "Adam")
    path = tmp_path / "rate.png"
    draw_rate_search(path, search.rates, search.losses, lowest=search.lowest, suggestion=search.suggestion)
    assert path.read_bytes().startswith(b"\x89PNG")
