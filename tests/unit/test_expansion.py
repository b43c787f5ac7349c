"""What the grammar of steps says: blocks, turns, dots, references, sharing, outputs and losses, by arithmetic alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import load_config, read_config
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph
from nnrun.model.shapes import Arithmetic

HEAD = Spec("Dense", {"units": 3, "activation": Spec("softmax", slot="activations")}, slot="layers")


class Made:
    """A config's text, written out on inputs of these shapes."""

    def __init__(self, folder: Path, text: str, shapes: dict[str, Any], facts: Any = None) -> None:
        file = folder / "a.yaml"
        file.write_text("data: {source: {sklearn: digits}}\n" + text, encoding="utf-8")
        self.measure = Arithmetic()
        self.graph: Graph = expand(load_config(file).model, shapes, {"label": HEAD}, facts, self.measure)

    @property
    def calls(self) -> list[str]:
        return [f"{node.name} <- {', '.join(node.sources)}" for node in self.graph.nodes]

    @property
    def shapes(self) -> dict[str, Any]:
        return {row.name: row.shape for row in self.measure.rows(self.graph)}

    @property
    def problems(self) -> list[str]:
        return [problem.what for problem in (*self.graph.problems, *self.measure.problems)]


@pytest.fixture
def made(tmp_path: Path) -> Any:
    def make(text: str, facts: Any = None, **shapes: Any) -> Made:
        return Made(tmp_path, text, shapes or {"image": (8, 8, 1)}, facts)

    return make


U_NET = """
blocks:
  down:
    parameters: [filters, kernel_size: 3]
    layers:
      - Conv2D: {filters: $filters, kernel_size: $kernel_size, padding: same, repeat: 2, name: skip}
      - MaxPooling2D: 2
  up:
    parameters: [filters]
    inputs: [below, skip]
    layers:
      - Conv2DTranspose: {filters: $filters, kernel_size: 2, strides: 2, from: below}
      - Concatenate: {from: [previous, skip]}
model:
  layers:
    - down: {repeat: {filters: [4, 8]}, name: encoder}
    - Conv2D: {filters: 8, kernel_size: 3, padding: same, each: {dilation_rate: [1, 2]}, name: pyramid}
    - Concatenate
    - up: {repeat: {filters: [8, 4]}, from: [previous, encoder.$(1 - turn).skip]}
"""


def test_expansion_of_a_u_net_names_every_call_by_its_path(made: Any) -> None:
    found = made(U_NET)
    assert found.problems == []
    assert found.calls == [
        "encoder.0.skip.0 <- image",
        "encoder.0.skip.1 <- encoder.0.skip.0",
        "encoder.0.max_pooling2d <- encoder.0.skip.1",
        "encoder.1.skip.0 <- encoder.0.max_pooling2d",
        "encoder.1.skip.1 <- encoder.1.skip.0",
        "encoder.1.max_pooling2d <- encoder.1.skip.1",
        "pyramid.0 <- encoder.1.max_pooling2d",
        "pyramid.1 <- encoder.1.max_pooling2d",
        "concatenate <- pyramid.0, pyramid.1",
        "up.conv2d_transpose <- concatenate",
        "up.concatenate <- up.conv2d_transpose, encoder.1.skip.1",
        "up_1.conv2d_transpose <- up.concatenate",
        "up_1.concatenate <- up_1.conv2d_transpose, encoder.0.skip.1",
        "label <- up_1.concatenate",
    ]
    assert found.shapes["up_1.concatenate"] == (8, 8, 8)


def test_expansion_evaluates_references_to_variables_parameters_turns_and_sizes(made: Any) -> None:
    found = made(
        """
variables: {width: 6, rate: 0.25}
blocks:
  squeeze:
    parameters: [ratio: 2]
    layers:
      - Dense: $(input.channels // ratio)
      - Dense: {units: $input.channels, activation: sigmoid}
model:
  layers:
    - Flatten
    - Dense: $(width * 2)
    - squeeze: 3
    - Dense: {units: $(width + turn), repeat: 2}
    - Dropout: $rate
    - Dense: {units: $(round(previous.channels * 0.5)), if: $(width > 5)}
    - Dense: {units: 99, if: false}
"""
    )
    units = [node.spec.arguments["units"] for node in found.graph.nodes if node.spec.name == "Dense"]
    assert (found.problems, units) == ([], [12, 4, 12, 6, 7, 4, 3])


def test_expansion_each_goes_through_the_tensors_of_a_name(made: Any) -> None:
    found = made(
        """
model:
  layers:
    - Dense: {units: 2, each: {from: [a, b]}, name: projected}
    - Dense: {units: 4, from: projected.1}
    - Concatenate: {from: [previous, projected]}
""",
        a=(3,),
        b=(5,),
    )
    assert found.calls[:4] == [
        "projected.0 <- a",
        "projected.1 <- b",
        "dense <- projected.1",
        "concatenate <- dense, projected.0, projected.1",
    ]
    assert found.problems == []


def test_expansion_a_name_of_several_tensors_and_a_mapping_of_places(made: Any) -> None:
    found = made(
        """
model:
  layers:
    - LSTM: {units: 4, return_state: true, from: a, name: encoder}
    - LSTM: {units: 4, return_sequences: true, from: {sequences: b, initial_state: [encoder.1, encoder.2]}}
    - MultiHeadAttention: {num_heads: 2, key_dim: 2, use_causal_mask: true, from: [previous, b]}
    - Add: {from: [previous, lstm]}
    - Flatten
    - Concatenate: {from: [previous, encoder.0]}
""",
        a=(5, 3),
        b=(7, 3),
    )
    assert found.problems == []
    assert [given.parameter for given in found.graph.nodes[1].given] == ["sequences", "initial_state"]
    assert found.shapes["concatenate"] == (32,)


def test_expansion_a_step_s_name_calls_its_layers_again(made: Any) -> None:
    found = made(
        """
blocks:
  tower:
    - Dense: {units: 8, name: first}
    - Dense: 2
model:
  layers:
    - tower: {from: a, name: embed}
    - embed: {from: b, name: other}
    - Concatenate: {from: [embed, other]}
""",
        a=(3,),
        b=(3,),
    )
    assert found.problems == []
    assert [(node.name, node.layer) for node in found.graph.nodes[:4]] == [
        ("embed.first", "embed.first"),
        ("embed.dense", "embed.dense"),
        ("other.first", "embed.first"),
        ("other.dense", "embed.dense"),
    ]
    assert [row.parameters for row in found.measure.rows(found.graph)][:4] == [32, 18, 0, 0]


def test_expansion_outputs_and_losses_name_tensors(made: Any) -> None:
    found = made(
        """
model:
  layers:
    - Flatten
    - Dense: {units: 2, name: mean}
    - Dense: {units: 2, from: flatten, name: log_var}
    - Add: {from: [mean, log_var]}
  outputs: {label: {Dense: 3}, code: mean}
  losses: {kl: {gaussian_kl: {from: [mean, log_var]}}}
"""
    )
    assert found.problems == []
    assert found.graph.outputs == {"label": "label", "code": "mean"}
    assert found.graph.losses == {"kl": "kl.multiply"}
    assert found.graph.is_chain is False


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("- Dense: {units: 4, from: encoder.0}", "from: there is no step or input 'encoder' above"),
        ("- Flatten: {name: a}\n    - Dense: {units: 4, from: a.skip}", "from: there is nothing named 'skip' in a"),
        (
            "- Dense: {units: 4, repeat: 2, name: t}\n    - Dense: {units: 4, from: t.2}",
            "from: t has 2 turns, counted from 0",
        ),
        ("- Dense: $(1 / 0)", "a division by zero"),
        ("- Dense: $(width)", "$width is not known"),
        ("- Dense: $turn", "$turn is not known"),
        ("- Dense: $image.depth", "$image.depth: rows of image have the shape (8, 8, 1)"),
        ("- Dense: {units: 4, repeat: $(2.5 * 2)}", "repeat is 5.0"),
        ("- ops.subtract", "ops.subtract is called on 1 tensor"),
        ("- ops.add: {from: [image, image, image]}", "ops.add is called on 3 tensors"),
        ("- LSTM: {units: 2, from: {sequence: image}}", "LSTM is called on no tensor 'sequence'"),
        ("- Variable: {shape: [2], from: image}", "Variable is called on nothing"),
        ("- ops.space_to_depth: 0", "ops.space_to_depth: block_size must be a positive whole number; got 0"),
        ("- ops.depth_to_space: -1", "ops.depth_to_space: block_size must be a positive whole number; got -1"),
        ("- gaussian_kl: {from: [image, image, image]}", "the block 'gaussian_kl' has 2 inputs, and is called on 3"),
        ("- Flatten: {name: image}", "an input is named 'image' already"),
    ],
)
def test_expansion_tells_what_cannot_be(made: Any, steps: str, told: str) -> None:
    assert made(f"model:\n  layers:\n    {steps}\n").problems[:1] == [told]


def test_expansion_holds_a_value_that_comes_by_reference_to_the_rules_of_its_place(tmp_path: Path, made: Any) -> None:
    found = made("variables: {size: big}\nmodel:\n  layers:\n    - Dense: $size\n")
    assert found.problems == ["units of Dense is the text 'big', from $size"]
    assert found.graph.problems[0].where.line == 5
    found = made("variables: {weights: /etc/passwd}\nmodel:\n  layers:\n    - MobileNet: {weights: $weights}\n")
    assert "may not come from a config" in found.problems[0]


def test_expansion_a_problem_in_a_block_tells_where_the_block_was_called(made: Any) -> None:
    found = made("blocks:\n  b:\n    - Dense: $wdth\nmodel:\n  layers:\n    - b\n")
    problem = found.graph.problems[0]
    assert (problem.where.line, "in the block 'b', called at" in problem.hint) == (4, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("blocks: {Down: [Flatten]}", "a block may not be named 'Down'"),
        ("blocks: {down: {layer: [Flatten]}}", "the block 'down' has no layers"),
        ("blocks: {down: {layers: [Flatten], input: [a]}}", "unknown key 'input' in a block"),
        (
            "blocks: {down: {parameters: [a], layers: [Flatten]}}",
            "the parameter 'a' of the block 'down' is used by no step",
        ),
        ("blocks: {down: [Flatten, down]}", "the block 'down' calls itself"),
        ("blocks: {down: [Flatten]}", "the block 'down' is called by no step"),
        ("variables: {data: 3}", "a variable may not be named 'data'"),
        ("variables: {a: $b, b: 3}", "$b is not known"),
        ("fit: {epochs: $epohs}\nvariables: {epochs: 3}", "$epohs is not known"),
    ],
)
def test_expansion_sections_tell_their_mistakes(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"data: {{source: {{sklearn: digits}}}}\nmodel: {{layers: [Flatten]}}\n{text}\n", encoding="utf-8")
    _, problems = read_config(file)
    assert told in [problem.what for problem in problems]


def test_expansion_variables_reach_every_section(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "variables: {epochs: 3, rate: 0.5, double: $(epochs * 2)}\n"
        "data: {source: {sklearn: digits}, split: {test: $(rate / 5)}}\n"
        "model: {layers: [Flatten]}\nfit: {epochs: $double}\ncompile: {optimizer: {Adam: $rate}}\n",
        encoding="utf-8",
    )
    config = load_config(file)
    assert config.data.split is not None
    assert (config.fit.epochs, config.data.split.test, config.compile.optimizer.arguments) == (
        6,
        0.1,
        {"learning_rate": 0.5},
    )


def test_expansion_refuses_a_name_that_means_something(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "data: {source: {sklearn: digits}}\nmodel: {layers: [{Dense: {units: 8, name: turn}}]}\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="a step may not be named 'turn'"):
        load_config(file)


def test_step_of_a_block_that_one_use_leaves_out_is_no_mistake(made: Any) -> None:
    text = """
blocks:
  layer:
    - Dense: {units: 4, name: skip}
    - Add: {from: [previous, input]}
model:
  layers:
    - layer: {repeat: 2, name: stack}
    - Add: {from: [stack.0.skip, stack.1.skip]}
"""
    found = made(text, rows=(4,))
    assert found.problems == []
    assert "stack.1.add" not in found.shapes


def test_step_of_a_block_that_every_use_leaves_out_is_told_once(made: Any) -> None:
    text = """
blocks:
  layer:
    - Dense: 4
    - ReLU: {from: input}
model:
  layers:
    - layer: {repeat: 3}
"""
    assert made(text, rows=(4,)).problems == ["the step 'layer.dense' leads to no output"]


def test_step_that_is_named_like_a_loss_of_keras_is_the_step(made: Any) -> None:
    text = """
model:
  layers:
    - Dense: 4
    - ops.relu
    - ops.sum: {axis: -1, name: hinge}
  outputs: {near: dense}
  losses: {triplet: hinge}
"""
    text = text.replace("- Dense: 4", "- Dense: {units: 4, name: dense}")
    assert made(text, rows=(4,)).graph.losses == {"triplet": "hinge"}
