"""Tokens are hidden in BERT's shares, never those that are none, and by draws that can be made again."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.data.preparations import text
from nnrun.data.vocabulary import Vocabulary
from nnrun.model import framework
from nnrun.training.earlier_inputs import other_words
from nnrun.training.masking import Anew, Masking

Array = np.ndarray[Any, Any]

MASK, START, END = 999, 2, 3
HOW = Masking("words", 0.15, MASK, (START, END), seed=7, anew=True)


def rows(count: int = 400) -> Array:
    """Rows of fifty tokens between marks, an unknown one among them, filled up with 0."""
    ids = np.random.default_rng(1).integers(4, MASK, (count, 60)).astype(np.int32)
    ids[:, 0], ids[:, 5], ids[:, 51], ids[:, 52:] = START, 1, END, 0
    return ids


def shares(ids: Array, hidden: Array, asked: Array) -> None:
    """What was asked for is what stood there; 80 % of it behind the mask, 10 % another token, 10 % as it was."""
    chosen = asked > 0
    np.testing.assert_array_equal(asked[chosen], ids[chosen])
    np.testing.assert_array_equal(hidden[~chosen], ids[~chosen])
    assert not chosen[np.isin(ids, [0, 1, START, END])].any()
    assert abs(chosen.sum() / (49 * len(ids)) - HOW.rate) < 0.01
    masked, same = hidden[chosen] == MASK, hidden[chosen] == ids[chosen]
    assert abs(masked.mean() - 0.8) < 0.02
    assert abs(same.mean() - 0.1) < 0.02
    strange = hidden[chosen][~masked & ~same]
    assert strange.min() >= 2
    assert strange.max() < MASK


def test_masking_once_is_in_the_shares_of_bert_and_by_the_row_alone() -> None:
    ids = rows()
    hidden, asked = HOW.once(ids)
    shares(ids, hidden, asked)
    turned, _ = HOW.once(ids[::-1])
    np.testing.assert_array_equal(turned[::-1], hidden)
    other, _ = Masking("words", 0.15, MASK, (START, END), seed=8, anew=True).once(ids)
    assert (other != hidden).any()


def test_masking_anew_draws_by_seed_epoch_and_step_from_the_words_as_they_were() -> None:
    ids = rows()
    hidden, asked = HOW.once(ids)
    anew = Anew({"words": HOW}, 7, None)

    def drawn(epoch: int, step: int) -> tuple[Array, Array]:
        keys = framework.keras().ops.convert_to_tensor(anew.keys(epoch))
        x, y = anew((hidden, asked), keys, step)
        return np.asarray(x), np.asarray(y)

    first = drawn(0, 3)
    shares(ids, *first)
    assert first[0].dtype == np.int32
    np.testing.assert_array_equal(first[0], drawn(0, 3)[0])
    for other in (drawn(0, 4), drawn(1, 3), (hidden, asked)):
        assert (other[1] != first[1]).any()


def test_text_with_a_mask_counts_it_and_finds_it_whatever_is_done_to_signs() -> None:
    values = np.array([["One, two, three."], ["Two [mask] three!"]], dtype=object)
    state = text.fit(values, mask="[mask]", max_tokens=5)
    assert state["vocabulary"] == ["two", "three", "[mask]"]
    assert state["vocabulary_size"] == 5
    assert text.apply(np.array([["two [MASK]. three,[mask]"]], dtype=object), state).tolist() == [[2, 4, 3]]
    known = Vocabulary.of_step("text", state, {})
    assert known is not None
    assert known.mask == 4
    assert known.in_brackets([2, 4, 3, 0], [False, True, True, False]) == "two [[mask]] [three]"


def test_earlier_inputs_tell_that_numbers_are_other_words() -> None:
    """An encoder of texts reads numbers: with another vocabulary it reads nonsense, and does not know it."""

    def saved(*words: str) -> dict[str, Any]:
        steps = [{"name": "text", "state": {"vocabulary": list(words)}}]
        return {"inputs": {"review": [{"columns": ["text"], "steps": steps}]}}

    assert other_words(saved("the", "film"), saved("film", "the"))
    assert not other_words(saved("the", "film"), saved("the", "film"))
    assert not other_words(saved("the"), {"inputs": {}})
