"""Metrics that examples of the gallery compute: by numbers that can be done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nnrun.model.metrics.entity_score import EntityScore
from nnrun.model.metrics.mutual_gini import MutualGini
from nnrun.model.metrics.perplexity import Perplexity

TAGS = ["[PAD]", "O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def shares(*numbers: int) -> np.ndarray:
    return np.eye(len(TAGS))[list(numbers)]


def test_mutual_gini_is_the_distance_of_two_areas() -> None:
    truth, output = np.array([[3.0, 1.0], [0.0, 0.0]]), np.ones((2, 2))
    # Shares of the truth: 3/4, 1, 1, 1; trapezes 7/8, 1, 1 over a third each. Of the output: 1/4, 1/2, 3/4, 1.
    assert MutualGini().of(truth, output) == pytest.approx((7 / 8 + 2) / 3 - (3 / 8 + 5 / 8 + 7 / 8) / 3)
    assert MutualGini().of(truth, truth) == 0


def test_entity_is_found_only_whole_and_with_its_kind() -> None:
    truth = np.array([2, 3, 1, 4, 1, 4, 5])  # a person of two words, a place of one, a place of two
    output = shares(2, 3, 1, 2, 1, 4, 1)  # the person; the place is a person; the last place is cut short
    assert EntityScore(TAGS, "precision").of(truth, output) == pytest.approx(1 / 3)
    assert EntityScore(TAGS, "recall").of(truth, output) == pytest.approx(1 / 3)
    assert EntityScore(TAGS).of(truth, shares(2, 3, 1, 1, 1, 1, 1)) == pytest.approx(2 * 1 * (1 / 3) / (1 + 1 / 3))
    assert EntityScore(TAGS, "accuracy").of(truth, output) == pytest.approx(5 / 7)


def test_entity_begins_where_an_i_follows_another_kind() -> None:
    assert EntityScore(TAGS).of(np.array([2, 5]), shares(2, 4)) == 1  # I-LOC behind B-PER begins a place
    assert EntityScore(TAGS).of(np.array([2, 2]), shares(2, 3)) == 0  # two persons are not one


def test_entity_leaves_out_what_fills_up() -> None:
    truth, output = np.array([2, 0, 4, 1]), shares(2, 1, 4, 0)
    assert EntityScore(TAGS, "accuracy", ignore=0).of(truth, output) == 1
    assert EntityScore(TAGS, ignore=0).of(truth, output) == 1


def test_entity_score_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="score is one of f1, precision, recall, accuracy, and 'f2' is none"):
        EntityScore(TAGS, "f2")


def test_perplexity_is_the_number_of_tokens_that_are_as_likely() -> None:
    truth = np.array([1, 2, 0])
    assert Perplexity().of(truth, np.full((3, 8), 1 / 8)) == pytest.approx(8)
    assert Perplexity().of(truth, np.eye(3)[truth]) == pytest.approx(1)
    shares = np.array([[0.0, 0.5, 0.5], [0.0, 0.875, 0.125], [0.001, 0.0, 0.999]])
    assert Perplexity(ignore=0).of(truth, shares) == pytest.approx(4)  # the root of 2 x 8
    assert Perplexity(ignore=0).of(np.array([0]), shares[:1]) == 1
