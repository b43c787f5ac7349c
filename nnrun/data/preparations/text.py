"""Text as the numbers of its words or characters, in their order, or as counts of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.vectors import matched
from nnrun.data.words import Split, Standardize, tokens
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

TAKES = "categories"
_BAGS = ("multi_hot", "count", "tf_idf")
_MODES = ("int", *_BAGS, "one_hot")
FIRST = 2  # the number of the vocabulary's first token, in the order of the text: 0 is padding, 1 an unknown one


def gives(settings: Mapping[str, Any]) -> str:
    """Integers for an `Embedding`, columns of numbers, or for one_hot a vector for each place."""
    mode = settings.get("output_mode", "int")
    return "numbers" if mode in _BAGS else "array" if mode == "one_hot" else "ids"


def fit(
    values: np.ndarray[Any, Any],
    *,
    max_tokens: int | None = None,
    output_sequence_length: int | None = None,
    output_mode: Literal["int", "multi_hot", "count", "tf_idf", "one_hot"] = "int",
    standardize: Standardize = "lower_and_strip_punctuation",
    split: Split = "whitespace",
    ngrams: int = 1,
    replace: dict[str, str] | None = None,
    start: str | None = None,
    end: str | None = None,
    mask: str | None = None,
    vectors: Path | None = None,
) -> dict[str, Any]:
    """The vocabulary of the training rows, the frequent tokens first, as Keras' `TextVectorization` orders it.

    Args:
        values: Text, None where blank; one column.
        max_tokens: The largest size of the vocabulary, padding and unknown among it.
        output_sequence_length: Longer texts are cut off, shorter ones filled with 0; by default as the longest one of
            the training rows.
        output_mode: "int" (0 is padding, 1 an unknown token), "one_hot" (the same as vectors), or a number for each
            token of the vocabulary: "multi_hot" (is it there), "count", "tf_idf".
        standardize: What is done before; "lower_and_space_punctuation" makes each sign a token.
        split: At blanks, at every character, or not at all.
        ngrams: 2 takes pairs of neighbours too.
        replace: Texts that become others before all else, such as `{"<br />": " "}`.
        start: A token that stands before every text.
        end: A token that stands behind every text.
        mask: A token that stands for a hidden one, such as "[mask]", the last of the vocabulary; it is found in a text
            whatever is done to signs.
        vectors: A file of learned vectors, such as glove.6B.100d.txt: `$data.INPUT.vectors` are those of the
            vocabulary, and zeros for tokens without one.
    """
    import numpy as np

    if values.shape[1] != 1:
        raise DataError(f"text takes one column, not {values.shape[1]}", expected="an input of its own for each text")
    if output_mode not in _MODES:
        raise DataError(f"output_mode is {output_mode!r}", expected=f"one of {listing(_MODES)}")
    if mask is not None and (output_mode != "int" or not mask.strip()):
        raise DataError(f"mask is {mask!r}", expected="a word such as [mask], and texts as numbers (output_mode int)")
    if vectors is not None and output_mode != "int":
        raise DataError(f"vectors are for numbers of words, and output_mode is {output_mode!r}", expected="int")
    if max_tokens is not None and max_tokens < 3:
        raise DataError(f"max_tokens is {max_tokens}", expected="at least 3: padding, unknown and one token")
    how = {"standardize": standardize, "split": split, "ngrams": ngrams, "replace": dict(replace or {})}
    state: dict[str, Any] = {**how, "start": start, "end": end, "mask": mask, "output_mode": output_mode}
    counts: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    longest = 0
    for row in _tokens(values, state):
        counts.update(row)
        if output_mode == "tf_idf":
            holding.update(set(row))
        longest = max(longest, len(row))
    counts.pop(str(mask), None)
    if not counts:
        raise DataError("the training rows hold no token", expected="text in some row")
    extra = 1 if output_mode in _BAGS else 2  # a bag has no padding
    most = None if max_tokens is None else max_tokens - extra - (mask is not None)
    vocabulary = sorted(counts, key=lambda token: (counts[token], token), reverse=True)[:most]
    vocabulary += [] if mask is None else [mask]
    state |= {"vocabulary": vocabulary}
    if output_mode in _BAGS:
        if output_mode == "tf_idf":
            # Keras: log(1 + rows / (1 + rows that hold it)), and the mean of all for the unknown token
            weights = np.log(1 + len(values) / (1 + np.array([holding[token] for token in vocabulary])))
            state["weights"] = np.concatenate([[weights.mean()], weights])
        return {**state, "width": max_tokens or len(vocabulary) + extra}
    length = output_sequence_length or longest
    size = max_tokens or len(vocabulary) + extra
    told: dict[str, Any] = {"length": length, "vocabulary_size": size}
    if vectors is not None:
        told["vectors"], told["vectors_found"] = matched(vectors, vocabulary, FIRST, size)
    return {**state, **told, "shape": [length, size] if output_mode == "one_hot" else [length]}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    """int32 (rows, length), or float (rows, length, vocabulary) or (rows, vocabulary); a blank has no tokens."""
    import numpy as np

    mode, bag = state["output_mode"], state["output_mode"] in _BAGS
    unknown = 0 if bag else 1
    places = {token: place + unknown + 1 for place, token in enumerate(state["vocabulary"])}
    if bag:
        counts = np.zeros((len(values), state["width"]))
        for row, words in enumerate(_tokens(values, state)):
            for word in words:
                counts[row, places.get(word, unknown)] += 1
        return np.minimum(counts, 1) if mode == "multi_hot" else counts * _padded(state) if mode == "tf_idf" else counts
    length = state["length"]
    ids = np.zeros((len(values), length), dtype=np.int32)
    for row, words in enumerate(_tokens(values, state)):
        taken = words[:length]
        ids[row, : len(taken)] = [places.get(word, unknown) for word in taken]
    return np.eye(state["vocabulary_size"], dtype=np.float32)[ids] if mode == "one_hot" else ids


def join(keras: Any, values: Any, state: Mapping[str, Any]) -> Any:
    """As `apply`, by Keras' own `TextVectorization`, which knows no tokens before and behind a text."""
    own = [key for key in ("replace", "start", "end", "mask") if state.get(key)]
    own += [state["standardize"]] if state["standardize"] == "lower_and_space_punctuation" else []
    own += [state["output_mode"]] if state["output_mode"] in ("tf_idf", "one_hot") else []
    if own or not values[0].text:
        raise DataError(f"Keras' TextVectorization does not know {own[0] if own else 'numbers as texts'}")
    bag = state["output_mode"] in _BAGS
    layer = keras.layers.TextVectorization(
        vocabulary=list(state["vocabulary"]),
        max_tokens=state["width"] if bag else None,
        pad_to_max_tokens=bag,
        standardize=None if state["standardize"] == "none" else state["standardize"],
        split=None if state["split"] == "none" else state["split"],
        ngrams=state["ngrams"] if state["ngrams"] > 1 else None,
        output_mode=state["output_mode"],
        output_sequence_length=None if bag else state["length"],
    )
    found = layer(values[0].tensor)
    return found if bag else keras.ops.cast(found, "int32")


def shape(settings: Mapping[str, Any], column_count: int | None) -> tuple[int | None, ...]:  # noqa: ARG001  always 1
    """The shape of a row."""
    size, length = settings.get("max_tokens"), settings.get("output_sequence_length")
    known = size if isinstance(size, int) else None, length if isinstance(length, int) else None
    mode = settings.get("output_mode", "int")
    return (known[0],) if mode in _BAGS else (known[1], known[0]) if mode == "one_hot" else (known[1],)


def _padded(state: Mapping[str, Any]) -> np.ndarray[Any, Any]:
    import numpy as np

    weights = np.asarray(state["weights"])
    return np.pad(weights, (0, state["width"] - len(weights)))


def _tokens(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> Iterator[list[str]]:
    """The tokens of every row."""
    before, behind = ([state[key]] if state[key] else [] for key in ("start", "end"))
    how = {key: state[key] for key in ("standardize", "split", "ngrams", "replace")}
    mask = state.get("mask")
    hidden = None if mask is None else re.compile(re.escape(mask), re.IGNORECASE)
    for text in values[:, 0]:
        first, *others = hidden.split(text or "") if hidden else [text or ""]
        between = (token for other in others for token in (str(mask), *tokens(other, **how)))
        yield [*before, *tokens(first, **how), *between, *behind]
