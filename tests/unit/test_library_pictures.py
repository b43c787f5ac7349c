"""The shipped blocks for pictures: each counted by hand, and each family built by Keras with the same parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import library, load_config
from nnrun.model import build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

SHAPES: dict[str, tuple[int | None, ...]] = {"image": (8, 8, 4)}


def convolution(kernel: int, inputs: int, outputs: int) -> int:
    return kernel * kernel * inputs * outputs


def norm(channels: int) -> int:
    return 4 * channels


SHORTCUT = convolution(1, 4, 8) + norm(8)
TWICE = convolution(3, 4, 8) + convolution(3, 8, 8) + 2 * norm(8)
# A step, its parameters, and the shape that it gives on pictures of 8 x 8 with 4 channels.
BLOCKS: dict[str, dict[str, tuple[str, int, tuple[int, ...]]]] = {
    "residual": {
        "residual": ("residual: {filters: 8, strides: 2}", TWICE + SHORTCUT, (4, 4, 8)),
        "residual past itself": ("residual: 4", 2 * (convolution(3, 4, 4) + norm(4)), (8, 8, 4)),
        "bottleneck": (
            "bottleneck: 2",
            convolution(1, 4, 2) + convolution(3, 2, 2) + convolution(1, 2, 8) + 2 * norm(2) + norm(8) + SHORTCUT,
            (8, 8, 8),
        ),
        "separable_residual": (
            "separable_residual: 8",
            (9 * 4 + 4 * 8 + 8) + (9 * 8 + 8 * 8 + 8) + 2 * norm(8) + (4 * 8 + 8),
            (4, 4, 8),
        ),
        "inverted_residual": (
            "inverted_residual: {filters: 4, expansion: 2}",
            convolution(1, 4, 8) + norm(8) + 9 * 8 + norm(8) + convolution(1, 8, 4) + norm(4),
            (8, 8, 4),
        ),
        "squeeze_excite": ("squeeze_excite: 2", 4 * 2 + 2 * 4, (8, 8, 4)),
    },
    "unet": {
        "double_convolution": ("double_convolution: 8", TWICE, (8, 8, 8)),
        "unet_down": ("unet_down: 8", TWICE, (4, 4, 8)),
        "unet_up": (
            "unet_up: {filters: 8, from: [halved, input]}",
            convolution(2, 4, 8) + 8 + convolution(3, 8 + 4, 8) + convolution(3, 8, 8) + 2 * norm(8),
            (8, 8, 8),
        ),
    },
    "mixer": {
        "patches": ("patches: 2", 0, (16, 16)),
        "mixer": (
            "mixer: {units: 6, from: row}",
            (64 * 6 + 6) + (6 * 64 + 64) + (4 * 6 + 6) + (6 * 4 + 4) + 16,
            (64, 4),
        ),
        "convolution_mixer": ("convolution_mixer: 3", 9 * 4 + 4 + norm(4) + 4 * 4 + 4 + norm(4), (8, 8, 4)),
    },
}


def planned(folder: Path, *steps: str) -> Any:
    """The model of some steps beside each other, each an output, and the graph and its rows by arithmetic."""
    ready = "    - MaxPooling2D: {name: halved}\n    - Reshape: {target_shape: [64, 4], from: image, name: row}\n"
    others = "    halved: halved\n    row: row\n"
    outputs = "".join(f"    out_{place}: {{{named(step)}}}\n" for place, step in enumerate(steps))
    (folder / "a.yaml").write_text(
        f"data: {{source: {{npz: a.npz}}}}\nmodel:\n  layers:\n{ready}  outputs:\n{others}{outputs}"
    )
    model, measure = load_config(folder / "a.yaml").model, Arithmetic()
    graph = expand(model, SHAPES, {}, None, measure)
    assert not [*graph.problems, *measure.problems]
    return model, graph, {row.name: row for row in measure.rows(graph)}


def named(step: str) -> str:
    """A step that is called on the pictures where it does not say on what."""
    name, _, given = step.partition(": ")
    if "from" in given:
        return step
    first = {"squeeze_excite": "ratio", "patches": "size", "convolution_mixer": "kernel_size"}.get(name, "filters")
    inside = given.strip("{}") if given.startswith("{") else f"{first}: {given}"
    return f"{name}: {{{inside}, from: image}}"


@pytest.mark.parametrize(("family", "name"), [(family, name) for family in BLOCKS for name in BLOCKS[family]])
def test_block_has_the_shape_and_the_parameters_that_can_be_counted_by_hand(
    family: str, name: str, tmp_path: Path
) -> None:
    step, parameters, shape = BLOCKS[family][name]
    _, graph, rows = planned(tmp_path, step)
    assert sum(row.parameters or 0 for row in rows.values()) == parameters
    assert rows[graph.outputs["out_0"]].shape == shape


@pytest.mark.parametrize("family", BLOCKS)
def test_blocks_of_a_family_are_built_by_keras_with_the_same_parameters(family: str, tmp_path: Path) -> None:
    blocks = BLOCKS[family].values()
    model, graph, _ = planned(tmp_path, *(step for step, _, _ in blocks))
    built = build.build(graph, model, SHAPES, {}, {}, {}, family)
    assert built.model.count_params() == sum(parameters for _, parameters, _ in blocks)
    assert [built.output_shape(f"out_{place}") for place in range(len(blocks))] == [shape for _, _, shape in blocks]


def test_blocks_of_pictures_are_all_tested() -> None:
    tried = {step.partition(":")[0] for blocks in BLOCKS.values() for step, _, _ in blocks.values()}
    shipped = {name for name in library.names() for family in BLOCKS if f"  {name}:\n".encode() in library.text(family)}
    assert shipped == tried
