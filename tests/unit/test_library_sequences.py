"""The shipped blocks for sequences: each counted by hand, and all of them built by Keras with the same parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import load_config
from nnrun.model import build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

SHAPES: dict[str, tuple[int | None, ...]] = {"sequence": (10, 8)}
NORMAL, HEADS_OF_4 = 16, 4 * (8 * 8 + 8)  # scale and offset; query, key, value and output of two heads of 4
FEED = (8 * 32 + 32) + (32 * 8 + 8)
BLOCKS = {
    "position_embedding": ("position_embedding", 10 * 8),
    "transformer_encoder": ("transformer_encoder: {heads: 2, key_dim: 4, units: 32}", HEADS_OF_4 + FEED + 2 * NORMAL),
    "transformer_decoder": (
        "transformer_decoder: {heads: 2, key_dim: 4, units: 32, from: [previous, previous]}",
        2 * HEADS_OF_4 + FEED + 3 * NORMAL,
    ),
    "wavenet": ("wavenet: {filters: 16, repeat: {dilation_rate: [1, 2]}}", 2 * (2 * (2 * 8 * 16 + 16) + 16 * 8 + 8)),
}


def planned(folder: Path, *steps: str) -> Any:
    """The model of some steps, and its graph by arithmetic."""
    layers = "".join(f"    - {step}\n" for step in steps)
    outputs = "  outputs: {Dense: 1}\n"
    (folder / "a.yaml").write_text(f"data: {{source: {{npz: a.npz}}}}\nmodel:\n  layers:\n{layers}{outputs}")
    model, measure = load_config(folder / "a.yaml").model, Arithmetic()
    graph = expand(model, SHAPES, {}, None, measure)
    assert not [*graph.problems, *measure.problems]
    return model, graph, sum(row.parameters or 0 for row in measure.rows(graph)) - 9


@pytest.mark.parametrize("name", BLOCKS)
def test_block_has_the_parameters_that_can_be_counted_by_hand(name: str, tmp_path: Path) -> None:
    step, expected = BLOCKS[name]
    assert planned(tmp_path, step)[2] == expected


def test_blocks_are_built_by_keras_with_the_same_parameters(tmp_path: Path) -> None:
    model, graph, counted = planned(tmp_path, *(step for step, _ in BLOCKS.values()))
    built = build.build(graph, model, SHAPES, {}, {}, {}, "sequences")
    assert built.model.count_params() - 9 == counted == sum(expected for _, expected in BLOCKS.values())
    assert built.output_shape("output") == (10, 1)


def test_wavenet_gives_the_skips_of_its_turns(tmp_path: Path) -> None:
    stack = "wavenet: {filters: 16, repeat: {dilation_rate: [1, 2]}, name: stack}"
    _, graph, _ = planned(tmp_path, stack, "Add: {from: [stack.0.skip, stack.1.skip]}")
    assert "stack.1.add" not in [node.name for node in graph.nodes]
