"""How many names in a text are found whole, from a tag for each word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import chosen

if TYPE_CHECKING:
    import numpy as np

SCORES = ("f1", "precision", "recall", "accuracy")


def EntityScore(tags: list[str], score: str = "f1", ignore: int | None = None, name: str = "entity_score") -> Measure:
    """Precision, recall or their harmonic mean over names, each found only with its first and last word and its kind.

    Tags are as in CoNLL 2003: `B-PER` begins a person, `I-PER` goes on with it, `O` is outside. A name also begins
    where an I follows another kind or an O.

    Args:
        tags: What each class number means, from 0.
        score: f1, precision, recall; or accuracy, over words.
        ignore: The class that fills sentences up: words with it, in truth or in the prediction, are left out.
        name: What it is logged as.
    """
    if score not in SCORES:
        raise ValueError(f"score is one of {', '.join(SCORES)}, and {score!r} is none")

    def of(truth: Any, shares: Any) -> float:
        predicted = chosen(shares)
        kept = slice(None) if ignore is None else (truth != ignore) & (predicted != ignore)
        true, found = truth[kept], predicted[kept]
        if score == "accuracy":
            return float((true == found).mean()) if len(true) else 0.0
        names, told = set(_names(true, tags)), set(_names(found, tags))
        right, wanted = len(names & told), {"precision": len(told), "recall": len(names)}
        whole = wanted.get(score, (len(told) + len(names)) / 2)
        return right / whole if whole else 0.0

    return Measure(name, of)


def _names(numbers: np.ndarray[Any, Any], tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """First word, word behind the last, and kind of every name."""
    first, kind = 0, ""
    for place, number in enumerate([*numbers, -1]):
        mark, _, here = tags[number].partition("-") if number >= 0 else ("", "", "")
        if kind and (mark != "I" or here != kind):
            yield first, place, kind
            kind = ""
        if here and not kind:
            first, kind = place, here
