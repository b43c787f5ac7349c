"""Answers that are sequences of tokens: read as `predict` says, as texts, and compared whole with what is true.

How an output is read follows from its target: what CTC trains is decoded, `{next: ...}` of one of several inputs is
fed back token by token, `{next: ...}` of the only input is a language model that goes on with a prompt, and of tokens
that do not depend on each other the best is taken at every step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nnrun.config.config import Config
from nnrun.config.next_value import next_value
from nnrun.config.predict import Decoding
from nnrun.data.vocabulary import Vocabulary
from nnrun.errors import DataError
from nnrun.model import losses
from nnrun.training import decoding as how
from nnrun.training import likeness
from nnrun.training.answers import Answer
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.predicting import predict

Array = np.ndarray[Any, Any]
Kind = Literal["ctc", "fed_back", "continued", "by_step"]
MOST_NUMBERS = 2**24  # that the model gives at once: a whole sequence of probabilities for every row and beam


@dataclass(frozen=True)
class Said:
    """Whole answers: numbers of tokens (rows, steps), 0 behind the end, and texts beside those that are true.

    `wrong` is how many tokens of a row would have to change, `lengths` how many the truth has.
    """

    numbers: Array
    texts: Sequence[str]
    truths: Sequence[str]
    wrong: Array
    lengths: Array
    unit: str

    @property
    def scores(self) -> dict[str, float]:
        """The share that is right to the last token, tokens to be changed in a row, and by token of the truth.

        Letters that make several words have an error rate of words too; words have the ROUGE of runs of one and two.
        """
        rate = float(self.wrong.sum() / max(self.lengths.sum(), 1))
        found = {"exact_match": float(np.mean(self.wrong == 0)), "edit_distance": float(self.wrong.mean())}
        found[f"{self.unit}_error_rate"] = rate
        if self.unit == "character" and any(" " in text.strip() for text in self.truths):
            found["word_error_rate"] = likeness.word_error_rate(self.truths, self.texts)
        if self.unit == "word":
            for order in (1, 2):
                found |= likeness.rouge(self.truths, self.texts, order)
        return found


@dataclass(frozen=True)
class Sequences:
    """How one output is read; `fed` is the input that holds what was said so far, `one_hot` or as numbers.

    With `units` the output is about the last step alone, and these are the numbers of the tokens that it tells.
    """

    answer: Answer
    kind: Kind
    vocabulary: Vocabulary
    decoding: Decoding
    fed: str
    one_hot: bool = False
    units: tuple[int, ...] = ()

    def following(self, output: Array, steps: int) -> Array:
        """The logarithms of the probabilities of what follows so many steps (rows, tokens), of a model's output."""
        told = how.logarithms(output if self.units else output[:, steps - 1], from_logits=self.answer.from_logits)
        if not self.units:
            return told
        found = np.full((len(told), self.vocabulary.size), -np.inf)
        found[:, list(self.units)] = told
        return found

    def encoded(self, numbers: Array) -> Array:
        """Numbers of tokens as the input holds them; one that is not known is zeros where that has no place."""
        if not self.one_hot:
            return numbers.astype(np.int32)
        return np.where(numbers[..., None] < 0, 0, np.eye(self.vocabulary.size, dtype=np.float32)[numbers])

    def said(self, network: Network, material: Material, rows: Array, outputs: Mapping[str, Array]) -> Array:
        """The answers to some rows, as numbers; `outputs` are those of the model for them."""
        output = outputs[self.answer.output]
        if self.kind == "ctc":
            return how.ctc(output, self.decoding)
        if self.kind == "by_step":
            numbers = how.without(output.astype(np.float64), self.vocabulary.never).argmax(axis=-1)
            return np.asarray(numbers[:, : self.decoding.max_length])
        steps = output.shape[1] if self.decoding.max_length is None else min(output.shape[1], self.decoding.max_length)
        width = self.decoding.width if self.decoding.how == "beam" else 1
        at_once = max(1, MOST_NUMBERS // (output.shape[1] * output.shape[2] * width))
        parts = [rows[first : first + at_once] for first in range(0, len(rows), at_once)]
        return np.concatenate([self._fed_back(network, material, part, steps, width) for part in parts])

    def _fed_back(self, network: Network, material: Material, rows: Array, steps: int, width: int) -> Array:
        x, name = dict(material.x(np.repeat(rows, width))), self.fed
        shape, dtype = x[name].shape, x[name].dtype
        start = self.vocabulary.start

        def scores(numbers: Array, step: int) -> Array:
            so_far = np.zeros(shape[:2], np.int64)
            so_far[:, 0] = start
            so_far[:, 1 : step + 1] = numbers[:, :step]
            told = np.eye(self.vocabulary.size, dtype=dtype)[so_far] if self.one_hot else so_far.astype(dtype)
            output = predict(network, material, {**x, name: told}, len(told))[self.answer.output]
            return how.logarithms(output[:, step], from_logits=self.answer.from_logits)

        if self.decoding.how == "beam":
            return how.beam(scores, self.vocabulary, len(rows), steps, width)
        return how.greedy(scores, self.vocabulary, len(rows), steps)

    def compared(self, numbers: Array, truth: Array) -> Said:
        """What was said beside target values."""
        vocabulary = self.vocabulary
        wanted = truth.argmax(axis=-1) if truth.ndim == 3 else truth
        true = [vocabulary.whole(row) for row in np.rint(wanted).astype(np.int64)]
        wrong = how.distances(true, [vocabulary.whole(row) for row in numbers])
        lengths = np.array([len(row) for row in true], np.int64)
        texts = [vocabulary.text(row) for row in true]
        return Said(numbers, self.texts(numbers), texts, wrong, lengths, vocabulary.unit)

    def texts(self, numbers: Array) -> list[str]:
        """What was said, as text."""
        return [self.vocabulary.text(row) for row in numbers]


def sequences(config: Config, material: Material) -> dict[str, Sequences]:
    """How each output that is a sequence is read; empty where `predict` does not say that any is."""
    decoding = config.predict.decoding
    if decoding is None:
        return {}
    found = _all(config, material, decoding)
    if not found:
        tasks = ", ".join(answer.task.name for answer in material.answers.values())
        expected = "a target of tokens: `{text: COLUMN}`, or `{next: INPUT}`"
        raise DataError(
            f"{decoding.how} reads a sequence, and the task is {tasks}", where=decoding.where, expected=expected
        )
    return found


def speaker(config: Config, material: Material, decoding: Decoding) -> Sequences | None:
    """The output that goes on with a text; None where the model has none."""
    return next((one for one in _all(config, material, decoding).values() if one.kind == "continued"), None)


def _all(config: Config, material: Material, decoding: Decoding) -> dict[str, Sequences]:
    found = {}
    for name, answer in material.answers.items():
        read, units = str(answer.spec.name), tuple[int, ...]()
        kind = kind_of(answer, material)
        vocabulary = None if kind is None else vocabulary_of(config, material, answer)
        behind = next_value(config)
        if behind is not None and answer.task.name == "multiclass":
            read, kind, vocabulary = behind, "continued", _vocabulary_of_input(config, material, behind)
            units = _units(answer, vocabulary)
        if kind is not None and vocabulary is not None:
            one_hot = kind in ("fed_back", "continued") and material.dtypes[read] != "int32"
            found[name] = Sequences(answer, kind, vocabulary, decoding, read, one_hot, units)
    return found


def compared(
    config: Config,
    network: Network,
    material: Material,
    rows: Array,
    truths: Mapping[str, Array],
    outputs: Mapping[str, Array],
) -> dict[str, Said]:
    """The whole answers to some rows beside what is true, by output; a language model's have no end to compare."""
    found = {}
    for name, one in sequences(config, material).items():
        if one.kind != "continued":
            found[name] = one.compared(one.said(network, material, rows, outputs), truths[name])
    return found


def texts(
    config: Config, network: Network, material: Material, rows: Array, outputs: Mapping[str, Array]
) -> dict[str, list[str]]:
    """What is answered to some rows, as text, by output; nothing by a language model, which has no end."""
    found = sequences(config, material).items()
    return {n: one.texts(one.said(network, material, rows, outputs)) for n, one in found if one.kind != "continued"}


def fed_back(config: Config, inputs: Sequence[str]) -> frozenset[str]:
    """The inputs that hold what was said so far, which nobody knows before the answer is read."""
    following = frozenset(str(spec.name) for spec in config.data.targets if spec.following)
    return following if config.predict.decoding is not None and len(inputs) > 1 else frozenset()


def joined(parts: Sequence[Said]) -> Said:
    """The answers to several pieces of rows as one."""
    together = {name: np.concatenate([getattr(one, name) for one in parts]) for name in ("numbers", "wrong", "lengths")}
    texts = [text for one in parts for text in one.texts]
    return Said(texts=texts, truths=[text for one in parts for text in one.truths], unit=parts[0].unit, **together)


def scores(said: Mapping[str, Said], *, several: bool) -> dict[str, float]:
    """The metrics of whole answers, by the name of the output where there are several."""
    named = [(f"{name}_" if several else "", one.scores) for name, one in said.items()]
    return {prefix + key: value for prefix, found in named for key, value in found.items()}


def kind_of(answer: Answer, material: Material) -> Kind | None:
    """How an output's tokens hang together; None where its answer is no sequence of tokens."""
    if losses.parts(answer.loss)[0].name == "CTC":
        return "ctc"
    if answer.spec.following:
        tokens = material.preparation.facts[str(answer.spec.name)].get("vocabulary_size") or answer.task.everywhere
        return None if not tokens else "fed_back" if len(material.preparation.facts) > 1 else "continued"
    return "by_step" if answer.task.everywhere and answer.target.transform is not None else None


def vocabulary_of(config: Config, material: Material, answer: Answer) -> Vocabulary | None:
    """What an output's numbers stand for; where the data has numbers alone, these."""
    source, preparation = config.data.source.arguments, material.preparation
    transform, name = answer.target.transform, str(answer.spec.name)
    if transform is not None:
        return Vocabulary.of_step(transform.entry.steps[-1].name, transform.states[-1], source)
    if answer.spec.following and name in preparation.features:
        return _vocabulary_of_input(config, material, name)
    return Vocabulary.of_numbers()


def _vocabulary_of_input(config: Config, material: Material, name: str) -> Vocabulary | None:
    preparation = material.preparation
    entry, states = preparation.features[name][0], preparation.states[name][0]
    return Vocabulary.of_step(entry.steps[-1].name, states[-1], config.data.source.arguments)


def _units(answer: Answer, vocabulary: Vocabulary | None) -> tuple[int, ...]:
    """The numbers of the tokens that are the classes of a target, in their order."""
    places = {token: number for number, token in enumerate(vocabulary.known, vocabulary.first)} if vocabulary else {}
    return tuple(places[str(name)] for name in answer.target.classes if str(name) in places)
