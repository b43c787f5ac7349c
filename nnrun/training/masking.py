"""Tokens that are hidden from a model, which has to say them (`target: {masked: INPUT}`), in BERT's shares.

Of the hidden tokens 80 % are replaced by the mask, 10 % by any token, 10 % stay as they are, so that a model cannot go
by the mask alone. Padding, unknown tokens and the marks around a text are never hidden. What is not asked for is 0 in
the target.

Every row is masked once, by its tokens and the seed: held-out rows are so, wherever they are scored. In training they
are unmasked again and masked anew, by (seed, epoch, step) as augmentation is: a text is asked for other words each time
it is seen, and there is nothing to save.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnrun.config.config import Config, TargetSpec
from nnrun.data.preparation import Preparation
from nnrun.data.rows import in_memory
from nnrun.data.vocabulary import Vocabulary
from nnrun.errors import DataError
from nnrun.model import framework
from nnrun.training.augmentation import DRAWS, Augmentation

Array = np.ndarray[Any, Any]

HIDDEN, REPLACED = 0.8, 0.1  # of the tokens that are asked for: behind the mask, and any other token in their place
FIRST = 2  # the least token that is hidden: 0 is padding, 1 an unknown token
DRAWN = 3  # times for a batch


@dataclass(frozen=True)
class Masking:
    """How the tokens of one input are hidden: those from 2 to below `mask`, but for `kept` marks."""

    name: str
    rate: float
    mask: int
    kept: tuple[int, ...]
    seed: int
    anew: bool

    def once(self, ids: Any) -> tuple[Array, Array]:
        """The input with hidden tokens, and these tokens, 0 elsewhere; the same for a row wherever it stands."""
        whole = np.asarray(in_memory(ids))
        numbers = whole.astype(np.int32)
        hidden, asked = numbers.copy(), np.zeros_like(numbers)
        for place, row in enumerate(numbers):
            draw = np.random.default_rng([self.seed, zlib.crc32(row.tobytes())])
            chance, fate = draw.random((2, *row.shape))
            strange = draw.integers(FIRST, self.mask, row.shape)
            chosen = (chance < self.rate) & (row >= FIRST) & (row != self.mask) & ~np.isin(row, self.kept)
            asked[place] = np.where(chosen, row, 0)
            told = np.where(fate < HIDDEN, self.mask, np.where(fate < HIDDEN + REPLACED, strange, row))
            hidden[place] = np.where(chosen, told, row)
        return hidden.astype(whole.dtype), asked

    def again(self, hidden: Any, asked: Any, generator: Any) -> tuple[Any, Any]:
        """The same of a batch that was masked before, with other draws."""
        ops, random = framework.keras().ops, framework.keras().random
        dtype = framework.keras().backend.standardize_dtype(hidden.dtype)
        row = ops.where(asked > 0, ops.cast(asked, "int32"), ops.cast(hidden, "int32"))
        chance, fate = (random.uniform(ops.shape(row), seed=generator) for _ in range(2))
        strange = random.randint(ops.shape(row), FIRST, self.mask, seed=generator)
        chosen = (chance < self.rate) & (row >= FIRST) & (row != self.mask)
        for mark in self.kept:
            chosen = chosen & (row != mark)
        told = ops.where(fate < HIDDEN, self.mask, ops.where(fate < HIDDEN + REPLACED, strange, row))
        found = ops.where(chosen, told, row), ops.where(chosen, row, 0)
        return ops.cast(found[0], dtype), ops.cast(found[1], framework.keras().backend.standardize_dtype(asked.dtype))


class Anew:
    """Masks training batches anew, behind the augmentation of other inputs where there is one."""

    def __init__(self, maskings: Mapping[str, Masking], seed: int, augmentation: Augmentation | None) -> None:
        self._maskings, self._seed, self._augmentation = maskings, seed, augmentation
        self._generators = {output: framework.keras().random.SeedGenerator(0) for output in maskings}

    def keys(self, epoch: int) -> Array:
        """What the draws of an epoch begin with: a number for each output, then those of the augmentation."""
        drawn = np.random.SeedSequence([self._seed, 0x6D61736B, epoch]).generate_state(len(self._maskings))
        own = (drawn % np.uint32(2**31 - 2)).astype(np.int32)
        return own if self._augmentation is None else np.concatenate([own, self._augmentation.keys(epoch)])

    def __call__(self, batch: Any, keys: Any, step: Any) -> Any:
        """A batch (inputs, targets and maybe weights) as it is trained on in this step of the epoch."""
        if self._augmentation is not None:
            batch = self._augmentation(batch, keys[len(self._maskings) :], step)
        x, y, *weights = batch
        inputs = dict(x) if isinstance(x, Mapping) else {"": x}
        targets = dict(y) if isinstance(y, Mapping) else {"": y}
        keras = framework.keras()
        for place, (output, masking) in enumerate(self._maskings.items()):
            own, told = masking.name if masking.name in inputs else "", output if output in targets else ""
            generator = self._generators[output]
            dtype = generator.state.dtype
            pair = [keras.ops.cast(keys[place], dtype), keras.ops.cast(step, dtype) * DRAWS]
            states = [(generator.state, keras.ops.stack(pair))]
            with keras.StatelessScope(state_mapping=states, initialize_variables=False):
                inputs[own], targets[told] = masking.again(inputs[own], targets[told], generator)
        return (
            inputs if isinstance(x, Mapping) else inputs[""],
            targets if isinstance(y, Mapping) else targets[""],
            *weights,
        )


def maskings(config: Config, preparation: Preparation, specs: Mapping[str, TargetSpec]) -> dict[str, Masking]:
    """By output, how the input is hidden that it has to say; `specs` are the targets by output."""
    return {output: _masking(config, preparation, spec) for output, spec in specs.items() if spec.masked is not None}


def masked(
    config: Config,
    preparation: Preparation,
    answers: Mapping[str, Any],
    inputs: Mapping[str, Any],
    targets: Mapping[str, Array],
) -> tuple[dict[str, Any], dict[str, Array]]:
    """Inputs and targets of all rows, those masked that the config asks for; a target holds the whole input before."""
    found, asked = dict(inputs), dict(targets)
    for output, how in maskings(config, preparation, {name: one.spec for name, one in answers.items()}).items():
        found[how.name], asked[output] = how.once(targets[output])
    return found, asked


def unmasked(answers: Mapping[str, Any], inputs: Mapping[str, Any], targets: Mapping[str, Array]) -> dict[str, Any]:
    """The inputs of all rows as they were read, for a model that sees all words."""
    found = dict(inputs)
    for output, answer in answers.items():
        if answer.spec.masked is not None:
            asked, name = targets[output], str(answer.spec.name)
            found[name] = np.where(asked > 0, asked, found[name]).astype(found[name].dtype)
    return found


def vocabulary_of(preparation: Preparation, name: str) -> Vocabulary | None:
    """The words of an input of text; None for an array, whose tokens are numbers."""
    if name not in preparation.features:
        return None
    entry, states = preparation.features[name][0], preparation.states[name][0]
    return Vocabulary.of_step(entry.steps[-1].name, states[-1], {})


def _masking(config: Config, preparation: Preparation, spec: TargetSpec) -> Masking:
    assert spec.masked is not None
    name = str(spec.name)
    known, mask = vocabulary_of(preparation, name), mask_of(preparation, spec)
    kept = () if known is None else tuple(mark for mark in (known.start, known.end) if mark is not None)
    return Masking(name, spec.masked.rate, mask, kept, config.seed, spec.masked.anew)


def mask_of(preparation: Preparation, spec: TargetSpec) -> int:
    """The number that hides a token."""
    assert spec.masked is not None
    name = str(spec.name)
    known = vocabulary_of(preparation, name)
    mask = spec.masked.mask if known is None else known.mask
    if mask is None or len(preparation.facts[name]["shape"]) != 1:
        raise not_tokens(spec, is_array=name in preparation.arrays)
    return mask


def not_tokens(spec: TargetSpec, *, is_array: bool) -> DataError:
    """Where no word can be hidden."""
    what = f"the target is what is hidden in {spec.name!r}, which is no text"
    hint = "of an array of numbers of tokens, `masked: {input: ..., mask: 29999}` says which number hides"
    expected = f"`features: {{{spec.name}: {{text: COLUMN}}}}`"
    return DataError(
        what, where=spec.where if spec.where.file else None, expected=expected, hint=hint if is_array else ""
    )
