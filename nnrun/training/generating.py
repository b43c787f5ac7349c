"""A language model that goes on with a text: one token at a time, of what it has seen so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.predict import Decoding
from nnrun.data.vocabulary import Vocabulary
from nnrun.errors import UsageError
from nnrun.training.decoding import draw, without
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.sequences import Sequences, sequences

SAMPLES = "samples.txt"
Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Made:
    """Texts that were made, each with its prompt in front, and how many tokens they were behind the prompts."""

    texts: Sequence[str]
    tokens: int


def go_on(how: Sequences, network: Network, material: Material, decoding: Decoding) -> Made:
    """`decoding.count` texts that begin with its prompt; each ends with the mark of an end, or at its length.

    The model reads as many tokens at once as in its training: of a longer text the last ones, of a shorter one all, and
    what stands behind them it does not see, since its answer at a step depends on earlier ones alone.
    """
    vocabulary, count = how.vocabulary, decoding.count
    random = np.random.default_rng(decoding.seed)
    begun = _beginning(how, decoding, random)
    length = material.shapes[how.fed][0]
    if length is None:
        raise UsageError("the model reads rows of no fixed length, so that it cannot go on with a text")
    if how.units and len(begun) < length:
        raise UsageError(
            f"the prompt has {len(vocabulary.cut(decoding.prompt))} tokens, and the model tells what follows {length}",
            expected=f"{length} or more, such as a line of the text that it has learned",
        )
    numbers = np.tile(np.array(begun, np.int64), (count, 1))
    over, made = np.zeros(count, bool), 0
    most = decoding.max_length or length
    never = [*vocabulary.never, *([0] if vocabulary.pads and vocabulary.end is not None else [])]
    for _ in range(most):
        seen = numbers[:, -length:]
        read = np.zeros((count, length), np.int64)
        read[:, : seen.shape[1]] = seen
        output = np.asarray(network.model.predict_on_batch(how.encoded(read)))
        scores = without(how.following(output, seen.shape[1]), never)
        drawn = np.where(over, 0, draw(scores, decoding, random))
        made += int((~over).sum())
        numbers = np.hstack([numbers, drawn[:, None]])
        over |= np.array([vocabulary.ends(int(number)) for number in drawn])
        if over.all():
            break
    return Made([_text(vocabulary, decoding.prompt, row, len(begun)) for row in numbers], made)


def _text(vocabulary: Vocabulary, prompt: str, numbers: Array, begun: int) -> str:
    """What was made behind the prompt, which stands as it was written where letters follow each other."""
    if prompt and vocabulary.unit == "character":
        return prompt + vocabulary.text(numbers[begun:])
    return vocabulary.text(numbers)


def samples(job: Job, material: Material, network: Network, kept: int | None) -> str | None:
    """What a language model says at the end of its training, for samples.txt; None where `predict` asks for none."""
    wanted = job.config.predict.decoding
    how = None if wanted is None else sequences(job.config, material)
    speaks = next((one for one in (how or {}).values() if one.kind == "continued"), None)
    if wanted is None or speaks is None:
        return None
    rows = job.recorder.rows
    epoch = kept if kept is not None else int(rows[-1]["epoch"]) if rows else 0
    told = ", ".join(f"{key} {value!r}" for key, value in wanted.written.items())
    texts = go_on(speaks, network, material, wanted).texts
    return f"epoch {epoch}, {wanted.how}{': ' if told else ''}{told}\n\n" + "\n---\n".join(texts) + "\n"


def _beginning(how: Sequences, decoding: Decoding, random: np.random.Generator) -> list[int]:
    """The prompt, behind the mark before every text; with neither a new line, or any token."""
    vocabulary = how.vocabulary
    begun = [] if vocabulary.start is None else [vocabulary.start]
    begun += vocabulary.numbers(decoding.prompt)
    if begun:
        return begun
    line = vocabulary.numbers("\n") if vocabulary.unit == "character" and "\n" in vocabulary.known else []
    return line or [int(random.integers(vocabulary.first, vocabulary.first + len(vocabulary.known)))]
