"""A first config for arrays of a .npz file: a branch for each input, by the shape of its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnrun.data import sources
from nnrun.data.dataset import Dataset
from nnrun.data.target import kind_of
from nnrun.errors import DataError, UsageError, listing
from nnrun.guide.begin import page as lines
from nnrun.guide.begin import pictures
from nnrun.guide.begin.first import Place
from nnrun.guide.example import flow


def page(place: Place, target: str | None, title: str) -> tuple[str, tuple[str, ...]]:
    """The text of the config, and what is worth saying aloud."""
    settings = {"path": place.written, **({"target": target} if target else {})}
    dataset = sources.read("npz", settings, place.roots, stream=False)
    if dataset.target is None:
        hint = "say it: `--target NAME`"
        raise UsageError("which array is to be learned?", expected=listing(sorted(dataset.arrays)), hint=hint)
    learned = dataset.targets[dataset.target]
    if learned.ndim > 2:
        shape = "x".join(map(str, learned.shape[1:]))
        raise DataError(f"{dataset.target} has {shape} values in every row", expected="a class, or one or some numbers")
    kind, why = kind_of(learned, dataset.target)
    classes = _classes(learned) if kind == "classes" else {}
    about = f"a number: {why}" if kind == "number" else f"{len(classes)} classes: {lines.counts(classes)}"
    source = {"npz": settings if target else place.written}
    text = [
        f"data:  # {dataset.size:,} rows: {', '.join(f'{n} {_shape(a)}' for n, a in dataset.arrays.items())}",
        f"  source: {flow(source)}  # {dataset.target}: {about}",
        *lines.split(dataset.size, tuple(dataset.parts)),
        *_model(dataset),
        *lines.training(dataset.size, imbalance=lines.imbalance(classes)),
    ]
    return title + "\n".join(text) + "\n", lines.rare(classes)


def _shape(array: Any) -> str:
    return f"({', '.join(str(size) for size in array.shape[1:])}) {array.dtype}"


def _classes(learned: Any) -> dict[str, int]:
    import numpy as np

    names, counts = np.unique(learned, return_counts=True)
    return {str(name): int(count) for name, count in zip(names, counts, strict=True)}


def _model(dataset: Dataset) -> Iterator[str]:
    """One input goes straight on; several have a branch each, and are joined."""
    names = list(dataset.arrays)
    if len(names) == 1:
        only = dataset.arrays[names[0]]
        if _is_picture(only):
            extra = () if only.ndim == 4 else (f"    - Reshape: {[*only.shape[1:], 1]}",)
            yield from pictures.network(only.shape[1], only.shape[2], extra)
        else:
            yield "model:"
            yield "  layers:"
            yield from (f"    - {step}" for step in _branch(only, dataset.size))
        return
    yield "model:"
    yield "  layers:"
    for name in names:
        steps = _branch(dataset.arrays[name], dataset.size)
        for number, step in enumerate(steps):
            words = ([f"from: {name}"] if number == 0 else []) + (
                [f"name: {name}_seen"] if number == len(steps) - 1 else []
            )
            yield f"    - {_with(step, words)}"
    yield f"    - Concatenate: {flow({'from': [f'{name}_seen' for name in names]})}"
    yield from lines.hidden(dataset.size)


def _branch(array: Any, rows: int) -> list[str]:
    """Steps that make a vector of an input, each on one line."""
    units = 32 if rows < lines.SMALL else 64
    dense = f"Dense: {{units: {units}, activation: relu}}"
    shape = array.shape[1:]
    if _is_picture(array):
        extra = [] if array.ndim == 4 else [f"Reshape: {{target_shape: {[*shape, 1]}}}"]
        convolution = "Conv2D: {filters: 16, kernel_size: 3, padding: same, activation: relu}"
        return [*extra, convolution, "MaxPooling2D: {pool_size: 2}", "Flatten: {}", dense]
    if len(shape) == 1 and array.dtype.kind in "iu":  # tokens
        embedding = f"Embedding: {{input_dim: {int(array.max()) + 1}, output_dim: 16}}"
        return [embedding, "GlobalAveragePooling1D: {}", dense]
    if len(shape) == 2:  # steps of time
        return [f"LSTM: {{units: {units}}}", dense]
    if len(shape) == 0:
        return ["Reshape: {target_shape: [1]}", "BatchNormalization: {}", dense]
    if len(shape) == 1:
        return ["BatchNormalization: {}", dense, dense]
    return ["Flatten: {}", dense, dense]


def _is_picture(array: Any) -> bool:
    """Height, width and few channels; or bytes of a height and a width."""
    shape: tuple[int, ...] = array.shape[1:]
    if len(shape) == 3:
        return min(shape[:2]) >= 4 and shape[2] <= 4
    return len(shape) == 2 and bool(array.dtype == "uint8") and min(shape) >= 8


def _with(step: str, words: list[str]) -> str:
    """A step with further words inside its braces."""
    if not words:
        return step
    name, _, inside = step.partition(": ")
    given = [inside[1:-1]] if inside != "{}" else []
    return f"{name}: {{{', '.join([*given, *words])}}}"
