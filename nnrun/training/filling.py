"""Hidden tokens, said: texts of held-out rows with what was hidden and what is put there, and new texts, filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.data.categories import as_text
from nnrun.data.dataset import Dataset
from nnrun.data.rows import in_memory
from nnrun.data.vocabulary import Vocabulary
from nnrun.training import decoding as how
from nnrun.training.answers import Answer
from nnrun.training.masking import mask_of, vocabulary_of
from nnrun.training.material import Material
from nnrun.training.sequences import Said

Array = np.ndarray[Any, Any]

MOST = 5  # candidates that are told of each hidden token


def compared(
    material: Material, rows: Array, truths: Mapping[str, Array], outputs: Mapping[str, Array]
) -> dict[str, Said]:
    """By output the texts of some rows; what was hidden stands in brackets, as it is and as it is said."""
    found = {}
    for name, answer in material.answers.items():
        if answer.spec.masked is not None:
            found[name] = _compared(material, answer, rows, truths[name], outputs[name])
    return found


def _compared(material: Material, answer: Answer, rows: Array, truth: Array, output: Array) -> Said:
    known, hidden = _known(material, answer), in_memory(material.inputs[str(answer.spec.name)])[rows]
    asked = truth > 0
    said = np.where(asked, _likely(answer, known, output).argmax(axis=-1), hidden).astype(np.int64)
    true = np.where(asked, truth, hidden).astype(np.int64)
    texts, truths = (
        [known.in_brackets(*pair) for pair in zip(numbers, asked, strict=True)] for numbers in (said, true)
    )
    return Said(said, texts, truths, ((said != true) & asked).sum(axis=1), asked.sum(axis=1), known.unit)


def filled(material: Material, answer: Answer, dataset: Dataset, output: Array) -> dict[str, list[str]]:
    """New texts with the likeliest word at every mask, and of each the candidates with their probabilities."""
    known, name = _known(material, answer), str(answer.spec.name)
    ids = np.asarray(in_memory(material.inputs[name])).astype(np.int64)
    masks = ids == mask_of(material.preparation, answer.spec)
    written = _written(material, name, dataset)
    found: dict[str, list[str]] = {"prediction": [], "candidates": []}
    for place, (row, mask) in enumerate(zip(ids, masks, strict=True)):
        chances = np.exp(_likely(answer, known, output[place, mask]))
        best = np.argsort(-chances, axis=-1, kind="stable")[:, :MOST]
        row[mask] = best[:, 0]
        words = [[known.token(int(number)) for number in numbers] for numbers in best]
        shares = np.take_along_axis(chances, best, axis=-1)
        found["prediction"].append(_put_in(*written, place, words) if written else known.text(row))
        found["candidates"].append("; ".join(_told(*pair) for pair in zip(words, shares, strict=True)))
    return found


def _told(words: Sequence[str], shares: Array) -> str:
    return ", ".join(f"{word} {share:.3g}" for word, share in zip(words, shares, strict=True))


def _written(material: Material, name: str, dataset: Dataset) -> tuple[Sequence[str | None], str] | None:
    """The texts as they were written, and what stands for a hidden word; None where the input is no text."""
    if name not in material.preparation.features or dataset.columns is None:
        return None
    entry, states = material.preparation.features[name][0], material.preparation.states[name][0]
    return as_text(dataset.columns[entry.columns[0]].to_numpy()).tolist(), states[-1]["mask"]


def _put_in(texts: Sequence[str | None], mask: str, place: int, words: Sequence[Sequence[str]]) -> str:
    """A text with words for its masks, but for those that are behind the length that the model reads."""
    said = iter(words)
    return re.sub(re.escape(mask), lambda found: next(said, [found[0]])[0], texts[place] or "", flags=re.IGNORECASE)


def _likely(answer: Answer, known: Vocabulary, output: Array) -> Array:
    """Logarithms of the probabilities of tokens; padding, unknown ones and marks are none."""
    never = [*known.never, *([0] if known.pads else []), *([] if known.end is None else [known.end])]
    return how.without(how.logarithms(output, from_logits=answer.from_logits), never)


def _known(material: Material, answer: Answer) -> Vocabulary:
    return vocabulary_of(material.preparation, str(answer.spec.name)) or Vocabulary.of_numbers()
