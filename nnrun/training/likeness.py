"""How alike texts are that were said and those that are true: by their words, and by the runs of words they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from nnrun.training.decoding import distances

_WORD = re.compile(r"\w+")  # letters and digits of any language; signs are no words of ROUGE


def word_error_rate(truths: Sequence[str], said: Sequence[str]) -> float:
    """Words to be put in, taken out or exchanged, by word of the truth: what stands between blanks is a word."""
    numbers: dict[str, int] = {}
    true, given = (
        [[numbers.setdefault(w, len(numbers)) for w in text.split()] for text in of] for of in (truths, said)
    )
    return float(distances(true, given).sum() / max(sum(map(len, true)), 1))


def rouge(truths: Sequence[str], said: Sequence[str], order: int) -> dict[str, float]:
    """ROUGE-N: of runs of `order` words, the share of those said that are true, the share of those true that were
    said, and their harmonic mean, each a mean over the rows (C.-Y. Lin, 2004). Capitals and signs do not count."""
    shares = np.array(
        [_shares(_runs(true, order), _runs(text, order)) for true, text in zip(truths, said, strict=True)]
    )
    names = ("precision", "recall", "f1")
    return {f"rouge_{order}_{name}": float(value) for name, value in zip(names, shares.mean(axis=0), strict=True)}


def _runs(text: str, order: int) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    return Counter(zip(*(words[place:] for place in range(order)), strict=False))


def _shares(true: Counter[tuple[str, ...]], said: Counter[tuple[str, ...]]) -> tuple[float, float, float]:
    both = (true & said).total()
    precision, recall = both / max(said.total(), 1), both / max(true.total(), 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if both else 0.0
