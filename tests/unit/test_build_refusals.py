"""What Keras refuses comes back with the place of the step; what it cannot put into a model is said before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import load_config
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, MissingError, Problem
from nnrun.model.build import Built, build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

HEADS = {"label": Spec("Dense", {"units": 3}, slot="layers")}


def built(folder: Path, shape: str, *lines: str) -> Built:
    """A model on one input, built without a look at what arithmetic says."""
    text = "\n".join(("data: {source: {sklearn: digits}}", *lines, f"  inputs: {{image: {shape}}}"))
    (folder / "a.yaml").write_text(text + "\n", encoding="utf-8")
    model = load_config(folder / "a.yaml").model
    shapes: dict[str, Any] = dict(model.inputs or {})
    plan = expand(model, shapes, HEADS, None, Arithmetic())
    return build(plan, model, shapes, {}, HEADS, {}, "a")


def refusal(folder: Path, shape: str, *lines: str) -> Problem:
    with pytest.raises(ConfigError) as caught:
        built(folder, shape, *lines)
    (problem,) = caught.value.problems
    return problem


def test_build_functions_and_layers_of_one_name_go_together(tmp_path: Path) -> None:
    steps = "[Dense: {units: 4, name: wide}, Add: {from: [wide, image]}, ops.add: 0.5, Softmax, ops.softmax]"
    found = built(tmp_path, "[4]", "model:", f"  layers: {steps}")
    names = [operation.name for operation in found.model.operations]
    assert names == ["image", "wide", "add", "add_1", "softmax", "softmax_1", "label"]


def test_build_a_refusal_in_a_block_tells_line_call_and_reason(tmp_path: Path) -> None:
    lines = ("blocks:", "  side:", "    - Dense: {each: {units: [2, 3]}, name: both}", "    - ops.hstack: {from: both}")
    found = refusal(tmp_path, "[4, 4]", *lines, "model:", "  layers: [side]")
    assert found.where is not None
    assert (found.where.line, found.where.path) == (5, "blocks.side[1].ops.hstack")
    assert found.what.startswith("Keras refuses ops.hstack: ")
    assert "in the block 'side', called at" in found.hint


def test_build_weights_of_the_network_are_missing_and_not_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        built(tmp_path, "[32, 32, 3]", "model:", "  layers: [MobileNet: {include_top: false, pooling: avg}]")
    (problem,) = caught.value.problems
    assert (
        str(problem)
        .splitlines()[0]
        .endswith("a.yaml:3:12: MobileNet begins with the weights 'imagenet', from the network")
    )
    assert "--allow-download" in problem.hint


def test_build_the_reason_is_told_and_not_that_there_was_one(tmp_path: Path) -> None:
    found = refusal(tmp_path, "[5, 4]", "model:", "  layers: [Reshape: [4, 4]]")
    assert found.what.startswith("Keras refuses Reshape: The total size of the tensor must be unchanged")


def test_build_a_layer_that_gives_back_its_tensor_is_told(tmp_path: Path) -> None:
    found = refusal(tmp_path, "[4, 4, 3]", "model:", "  layers: [Equalization, Flatten]")
    assert found.what.startswith("Equalization gives back the very tensor that it is called on")


def test_build_a_size_that_differs_from_row_to_row_is_told_by_its_name(tmp_path: Path) -> None:
    found = refusal(tmp_path, "[null, 3]", "model:", "  layers: [Dense: $input.length]")
    assert found.what == "$input.length is not known: the data does not tell it, or it differs from row to row"


def test_build_ends_where_a_reference_is_wrong_and_tells_that(tmp_path: Path) -> None:
    lines = ("blocks:", "  sized: [Dense: $input.channels]", "model:", "  layers: [ops.split: 2, sized]")
    assert refusal(tmp_path, "[4, 4]", *lines).what == "input stands for 2 tensors"
