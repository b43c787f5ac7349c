"""The preparation as a part of a Keras model, which then takes raw columns: numbers, NaN where blank, and texts.

A preparation that can be joined has `join(keras, values, state)`, which makes of tensors what `apply` makes of arrays;
one that can be undone in a target has `unjoin`. Both are given Keras, since nothing here imports it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.config import Entry
from nnrun.data.categories import text_of
from nnrun.data.features import gives, preparation_module, takes
from nnrun.data.preparation import Preparation
from nnrun.errors import DataError, listing


@dataclass(frozen=True)
class Column:
    """One raw column (rows, 1) where categories are wanted; `text` says that it holds texts, else numbers."""

    keras: Any
    tensor: Any
    text: bool

    def places(self, vocabulary: Sequence[str]) -> Any:
        """The place of every value in the vocabulary (rows, 1); -1 for one that is not there."""
        return self._of_texts(vocabulary) if self.text else self._of_numbers(vocabulary)

    def _of_texts(self, vocabulary: Sequence[str]) -> Any:
        unknown = "[UNK]"
        while unknown in vocabulary:
            unknown += "]"
        lookup = self.keras.layers.StringLookup(vocabulary=list(vocabulary), mask_token=None, oov_token=unknown)
        return self.keras.ops.cast(lookup(self.tensor), "int32") - 1

    def _of_numbers(self, vocabulary: Sequence[str]) -> Any:
        """Numbers are compared as numbers: the texts of a vocabulary that are none stand for no value."""
        import numpy as np

        ops = self.keras.ops
        known = np.array([[_number(text) for text in vocabulary]], dtype=self.tensor.dtype)
        same = ops.cast(ops.equal(self.tensor, known), "int32")
        place = ops.cast(ops.argmax(same, axis=-1, keepdims=True), "int32")
        found = ops.where(ops.max(same, axis=-1, keepdims=True) > 0, place, -1)
        if "" not in vocabulary:
            return found
        return ops.where(ops.isnan(self.tensor), list(vocabulary).index(""), found)


@dataclass(frozen=True)
class Joined:
    """`raw` are the inputs by column or array, `prepared` what the network takes, by its own inputs."""

    raw: dict[str, Any] = field(default_factory=dict)
    prepared: dict[str, Any] = field(default_factory=dict)


def joined(keras: Any, preparation: Preparation, columns: Mapping[str, str]) -> Joined:
    """The fitted preparation on inputs of Keras; `columns` are "numbers" or "text" as they were read.

    Raises DataError, which names every step that Keras' own layers cannot carry out.
    """
    _refuse(preparation, columns)
    found = Joined()
    exact = "float64" if keras.backend.backend() == "tensorflow" else "float32"

    def raw(name: str) -> Any:
        if name not in found.raw:
            kind = "string" if columns[name] == "text" else exact
            found.raw[name] = keras.Input((1,), dtype=kind, name=_layer_name(name))
        return found.raw[name]

    for name, entries in preparation.features.items():
        blocks = []
        for entry, states in zip(entries, preparation.states[name], strict=True):
            tensors = [Column(keras, raw(column), columns[column] == "text") for column in entry.columns]
            blocks.append(_steps(keras, entry, states, tensors))
        found.prepared[name] = _input(keras, blocks)
    for name, shape in preparation.arrays.items():
        found.raw[name] = keras.Input(shape, dtype="float32", name=_layer_name(name))
        scale = preparation.scale.get(name)
        found.prepared[name] = found.raw[name] if scale is None else found.raw[name] * scale
    return found


def _steps(keras: Any, entry: Entry, states: Sequence[Mapping[str, Any]], columns: list[Column]) -> Any:
    """The columns of an entry through its steps."""
    ops = keras.ops
    has = takes(entry.steps[0])
    values: Any = columns
    if has == "numbers":
        tensors = [column.tensor for column in columns]
        values = ops.concatenate(tensors, axis=1) if len(tensors) > 1 else tensors[0]
    for step, state in zip(entry.steps, states, strict=True):
        if has == "numbers" and takes(step) == "categories":
            values = [Column(keras, values[:, place : place + 1], False) for place in range(values.shape[1])]
        values = preparation_module(step).join(keras, values, state)
        has = has if gives(step) == "same" else gives(step)
    return values


def _input(keras: Any, blocks: Sequence[Any]) -> Any:
    """Blocks side by side, as the network takes them: float32, or ids, of which a single column is (rows,)."""
    ops = keras.ops
    if all("int" in str(block.dtype) for block in blocks):
        whole = ops.concatenate(blocks, axis=1) if len(blocks) > 1 else blocks[0]
        return ops.squeeze(whole, axis=1) if whole.shape[1] == 1 else whole
    cast = [ops.cast(block, "float32") for block in blocks]
    return ops.concatenate(cast, axis=1) if len(cast) > 1 else cast[0]


def _refuse(preparation: Preparation, columns: Mapping[str, str]) -> None:
    entries = [entry for entries in preparation.features.values() for entry in entries]
    missing = [step.name for entry in entries for step in entry.steps if not hasattr(preparation_module(step), "join")]
    missing += ["a preparation of an array" for entry in entries if any(name not in columns for name in entry.columns)]
    missing += ["steps that are shifted" for _ in preparation.shifted]
    if missing:
        raise DataError(
            f"Keras' own layers cannot carry out {listing(list(dict.fromkeys(missing)))}",
            hint="the preparation cannot be a part of the model; `nnrun predict` takes raw rows all the same",
        )


def _layer_name(column: str) -> str:
    """A column's name as Keras takes it for a layer."""
    return column.replace("/", "_") or "_"


def _number(text: str) -> float:
    """The number that a category was; NaN, which equals nothing, for a text that was none."""
    try:
        number = float(text)
    except ValueError:
        return float("nan")
    return number if text_of(number) == text else float("nan")
