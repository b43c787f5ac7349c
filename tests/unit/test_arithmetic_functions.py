"""The shapes that functions of keras.ops give: those that Keras gives, and its refusals."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from nnrun import catalogue
from nnrun.model.arithmetic import ShapeError, output_shape, parameters
from nnrun.model.arithmetic.registry import FUNCTIONS

Shapes = tuple[tuple[int | None, ...], ...]

ONE: Shapes = ((6, 4),)
TWO: Shapes = ((6, 4), (6, 4))
# What a function is called with where nothing but the tensors would not do.
CASES: dict[str, list[tuple[dict[str, Any], Shapes]]] = {
    "ops.cast": [({"dtype": "int32"}, ONE)],
    "ops.clip": [({"x_min": 0, "x_max": 1}, ONE)],
    "ops.concatenate": [({"axis": 1}, ((2, 4), (3, 4))), ({"axis": -1}, ((2, 4), (2, None)))],
    "ops.depth_to_space": [({"block_size": 2}, ((6, 4, 12),)), ({"block_size": 2}, ((None, 4, 8),))],
    "ops.expand_dims": [({"axis": 1}, ONE), ({"axis": -1}, ONE)],
    "ops.fft2": [({}, TWO)],
    "ops.flip": [({"axis": 1}, ONE)],
    "ops.image.extract_patches": [
        ({"size": 3}, ((7, 9, 2),)),
        ({"size": [3, 2], "strides": 1, "padding": "same"}, ((7, 9, 2),)),
        ({"size": 3, "strides": 2}, ((7, 9, 2),)),
    ],
    "ops.logsumexp": [({"axis": 1}, ONE)],
    "ops.matmul": [({}, ((6, 4), (4, 5))), ({}, ((None, 4), (4, 5)))],
    "ops.one_hot": [({"num_classes": 7}, ((6,),))],
    "ops.repeat": [({"repeats": 2, "axis": 1}, ONE)],
    "ops.reshape": [({"newshape": [-1, 8, 3]}, ONE)],
    "ops.rfft": [({}, ONE), ({"fft_length": 9}, ONE)],
    "ops.roll": [({"shift": 1, "axis": 1}, ONE)],
    "ops.split": [({"indices_or_sections": 2, "axis": 1}, ONE), ({"indices_or_sections": [1, 3], "axis": -1}, ONE)],
    "ops.squeeze": [({"axis": 2}, ((6, 1),)), ({"axis": -1}, ((None, 1),))],
    "ops.stack": [({"axis": 1}, TWO), ({"axis": -1}, TWO)],
    "ops.swapaxes": [({"axis1": 1, "axis2": -1}, ONE)],
    "ops.take": [({"indices": [0, 2], "axis": 1}, ONE), ({"indices": 0, "axis": -1}, ONE)],
    "ops.top_k": [({"k": 2}, ONE)],
    "ops.transpose": [({"axes": [0, 2, 1]}, ONE)],
    "ops.unstack": [({"axis": 1}, ((3, 4),))],
    "ops.where": [({}, (*TWO, (6, 4)))],
}
REDUCED = [({"axis": -1}, ONE), ({"axis": [1, 2], "keepdims": True}, ONE), ({"axis": 1}, ((None, 4),))]
SINGLE = ("ops.argmax", "ops.argmin")  # they take one axis


def cases(name: str) -> list[tuple[dict[str, Any], Shapes]]:
    """A few calls of a function that it can have."""
    if name in CASES:
        return CASES[name]
    rule = FUNCTIONS[name]
    if rule.least == rule.most == 1:
        component = catalogue.find("ops", name)
        assert component is not None
        if component.parameter("keepdims"):
            return [case for case in REDUCED if name not in SINGLE or case[0]["axis"] != [1, 2]]
        return [({"axis": -1}, ONE)] if component.parameter("axis") else [({}, ONE), ({}, ((None, 4),))]
    return [({}, TWO), ({}, ((6, 4), (1, 4))), ({}, ((6, None), (6, 4))), ({}, ((6, None), (6, 1)))]


def keras_says(name: str, arguments: dict[str, Any], shapes: Shapes) -> Any:
    import keras

    component = catalogue.find("ops", name)
    assert component is not None
    called = getattr(importlib.import_module(component.module), component.name.rpartition(".")[2])
    dtype = "bool" if "logical" in name else "int32" if name == "ops.one_hot" else "float32"
    tensors = [keras.KerasTensor((None, *shape), dtype=dtype) for shape in shapes]
    together = [tensors] if component.parameters[0].kind == "tensors" else tensors
    made = called(*together, **arguments)
    return [tuple(one.shape[1:]) for one in made] if isinstance(made, list | tuple) else tuple(made.shape[1:])


def we_say(name: str, arguments: dict[str, Any], shapes: Shapes) -> Any:
    component = catalogue.find("ops", name)
    assert component is not None
    return output_shape(name, {**component.defaults(), **arguments}, shapes)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_gives_the_shape_that_keras_gives(name: str) -> None:
    for arguments, shapes in cases(name):
        assert we_say(name, arguments, shapes) == keras_says(name, arguments, shapes), (arguments, shapes)


def test_function_has_no_weights() -> None:
    assert parameters("ops.einsum", {}, [(6, 4)]) == 0


@pytest.mark.parametrize(
    ("name", "arguments", "shapes", "told"),
    [
        ("ops.sum", {}, ONE, "ops.sum without an axis goes over the batch too"),
        ("ops.mean", {"axis": 0}, ONE, "ops.mean: axis 0 is the batch axis"),
        ("ops.add", {}, ((6, 4), (5, 4)), "ops.add: shapes do not broadcast: (6, 4) and (5, 4)"),
        ("ops.matmul", {}, ((6, 4), (3, 5)), "ops.matmul: rows of (6, 4) and (3, 5) do not fit"),
        ("ops.split", {"indices_or_sections": 3, "axis": -1}, ONE, "ops.split: an axis of 4 has no 3 equal parts"),
        ("ops.reshape", {"newshape": [-1, 7]}, ONE, "ops.reshape: [-1, 7] does not hold the 24 values of a row (6, 4)"),
    ],
)
def test_function_that_cannot_be_is_told(name: str, arguments: dict[str, Any], shapes: Shapes, told: str) -> None:
    with pytest.raises(ShapeError) as caught:
        we_say(name, arguments, shapes)
    assert caught.value.what == told
