"""How a sequence is read from probabilities: the best token at every step, the best of several beams, or a draw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nnrun.config.predict import Decoding
from nnrun.data.vocabulary import Vocabulary
from nnrun.model import framework

Array = np.ndarray[Any, Any]
# Of the numbers so far (rows, steps), the logarithms of the probabilities at one step: (rows, tokens).
Scores = Callable[[Array, int], Array]

TINY = 1e-30


def logarithms(output: Array, *, from_logits: bool) -> Array:
    """Logarithms of probabilities, of what an output gives on its last axis."""
    values = output.astype(np.float64)
    if not from_logits:
        return np.asarray(np.log(np.maximum(values, TINY)))
    values = values - values.max(axis=-1, keepdims=True)
    return np.asarray(values - np.log(np.exp(values).sum(axis=-1, keepdims=True)))


def without(scores: Array, never: Sequence[int]) -> Array:
    """The same scores, with none for numbers that are no answer."""
    found = scores.copy()
    found[..., list(never)] = -np.inf
    return found


def greedy(scores: Scores, vocabulary: Vocabulary, rows: int, steps: int) -> Array:
    """The best token at every step, fed back: (rows, steps), 0 behind the end."""
    numbers = np.zeros((rows, steps), np.int64)
    over = np.zeros(rows, bool)
    for step in range(steps):
        best = without(scores(numbers, step), vocabulary.never).argmax(axis=-1)
        numbers[:, step] = np.where(over, 0, best)
        over |= _ends(vocabulary, best)
        if over.all():
            break
    return numbers


def beam(scores: Scores, vocabulary: Vocabulary, rows: int, steps: int, width: int) -> Array:
    """The most probable of the `width` best sequences at every step: (rows, steps), 0 behind the end.

    `scores` is given rows x width sequences, those of a row behind each other.
    """
    numbers = np.zeros((rows, width, steps), np.int64)
    totals = np.full((rows, width), -np.inf)
    totals[:, 0] = 0.0  # all begin alike
    over = np.zeros((rows, width), bool)
    each = np.arange(rows)[:, None]
    for step in range(steps):
        found = without(scores(numbers.reshape(rows * width, steps), step), vocabulary.never)
        size = found.shape[-1]
        found = found.reshape(rows, width, size)
        found[over] = -np.inf
        found[over, 0] = 0.0  # what is over stays as it is
        every = (totals[..., None] + found).reshape(rows, width * size)
        best = np.argsort(-every, axis=1, kind="stable")[:, :width]
        totals, parents, tokens = every[each, best], best // size, best % size
        numbers, over = numbers[each, parents], over[each, parents]
        numbers[..., step] = np.where(over, 0, tokens)
        over |= _ends(vocabulary, tokens)
        if over.all():
            break
    return np.asarray(numbers[np.arange(rows), totals.argmax(axis=1)])


def ctc(output: Array, decoding: Decoding, batch: int = 256) -> Array:
    """The tokens of outputs (rows, steps, tokens) that the CTC loss trains, 0 behind the last: (rows, steps)."""
    keras = framework.keras()
    how: dict[str, Any] = {"strategy": "greedy"}
    if decoding.how == "beam":
        how = {"strategy": "beam_search", "beam_width": decoding.width}
    found = np.zeros(output.shape[:2], np.int64)
    for first in range(0, len(output), batch):
        part = output[first : first + batch].astype(np.float32)
        lengths = np.full(len(part), part.shape[1], np.int32)
        numbers, _ = keras.ops.ctc_decode(part, lengths, mask_index=0, **how)
        decoded = np.maximum(keras.ops.convert_to_numpy(numbers)[0], 0)
        found[first : first + len(part), : decoded.shape[1]] = decoded
    return found


def draw(scores: Array, decoding: Decoding, random: np.random.Generator) -> Array:
    """A token a row (rows, tokens) of logarithms, as `temperature`, `top_k` and `top_p` say: (rows,)."""
    if decoding.temperature == 0:
        return np.asarray(scores.argmax(axis=-1))
    scores = scores / decoding.temperature
    order = np.argsort(-scores, axis=-1, kind="stable")
    ranked = np.take_along_axis(scores, order, axis=-1)
    if decoding.top_k is not None:
        ranked[:, decoding.top_k :] = -np.inf
    shares = np.exp(ranked - ranked[:, :1])
    shares /= shares.sum(axis=-1, keepdims=True)
    if decoding.top_p is not None:  # the fewest tokens that reach this probability together
        before = np.cumsum(shares, axis=-1) - shares
        before[:, 0] = -1.0  # one of them at least
        shares = np.where(before < decoding.top_p, shares, 0.0)
        shares /= shares.sum(axis=-1, keepdims=True)
    place = (np.cumsum(shares, axis=-1) < random.random((len(scores), 1))).sum(axis=-1)
    place = np.minimum(place, (shares > 0).sum(axis=-1) - 1)  # sums of shares may end a little below 1
    return np.asarray(np.take_along_axis(order, place[:, None], axis=-1)[:, 0])


def distances(truth: Sequence[Sequence[int]], said: Sequence[Sequence[int]]) -> Array:
    """How many tokens have to be put in, taken out or exchanged to make what was said the truth: (rows,)."""
    rows = len(truth)
    wanted, given = _filled(truth, -1), _filled(said, -2)
    ends = np.array([len(row) for row in said], np.int64)
    before = np.tile(np.arange(given.shape[1] + 1), (rows, 1))
    found = before[np.arange(rows), ends]
    for step in range(wanted.shape[1]):
        now = np.empty_like(before)
        now[:, 0] = step + 1
        for place in range(given.shape[1]):
            exchanged = before[:, place] + (wanted[:, step] != given[:, place])
            now[:, place + 1] = np.minimum(np.minimum(now[:, place], before[:, place + 1]) + 1, exchanged)
        before = now
        is_last = np.array([len(row) == step + 1 for row in truth], bool)
        found = np.where(is_last, before[np.arange(rows), ends], found)
    return found


def _filled(rows: Sequence[Sequence[int]], fill: int) -> Array:
    found = np.full((len(rows), max((len(row) for row in rows), default=0)), fill, np.int64)
    for place, row in enumerate(rows):
        found[place, : len(row)] = row
    return found


def _ends(vocabulary: Vocabulary, numbers: Array) -> Array:
    end = -1 if vocabulary.end is None else vocabulary.end
    return np.asarray((numbers == end) | (vocabulary.pads & (numbers == 0)))
