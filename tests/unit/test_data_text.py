"""Text as numbers: in every mode what Keras' own TextVectorization gives, and fitted on the training rows alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnrun.data.preparations import text
from nnrun.data.words import tokens
from nnrun.errors import DataError

ROWS = [
    "The cat sat on the mat.",
    "the dog, the cat & the bird!",
    "A bird; a bird in the hand",
    "hand-made hand made",
    "",
    "Cats and dogs and cats",
]
NEW = ["the zebra sat", "bird bird bird the", ""]


def column(rows: list[str]) -> np.ndarray[Any, Any]:
    return np.array([[row or None] for row in rows], dtype=object)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"max_tokens": 8},
        {"output_sequence_length": 4},
        {"max_tokens": 6, "output_sequence_length": 9},
        {"standardize": "lower"},
        {"standardize": "strip_punctuation"},
        {"split": "character"},
        {"ngrams": 2},
        {"output_mode": "multi_hot"},
        {"output_mode": "count"},
        {"output_mode": "count", "max_tokens": 7},
        {"output_mode": "tf_idf"},
    ],
)
def test_text_equals_keras(settings: dict[str, Any]) -> None:
    keras = pytest.importorskip("keras")
    names = dict(settings)
    if "output_sequence_length" not in settings and settings.get("output_mode") is None:
        names["output_sequence_length"] = max(len(row) for row in _words(ROWS, settings))
    layer = keras.layers.TextVectorization(**names)
    layer.adapt(ROWS)
    state = text.fit(column(ROWS), **settings)
    expected = np.asarray(layer(np.array([*ROWS, *NEW])))
    found = text.apply(column([*ROWS, *NEW]), state)
    unknown = 0 if "output_mode" in settings else 1
    assert layer.get_vocabulary()[unknown + 1 :] == state["vocabulary"]
    np.testing.assert_allclose(found[:, : expected.shape[1]], expected, rtol=1e-6)
    assert not found[:, expected.shape[1] :].any()  # Keras leaves out places of max_tokens that no token has


def _words(rows: list[str], settings: dict[str, Any]) -> list[list[str]]:
    how = {key: settings[key] for key in ("standardize", "split", "ngrams") if key in settings}
    return [tokens(row, **how) for row in rows]


def test_text_start_end_replace_and_one_hot() -> None:
    state = text.fit(column(["a<br />b", "b"]), replace={"<br />": " "}, start="<s>", end="</s>")
    assert state["length"] == 4
    assert set(state["vocabulary"]) == {"a", "b", "<s>", "</s>"}
    ids = text.apply(column(["b"]), state)
    assert ids.tolist() == [[*(state["vocabulary"].index(t) + 2 for t in ("<s>", "b", "</s>")), 0]]
    hot = text.fit(column(["ab", "b"]), split="character", output_mode="one_hot")
    assert text.apply(column(["bz"]), hot).argmax(axis=-1).tolist() == [[2, 1]]
    assert hot["shape"] == [2, 4]


def test_text_separates_signs() -> None:
    assert tokens("Is it? It is.", "lower_and_space_punctuation") == ["is", "it", "?", "it", "is", "."]


@pytest.mark.parametrize(
    ("rows", "settings", "message"),
    [
        (["", ""], {}, "hold no token"),
        (["a"], {"max_tokens": 2}, "max_tokens is 2"),
        (["a"], {"output_mode": "ints"}, "output_mode is 'ints'"),
    ],
)
def test_text_refusals(rows: list[str], settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        text.fit(column(rows), **settings)
