"""The interval of a cross-validated mean."""

from __future__ import annotations

import math

import pytest

from nnrun.studies.statistics import corrected_interval


def test_statistics_corrected_interval_by_hand() -> None:
    """Five folds of 100 rows: 2.776 (t, 4 degrees of freedom) times the root of (1/5 + 20/80) 0.1²."""
    low, high = corrected_interval(0.9, 0.1, 5, 20 / 80)
    half = 2.7764451 * math.sqrt(0.45 * 0.01)
    assert [low, high] == pytest.approx([0.9 - half, 0.9 + half], abs=1e-7)


def test_statistics_corrected_interval_is_wider_than_the_naive_one() -> None:
    """Folds share training rows: without the share, 1/5 would stand for 9/20, the interval two thirds as wide."""
    naive, corrected = corrected_interval(0.0, 1.0, 5, 0.0), corrected_interval(0.0, 1.0, 5, 0.25)
    assert naive[1] / corrected[1] == pytest.approx(2 / 3)


def test_statistics_corrected_interval_level() -> None:
    """Two folds, 50 %: t with one degree of freedom is 1 there."""
    assert list(corrected_interval(1.0, 2.0, 2, 0.5, level=0.5)) == pytest.approx([-1.0, 3.0])


def test_statistics_corrected_interval_of_equal_folds_is_a_point() -> None:
    assert corrected_interval(0.5, 0.0, 10, 1 / 9) == (0.5, 0.5)
