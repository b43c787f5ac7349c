"""Sequences are read from probabilities as their textbook definitions say, held against every sequence there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest

from nnrun.config.predict import Decoding
from nnrun.data.vocabulary import Vocabulary
from nnrun.training import decoding

Array = np.ndarray[Any, Any]
END, START = 4, 5
WORDS = Vocabulary(("a", "b", "]", "["), 2, 6, "character", pads=True, start=START, end=END)


def chain(seed: int) -> Any:
    """A language of first order: what follows depends on the last token alone."""
    shares = np.random.default_rng(seed).dirichlet(np.full(6, 0.7), size=6)

    def scores(numbers: Array, step: int) -> Array:
        last = numbers[:, step - 1] if step else np.full(len(numbers), START)
        return np.log(shares[last])

    return scores


def probability(scores: Any, numbers: Sequence[int], steps: int) -> float:
    """Of one whole answer, from the definition; 0 is padding, and over."""
    total, row = 0.0, np.zeros((1, steps), np.int64)
    for step, number in enumerate(numbers):
        total += float(scores(row, step)[0, number])
        row[0, step] = number
    return total


def every(steps: int) -> list[tuple[int, ...]]:
    """Every answer of at most so many tokens: those that are over, and those that are as long as they may be."""
    inner = (2, 3)
    over = [(*head, last) for length in range(steps) for head in product(inner, repeat=length) for last in (0, END)]
    return [*over, *product(inner, repeat=steps)]


@pytest.mark.parametrize("seed", range(8))
def test_decoding_wide_beam_finds_the_most_probable_of_all_answers(seed: int) -> None:
    scores = chain(seed)
    best = max(every(4), key=lambda numbers: probability(scores, numbers, 4))
    found = decoding.beam(scores, WORDS, 2, 4, width=40)
    assert found.tolist() == [[*best, *[0] * (4 - len(best))]] * 2


@pytest.mark.parametrize("seed", range(8))
def test_decoding_beam_of_one_is_greedy(seed: int) -> None:
    scores = chain(seed)
    assert decoding.beam(scores, WORDS, 3, 6, width=1).tolist() == decoding.greedy(scores, WORDS, 3, 6).tolist()


def test_decoding_never_answers_an_unknown_token_or_the_start() -> None:
    def scores(numbers: Array, step: int) -> Array:
        return np.asarray(np.log(np.tile([0.01, 0.4, 0.1, 0.05, 0.04, 0.4], (len(numbers), 1))))

    assert decoding.greedy(scores, WORDS, 1, 3).tolist() == [[2, 2, 2]]
    assert decoding.beam(scores, WORDS, 1, 3, width=2).tolist() == [[2, 2, 2]]


def test_decoding_draws_by_temperature_top_k_and_top_p() -> None:
    scores = np.log(np.tile([0.1, 0.5, 0.3, 0.1], (20_000, 1)))

    def shares(**settings: Any) -> list[float]:
        drawn = decoding.draw(scores, Decoding("sample", **settings), np.random.default_rng(0))
        return [float(np.mean(drawn == token)) for token in range(4)]

    assert shares() == pytest.approx([0.1, 0.5, 0.3, 0.1], abs=0.01)
    assert shares(temperature=0.5) == pytest.approx(np.array([1, 25, 9, 1]) / 36, abs=0.01)
    assert shares(temperature=0.0) == [0, 1, 0, 0]
    assert shares(top_k=1) == [0, 1, 0, 0]
    assert shares(top_k=2) == pytest.approx([0, 5 / 8, 3 / 8, 0], abs=0.01)
    assert shares(top_p=0.0) == [0, 1, 0, 0]
    assert shares(top_p=0.5) == [0, 1, 0, 0]
    assert shares(top_p=0.6) == pytest.approx([0, 5 / 8, 3 / 8, 0], abs=0.01)


@pytest.mark.parametrize("how", ["greedy_ctc", "beam"])
def test_decoding_ctc_takes_out_repetitions_and_blanks(how: str) -> None:
    path = [[2, 2, 0, 2, 1, 1], [0, 0, 3, 0, 0, 3], [0, 0, 0, 0, 0, 0]]
    output = np.log(np.eye(4)[path] * 0.9 + 0.025)
    found = decoding.ctc(output, Decoding(how, width=10))
    assert [[number for number in row if number] for row in found.tolist()] == [[2, 2, 1], [3, 3], []]


def test_decoding_ctc_beam_adds_up_the_ways_to_one_answer() -> None:
    """Blank is likelier at each step, but the three ways to write one 1 are likelier together."""
    output = np.log(np.array([[[0.6, 0.4], [0.6, 0.4]]]))
    assert decoding.ctc(output, Decoding("greedy_ctc"))[0].tolist() == [0, 0]
    assert decoding.ctc(output, Decoding("beam", width=10))[0].tolist() == [1, 0]


def by_hand(truth: Sequence[int], said: Sequence[int]) -> int:
    """The definition of the edit distance, by recursion."""
    if not truth or not said:
        return len(truth) + len(said)
    exchanged = by_hand(truth[1:], said[1:]) + (truth[0] != said[0])
    return min(exchanged, by_hand(truth[1:], said) + 1, by_hand(truth, said[1:]) + 1)


def test_decoding_distances_are_edit_distances() -> None:
    random = np.random.default_rng(0)
    pairs = [[random.integers(1, 4, random.integers(0, 5)).tolist() for _ in range(2)] for _ in range(300)]
    truth, said = [one for one, _ in pairs], [other for _, other in pairs]
    assert decoding.distances(truth, said).tolist() == [by_hand(*pair) for pair in pairs]
