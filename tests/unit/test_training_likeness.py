"""Texts beside those that are true: rates of wrong words and ROUGE, reckoned by hand and held to their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from nnrun.training.likeness import rouge, word_error_rate
from nnrun.training.sequences import Said


def test_likeness_word_error_rate_counts_words_of_all_rows_together() -> None:
    truths = ["the cat sat", "a dog", "one two three four"]
    said = ["the cat", "a big dog", "one too three four"]  # one is lacking, one too many, one is another
    assert word_error_rate(truths, said) == pytest.approx(3 / 9)
    assert word_error_rate(truths, truths) == 0.0
    assert word_error_rate(["a"], ["b c d"]) == pytest.approx(3.0)  # more can be wrong than there is
    assert word_error_rate([""], [""]) == 0.0


def test_likeness_rouge_is_what_its_definition_says() -> None:
    """`The police killed the gunman` beside `police kill the gunman`, of Lin's paper: three of its words are shared."""
    found = rouge(["police killed the gunman"], ["Police kill the gunman!"], 1)
    assert found == pytest.approx({"rouge_1_precision": 3 / 4, "rouge_1_recall": 3 / 4, "rouge_1_f1": 3 / 4})
    found = rouge(["police killed the gunman"], ["police kill the gunman"], 2)
    assert found == pytest.approx({"rouge_2_precision": 1 / 3, "rouge_2_recall": 1 / 3, "rouge_2_f1": 1 / 3})


def test_likeness_rouge_counts_a_word_as_often_as_both_have_it_and_takes_the_mean_over_rows() -> None:
    found = rouge(["the the cat", "está"], ["the the the the", ""], 1)
    assert found["rouge_1_precision"] == pytest.approx((2 / 4 + 0) / 2)
    assert found["rouge_1_recall"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["rouge_1_f1"] == pytest.approx((2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3) + 0) / 2)


@pytest.mark.parametrize(
    ("unit", "names"),
    [
        ("character", {"character_error_rate", "word_error_rate"}),
        ("token", {"token_error_rate"}),
        ("word", {"word_error_rate", *(f"rouge_{n}_{of}" for n in (1, 2) for of in ("precision", "recall", "f1"))}),
    ],
)
def test_likeness_scores_are_those_of_the_unit(unit: str, names: set[str]) -> None:
    said = Said(np.zeros((1, 1)), ["a cat"], ["the cat"], np.array([3]), np.array([7]), unit)
    assert set(said.scores) == {"exact_match", "edit_distance", *names}
    assert said.scores["edit_distance"] == 3.0
    assert said.scores[f"{unit}_error_rate"] == pytest.approx(3 / 7)
