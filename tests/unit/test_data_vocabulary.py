"""Numbers say what the text said, in each way that a text is cut."""

from __future__ import annotations

import numpy as np
import pytest

from nnrun.data.preparations import one_hot, text
from nnrun.data.vocabulary import UNKNOWN, Vocabulary


def of_text(rows: list[str], **settings: str) -> Vocabulary:
    state = text.fit(np.array([[row] for row in rows], dtype=object), standardize="none", **settings)  # type: ignore[arg-type]
    found = Vocabulary.of_step("text", state, {})
    assert found is not None
    return found


@pytest.mark.parametrize("split", ["character", "whitespace"])
def test_vocabulary_reads_what_the_preparation_has_written(split: str) -> None:
    rows = np.array([["ab ba"], ["b"]], dtype=object)
    state = text.fit(rows, standardize="none", split=split, start="[", end="]")  # type: ignore[arg-type]
    found = Vocabulary.of_step("text", state, {})
    assert found is not None
    assert [found.text(row) for row in text.apply(rows, state)] == ["ab ba", "b"]
    assert found.whole(text.apply(rows, state)[1]) == found.numbers("b")


def test_vocabulary_stops_at_the_end_and_at_padding() -> None:
    found = of_text(["ab"], split="character", start="[", end="]")
    a, b = found.numbers("ab")
    assert (found.text([a, b, 0, a]), found.text([a, found.end or 0, b])) == ("ab", "a")


def test_vocabulary_knows_what_it_does_not_know() -> None:
    found = of_text(["ab"], split="character")
    assert found.numbers("aé") == [found.numbers("a")[0], 1]
    assert found.text(found.numbers("aé")) == f"a{UNKNOWN}"
    assert found.strangers("éaé") == ["é"]


def test_vocabulary_of_an_index_is_cut_as_its_source_cuts() -> None:
    words = Vocabulary.of_step("index", {"vocabulary": [".", "cat", "the"], "vocabulary_size": 4}, {"split": "word"})
    letters = Vocabulary.of_step("index", {"vocabulary": ["a", "b"], "vocabulary_size": 3}, {"split": "character"})
    assert words is not None
    assert letters is not None
    assert (words.numbers("the cat."), words.text([3, 2, 1])) == ([3, 2, 1], "the cat.")
    assert (letters.numbers("ba?"), letters.text([2, 1]), letters.never) == ([2, 1, 0], "ba", [0])


def test_vocabulary_of_numbers_is_these_numbers() -> None:
    assert Vocabulary.of_numbers().text([12, 3, 0, 4]) == "12 3"


def test_vocabulary_joins_pieces_of_words() -> None:
    found = of_text(["walk ##ing ##s , no ## a"])
    assert found.text(found.numbers("walk ##ing ##s , no")) == "walkings, no"


def test_vocabulary_of_columns_of_0_and_1_begins_with_its_first_category() -> None:
    found = Vocabulary.of_step("one_hot", one_hot.fit(np.array([["b"], ["a"]], dtype=object)), {})
    assert found is not None
    assert (found.numbers("ab"), found.size, found.never, found.unit) == ([0, 1], 2, [], "character")
    assert found.numbers("z") == [-1]  # which is zeros everywhere
    with_unknown = one_hot.fit(np.array([["b"], ["a"]], dtype=object), num_oov_indices=1)
    found = Vocabulary.of_step("one_hot", with_unknown, {})
    assert found is not None
    assert (found.numbers("abz"), found.size, found.never) == ([1, 2, 0], 3, [0])
