"""Word vectors in a file: matched with a vocabulary, whatever their lines look like, and told where they are bad."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun.data.preparations import text
from nnrun.data.vectors import WordVectors, matched, width
from nnrun.errors import DataError

FILE = "the 0.5 -1 2\nbird 1 2 3\n. . 7 7 7\nbird 4 5 6e-1 \nthe\u00a0cat 1 1 1\n"


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "vectors.txt"
    path.write_text(FILE, encoding="utf-8")
    return path


def test_data_vectors_are_those_of_the_vocabulary_and_zeros(file: Path) -> None:
    array, found = matched(file, ["bird", "zebra", "the", ". ."], 2, 8)
    assert found == 3
    expected = np.zeros((8, 3), np.float32)
    expected[2], expected[4], expected[5] = [4, 5, 0.6], [0.5, -1, 2], [7, 7, 7]  # of a word that stands twice the last
    assert np.array_equal(array, expected)
    assert width(file) == 3


def test_data_vectors_of_fast_text_have_a_line_of_counts_before_them(file: Path) -> None:
    plain = matched(file, ["bird", "the"], 2, 4)
    file.write_text("5 3\n" + FILE, encoding="utf-8")
    counted = matched(file, ["bird", "the"], 2, 4)
    assert np.array_equal(plain[0], counted[0])
    assert (plain[1], width(file)) == (counted[1], 3)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "holds no vectors"),
        ("the\n", "line 1 of vectors.txt has no numbers behind its word"),
        ("the 1 2\nbird 1\n", "line 2 of vectors.txt has 1 numbers, and the first has 2"),
        ("the 1 2\n\nbird 1 2\n", "line 2 of vectors.txt has 0 numbers"),
        ("the 1 2\nbird one 2\n", "line 2 of vectors.txt holds 'one', which is no number"),
        ("the 1 2\nbird nan 2\n", "line 2 of vectors.txt holds a number that is not finite"),
    ],
)
def test_data_vectors_tell_the_line_that_is_bad(content: str, told: str, file: Path) -> None:
    file.write_text(content)
    with pytest.raises(DataError, match=told):
        width(file)
    with pytest.raises(DataError, match=told):
        matched(file, ["bird"], 2, 3)


def test_data_vectors_of_a_text_go_with_its_numbers(file: Path) -> None:
    rows = np.array([["the zebra"], ["the bird"], ["zebra"]], dtype=object)
    state = text.fit(rows, max_tokens=9, vectors=file)
    assert state["vectors"].shape == (9, 3)
    assert state["vectors_found"] == 2
    (numbers,) = text.apply(np.array([["the bird zebra unknown"]], dtype=object), {**state, "length": 5})
    assert state["vectors"][numbers].tolist() == [[0.5, -1, 2], pytest.approx([4, 5, 0.6]), [0] * 3, [0] * 3, [0] * 3]
    with pytest.raises(DataError, match="output_mode is 'count'"):
        text.fit(rows, vectors=file, output_mode="count")


def test_data_vectors_that_differ_are_told_apart_by_the_key_of_a_network() -> None:
    one, other = np.zeros((100, 50), np.float32), np.zeros((100, 50), np.float32)
    other[50, 20] = 1
    assert repr(WordVectors(one)) == repr(WordVectors(one.copy()))
    assert repr(WordVectors(one)) != repr(WordVectors(other))
    assert WordVectors(one) != WordVectors(other)
