"""Pictures of which training sees parts, drawn anew each time: what stands for a row where nothing is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.rows import CutRows, Rows
from nnrun.model import augmenting, framework
from nnrun.training.answers import Answer
from nnrun.training.laid_out import role, times

Size = tuple[int, int]
Shape = tuple[int | None, ...]


def sizes(config: Config, shapes: Mapping[str, Shape]) -> dict[str, tuple[int | None, int | None]]:
    """The height and width in which the model gets each picture that training crops; None: any."""
    found = augmenting.crops(config.data.augment, list(shapes), config.model.inputs or {})
    return {name: size for name, size in found.items() if _fits(size, shapes[name])}


def cut(
    inputs: Mapping[str, Any],
    targets: Mapping[str, Any],
    answers: Mapping[str, Answer],
    sizes: Mapping[str, tuple[int | None, int | None]],
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The middle of the pictures of these inputs, and of the targets that are laid out like them."""
    found, learned = dict(inputs), dict(targets)
    for name, (height, width) in sizes.items():
        if height is None or width is None:
            continue
        shape = tuple(inputs[name].shape[1:])
        found[name] = centre(inputs[name], (height, width))
        for output, target in targets.items():
            factors = times(shape, target.shape[1:])
            if factors and role(shape, answers[output], target.shape[1:]) != "mixed":
                learned[output] = centre(target, (height * factors[0], width * factors[1]), factors)
    return found, learned


def centre(pictures: Any, size: Size, times: Size = (1, 1)) -> Any:
    """The middle of pictures (rows, height, width, ...); of larger ones it begins at a whole multiple of `times`."""
    places = [
        slice(first, first + length)
        for first, length in zip(
            ((whole // factor - length // factor) // 2 * factor
             for whole, length, factor in zip(pictures.shape[1:3], size, times, strict=True)),
            size, strict=True,
        )
    ]  # fmt: skip
    if isinstance(pictures, Rows):
        return CutRows(pictures, places[0], places[1])
    return np.asarray(pictures)[:, places[0], places[1]]


def cropped(pictures: Any, size: Size, times: Size, generator: Any) -> Any:
    """A part of each picture of a batch, drawn for each by itself.

    Args:
        pictures: (rows, height, width, ...) of numbers.
        size: Height and width of a part, in pixels of the input.
        times: How many pixels of `pictures` lie along one of the input: both are cut at the same place.
        generator: What the places are drawn from.
    """
    keras = framework.keras()
    ops, rows = keras.ops, framework.keras().ops.shape(pictures)[0]
    drawn = keras.random.uniform((2, rows, 1), seed=generator)
    places = []
    for axis, (length, factor) in enumerate(zip(size, times, strict=True)):
        whole = pictures.shape[axis + 1] // factor
        first = ops.minimum(ops.floor(drawn[axis] * (whole - length + 1)), whole - length)
        places.append(ops.cast(first, "int32") * factor + ops.arange(length * factor, dtype="int32"))
    height, width = pictures.shape[1:3]
    lines = ops.reshape(ops.arange(rows, dtype="int32") * height, (-1, 1)) + places[0]
    pixels = ops.expand_dims(lines * width, 2) + ops.expand_dims(places[1], 1)
    others = tuple(pictures.shape[3:])
    found = ops.take(ops.reshape(pictures, (-1, *others)), ops.reshape(pixels, (-1,)), axis=0)
    return ops.reshape(found, (-1, size[0] * times[0], size[1] * times[1], *others))


def _fits(size: tuple[int | None, int | None], shape: Shape) -> bool:
    """Whether it can be cut out of a row; what cannot is told by `augmented.require`."""
    return len(shape) == 3 and all(
        length is None or (whole is not None and length <= whole) for length, whole in zip(size, shape[:2], strict=True)
    )
