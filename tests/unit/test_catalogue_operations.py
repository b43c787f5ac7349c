"""The functions of keras.ops: which of their parameters are tensors, what is a list of them, what has any name."""

from __future__ import annotations

import pytest

from nnrun import catalogue
from nnrun.catalogue import Component


def operation(name: str) -> Component:
    found = catalogue.find("ops", name)
    assert found is not None
    return found


def kinds(name: str) -> dict[str, str]:
    return {parameter.name: parameter.kind for parameter in operation(name).parameters}


def test_catalogue_operations_has_one_name_for_each_function() -> None:
    homes = [(found.module, found.name) for found in map(operation, catalogue.names("ops"))]
    assert ("keras.ops", "ops.relu") in homes
    assert ("keras.ops.image", "ops.image.resize") in homes
    assert {module for module, _ in homes} == {"keras.ops", "keras.ops.image"}


@pytest.mark.parametrize(
    ("name", "tensors"),
    [
        ("ops.matmul", ["x1", "x2"]),
        ("ops.relu", ["x"]),
        ("ops.abs", ["x"]),  # asks through `absolute`
        ("ops.reshape", ["x"]),
        ("ops.take", ["x", "indices"]),
        ("ops.where", ["condition", "x1", "x2"]),
        ("ops.conv", ["inputs", "kernel"]),
        ("ops.dot_product_attention", ["query", "key", "value", "bias", "mask"]),
        ("ops.stack", ["x"]),
        ("ops.einsum", []),
    ],
)
def test_catalogue_operations_tensors(name: str, tensors: list[str]) -> None:
    found = operation(name)
    assert [item.name for item in found.parameters if catalogue.is_tensor(found, item)] == tensors


def test_catalogue_operations_kinds() -> None:
    assert kinds("ops.stack") == {"x": "tensors", "axis": "integers"}
    assert kinds("ops.select") == {"condlist": "tensors", "choicelist": "tensors", "default": "tensor"}
    assert kinds("ops.reshape") == {"x": "tensor", "newshape": "shape"}
    assert kinds("ops.cast") == {"x": "tensor", "dtype": "dtype"}
    assert kinds("ops.tile") == {"x": "tensor", "repeats": "integers"}


def test_catalogue_operations_take_any_number_of_tensors() -> None:
    assert (operation("ops.einsum").variadic, operation("ops.matmul").variadic) == ("operands", "")
    assert [item.name for item in operation("ops.einsum").parameters] == ["subscripts"]


def test_catalogue_operations_rearrange_takes_the_names_of_its_axes() -> None:
    rearrange = operation("ops.rearrange")
    width = rearrange.parameter("width")
    assert width is not None
    assert (width.name, width.kind, width.required) == ("width", "integer", False)
    assert rearrange.parameter("no name") is None
    assert [item.name for item in rearrange.parameters] == ["tensor", "pattern"]
    assert operation("ops.einsum").parameter("width") is None


@pytest.mark.parametrize(
    ("slot", "name", "parameter", "answer"),
    [
        ("layers", "MultiHeadAttention", "query_mask", True),
        ("layers", "MultiHeadAttention", "use_causal_mask", False),
        ("layers", "LSTM", "initial_state", True),
    ],
)
def test_catalogue_operations_tensors_of_a_layers_call(slot: str, name: str, parameter: str, answer: bool) -> None:
    found = catalogue.find(slot, name)
    assert found is not None
    assert catalogue.is_tensor(found, next(item for item in found.call if item.name == parameter)) is answer
