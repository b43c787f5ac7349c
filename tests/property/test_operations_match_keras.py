"""For every function of ops that the arithmetic knows, Keras' symbolic shapes are the same, and so are its refusals."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from nnrun import catalogue
from nnrun.model.arithmetic import OPERATIONS, ShapeError, Tensor, result

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

Shape = tuple[int | None, ...]
N = None  # the batch, or an axis that is not known
X, Y = (N, 4, 6), (N, 1, 6)
PICTURE = (N, 8, 6, 4)
ONE = [X, (N, 3), PICTURE, (N, N, 5)]
AXES: list[Any] = [-1, 1, 0, 2, 3, -4]

# The arguments to try, tensors as tuples; what is not listed is called on one tensor, or on two that broadcast.
CASES: dict[str, list[dict[str, Any]]] = {
    "argsort": [{"axis": axis} for axis in [*AXES, None]],
    "cast": [{"dtype": "float16"}],
    "clip": [{"x_min": 0.0, "x_max": 1.0}],
    "concatenate": [
        *({"xs": [X, Y], "axis": axis} for axis in AXES),
        {"xs": [X, X, X], "axis": -1},
        {"xs": [X, (N, 4, N)], "axis": 2},
        {"xs": [X, (N, 3)], "axis": 1},
    ],
    "cumprod": [{"axis": axis} for axis in [*AXES, None]],
    "cumsum": [{"axis": axis} for axis in [*AXES, None]],
    "depth_to_space": [{"x": x, "block_size": size} for x in (PICTURE, X, (N, N, 5, 8)) for size in (2, 3)],
    "diff": [{"axis": axis, "n": n} for axis in AXES for n in (1, 2, 9)],
    "dot": [{"x1": x, "x2": y} for x in (X, (N, 6)) for y in ((6, 3), (6,), (5, 3), (2, 6, 3), (2, 5, 3))],
    "dot_product_attention": [{"query": PICTURE, "key": PICTURE, "value": PICTURE}],
    "einsum": [
        {"subscripts": "bij,bkj->bik", "operands": [X, (N, 5, 6)]},
        {"subscripts": "bij,jk->bik", "operands": [X, (6, 2)]},
        {"subscripts": "bij->bji", "operands": [X]},
        {"subscripts": "bij,bij->b", "operands": [X, X]},
        {"subscripts": "bij,bkj", "operands": [X, (N, 5, 6)]},
        {"subscripts": "bij,bkj->bik", "operands": [X]},
        {"subscripts": "bi,bkj->bik", "operands": [X, X]},
    ],
    "expand_dims": [{"axis": axis} for axis in [*AXES, [1, 2], 4]],
    "fft": [{"x": [X, X]}, {"x": [X, Y]}, {"x": [(N, N), (N, N)]}],
    "flip": [{"axis": axis} for axis in [*AXES, None]],
    "full_like": [{"fill_value": 0.5}],
    "glu": [{"axis": axis} for axis in (-1, 1, 2)],
    "hard_shrink": [{}],
    "image.extract_patches": [
        {"images": PICTURE, "size": size, "strides": strides, "padding": padding}
        for size in (2, [3, 2], 9)
        for strides in (None, 1)
        for padding in ("valid", "same")
    ],
    "image.resize": [{"images": PICTURE, "size": [3, 5]}, {"images": (N, N, N, 3), "size": [3, 5]}],
    "image.rgb_to_grayscale": [{"images": (N, 8, 6, 3)}, {"images": PICTURE}],
    "layer_normalization": [{}],
    "log_softmax": [{"axis": axis} for axis in AXES],
    "matmul": [
        {"x1": x, "x2": y}
        for x in (X, (N, 6), (N, 2, 4, 6))
        for y in ((6, 3), (6,), (N, 6, 2), (N, 4, 6), (N, N, 6, 2), (5, 3))
    ],
    "average_pool": [
        {"inputs": PICTURE, "pool_size": size, "strides": strides, "padding": padding}
        for size in (2, [3, 2], 9)
        for strides in (None, 1)
        for padding in ("valid", "same")
    ],
    "moments": [{"axes": axes, "keepdims": keep} for axes in ([1], [1, 2], [0]) for keep in (False, True)],
    "moveaxis": [
        {"source": 1, "destination": 2},
        {"source": [1, 2], "destination": [2, 1]},
        {"source": -1, "destination": 1},
    ],
    "normalize": [{"axis": axis} for axis in AXES],
    "norm": [{"axis": axis, "keepdims": keep} for axis in (-1, 1, 2, None, [1, 2]) for keep in (False, True)],
    "one_hot": [{"num_classes": 3, "axis": axis} for axis in (-1, 0, 1, 2, 3)],
    "pad": [{"pad_width": width} for width in ([[0, 0], [1, 2], [0, 3]], 1, [1, 2], [[1, 1]], [[0, 0], [1, 1]])],
    "power": [{"x1": X, "x2": 2}, {"x1": X, "x2": Y}],
    "repeat": [{"repeats": repeats, "axis": axis} for repeats in (2, [2], [1, 2]) for axis in (1, -1, None)],
    "reshape": [{"newshape": shape} for shape in ([-1, 24], [-1, 4, 2, 3], [-1, 5], [2, -1, 3])],
    "rfft": [{}, {"fft_length": 10}],
    "roll": [{"shift": 1, "axis": axis} for axis in [*AXES, None]],
    "saturate_cast": [{"dtype": "float16"}],
    "slice": [
        {"inputs": X, "start_indices": [0, 1, 2], "shape": [-1, 2, -1]},
        {"inputs": X, "start_indices": [0, 1, 2], "shape": [-1, 2]},
    ],
    "softmax": [{"axis": axis} for axis in AXES],
    "sort": [{"axis": axis} for axis in AXES],
    "space_to_depth": [{"x": x, "block_size": size} for x in (PICTURE, X, (N, N, 5, 8)) for size in (2, 3)],
    "split": [{"indices_or_sections": parts, "axis": axis} for parts in (2, 3, [1, 2]) for axis in AXES],
    "squeeze": [{"x": (N, 1, 6), "axis": axis} for axis in (1, -1, None, [1], 3)] + [{"x": Y}],
    "stack": [{"x": [X, X], "axis": axis} for axis in AXES] + [{"x": [X, (N, 3)], "axis": 1}],
    "swapaxes": [{"axis1": 1, "axis2": axis} for axis in AXES],
    "take": [{"indices": indices, "axis": axis} for indices in (1, [0, 2], (N, 3)) for axis in (1, -1, 0, None, 5)],
    "take_along_axis": [{"x": X, "indices": (N, 2, 6), "axis": 1}, {"x": X, "indices": (N, 3), "axis": 1}],
    "tensordot": [{"x1": X, "x2": (6, 3), "axes": axes} for axes in (0, 1, 2)],
    "threshold": [{"threshold": 0.5, "default_value": 0.0}],
    "tile": [{"repeats": repeats} for repeats in ([1, 2, 3], [2], [2, 1, 1, 1])],
    "top_k": [{"k": 2}],
    "transpose": [{"axes": axes} for axes in ([0, 2, 1], [0, 1], None, [0, 1, 1], [0, -1, 1])],
    "unstack": [{"axis": axis} for axis in (1, -1)]
    + [{"x": (N, N, 3), "axis": 1}, {"x": (N, N, 3), "axis": 1, "num": 2}],
    "where": [{"condition": X, "x1": x, "x2": y} for x in (X, 0.5, (N, 3)) for y in (Y, 1.0)],
}
CASES |= {"max_pool": CASES["average_pool"], "fft2": CASES["fft"], "ifft2": CASES["fft"]}
PAIRS = [(X, X), (X, Y), (X, (6,)), (X, (N, 3)), (X, (N, N, 6)), ((N, 1), (1, 5)), ((N, N), (N, 1))]


def cases(name: str) -> Iterator[dict[str, Any]]:
    """Calls of a function, each tensor a tuple of its sizes."""
    component = catalogue.find("ops", f"ops.{name}")
    assert component is not None, name
    first, *others = (parameter.name for parameter in component.parameters)
    if name in CASES:
        for written in CASES[name]:
            filled = first in written or (any(isinstance(value, tuple) for value in written.values()) and first != "x")
            yield from [written] if filled else [{first: x} | written for x in ONE]
        return
    if "keepdims" in others or "axis" in others:
        single = name.startswith("arg") or name == "average"
        for x in ONE:
            for axis in (-1, 1, 2, None, *([] if single else [[1, 2], [-1]])):
                yield {first: x, "axis": axis}
                if "keepdims" in others:
                    yield {first: x, "axis": axis, "keepdims": True}
        return
    if len(component.parameters) > 1 and component.parameters[1].required:
        yield from ({first: x, others[0]: y} for x, y in PAIRS)
        return
    yield from ({first: x} for x in ONE)


def keras_says(name: str, arguments: dict[str, Any]) -> Any:
    function = keras.ops
    for part in name.split("."):
        function = getattr(function, part)
    given = {key: _tensor(value) for key, value in arguments.items()}
    operands = given.pop("operands", None)
    try:
        found = function(*([given.pop("subscripts"), *operands] if operands else ()), **given)
    except Exception:  # a refusal comes as ValueError, TypeError, IndexError
        return "refused"
    return [tuple(item.shape) for item in found] if isinstance(found, list | tuple) else tuple(found.shape)


def _tensor(value: Any) -> Any:
    if isinstance(value, tuple):
        return keras.KerasTensor(value)
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        return [keras.KerasTensor(item) for item in value]
    return value


def we_say(name: str, arguments: dict[str, Any]) -> Any:
    component = catalogue.find("ops", f"ops.{name}")
    assert component is not None
    given = {
        key: Tensor(value)
        if isinstance(value, tuple)
        else [Tensor(item) for item in value]
        if isinstance(value, list) and value and isinstance(value[0], tuple)
        else value
        for key, value in arguments.items()
    }
    order = {parameter.name: parameter.default for parameter in component.parameters}
    try:
        return result(f"ops.{name}", order | given)
    except ShapeError:
        return "refused"


@pytest.mark.parametrize("name", sorted(name.removeprefix("ops.") for name in OPERATIONS))
def test_operations_match_keras(name: str) -> None:
    told = [(case, we_say(name, case), keras_says(name, case)) for case in cases(name)]
    assert [each for each in told if each[1] is not None and each[1] != each[2]] == []
    agreed = [each for each in told if each[1] not in (None, "refused")]
    assert agreed, "no case that both accept: the test would show nothing"
    assert len([each for each in told if each[1] is None]) <= len(told) / 3


def test_operations_are_names_of_the_catalogue() -> None:
    assert set(OPERATIONS) <= set(catalogue.names("ops"))
    assert inspect.isfunction(keras.ops.add)
