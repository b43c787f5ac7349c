from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun import catalogue
from nnrun.config import load_config
from nnrun.config.dump import dump
from nnrun.config.spec import Spec
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph
from nnrun.model.shapes import Arithmetic

HEAD = Spec("Dense", {"units": 3, "activation": Spec("softmax", slot="activations")}, slot="layers")


Made = tuple[Graph, Arithmetic]


def expanded(tmp_path: Path, model: dict[str, Any], shapes: dict[str, Any], **sections: Any) -> Made:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": {"source": {"sklearn": "digits"}}, **sections, "model": model}), encoding="utf-8")
    measure = Arithmetic()
    return expand(load_config(file).model, shapes, {"label": HEAD}, None, measure), measure


@pytest.fixture
def made(tmp_path: Path) -> Any:
    def make(layers: list[Any], inputs: Any = ("image",), outputs: Any = None) -> Graph:
        shapes = inputs if isinstance(inputs, dict) else dict.fromkeys(inputs)
        model = {"layers": layers} | ({"outputs": outputs} if outputs else {})
        return expanded(tmp_path, model, shapes)[0]

    return make


def nodes(found: Graph) -> list[tuple[str, tuple[str, ...]]]:
    return [(node.name, node.sources) for node in found.nodes]


def problems(found: Graph) -> list[str]:
    return [problem.what for problem in found.problems]


def test_graph_a_list_is_a_chain_with_the_task_s_head(made: Any) -> None:
    found = made(["Flatten", {"Dense": 8}, {"Dense": 4}])
    assert nodes(found) == [
        ("flatten", ("image",)), ("dense", ("flatten",)), ("dense_1", ("dense",)), ("label", ("dense_1",)),
    ]  # fmt: skip
    assert (found.is_chain, found.outputs, found.last) == (True, {"label": "label"}, "dense_1")


def test_graph_automatic_names_step_aside_for_written_ones(made: Any) -> None:
    found = made([{"Dense": {"units": 8, "name": "dense_1"}}, {"Dense": 8}, {"Dense": 8}])
    assert [node.name for node in found.nodes] == ["dense_1", "dense", "dense_2", "label"]


def test_graph_repeat_writes_its_turns_out_and_the_name_is_the_last(made: Any) -> None:
    found = made([{"Dense": {"repeat": {"units": [8, 4]}, "name": "tower"}}, {"Add": {"from": ["tower.0", "tower.0"]}},
                  {"Concatenate": {"from": ["previous", "tower"]}}])  # fmt: skip
    assert nodes(found)[:2] == [("tower.0", ("image",)), ("tower.1", ("tower.0",))]
    assert [node.spec.arguments for node in found.nodes[:2]] == [{"units": 8}, {"units": 4}]
    assert nodes(found)[3] == ("concatenate", ("add", "tower.1"))
    assert problems(found) == []


def test_graph_no_turn_at_all_passes_the_step_over(made: Any) -> None:
    found = made(
        ["Flatten", {"Dense": {"units": 8, "repeat": 0, "name": "none"}}, {"Dense": {"units": 4, "from": "none"}}]
    )
    assert nodes(found) == [("flatten", ("image",)), ("dense", ("flatten",)), ("label", ("dense",))]


def test_graph_from_a_list_makes_it_no_chain(made: Any) -> None:
    found = made([{"Flatten": {"name": "a"}}, {"Dense": {"units": 64, "name": "b"}}, {"Add": {"from": ["a", "b"]}}])
    assert (found.is_chain, found.nodes[2].given[0].several) == (False, True)


def test_graph_an_output_may_be_a_step_or_a_layer_on_the_last(made: Any) -> None:
    found = made([{"Dense": {"units": 3, "name": "a"}}, {"Dense": 8}], outputs={"first": "a", "second": {"Dense": 1}})
    assert found.outputs == {"first": "a", "second": "second"}
    assert nodes(found)[-1] == ("second", ("dense",))


def test_graph_an_only_output_is_named_after_the_target(made: Any) -> None:
    assert made(["Flatten"], outputs={"Dense": 1}).outputs == {"label": "label"}


@pytest.mark.parametrize(
    ("layers", "inputs", "told"),
    [
        ([{"Dense": {"units": 8, "from": "b"}}], ("a",), ["from: there is no step or input 'b' above"]),
        ([{"Dense": 8}], ("a", "b"), ["Dense does not say on which of the 2 inputs it is called"]),
        ([{"Dense": {"units": 8, "from": "previous"}}], ("a", "b"), ["from: there is no step above this one"]),
        ([{"Dense": {"units": 8, "from": "a"}}], ("a", "b"), ["the input 'b' is used by no step"]),
        ([{"Dense": {"units": 8, "name": "a"}}], ("a",), ["an input is named 'a' already"]),
        ([{"Dense": 8}, {"Dense": {"units": 4, "from": "a"}}], ("a",), ["the step 'dense' leads to no output"]),
        ([{"Dense": {"units": 8, "repeat": 10**9}}], ("a",), ["repeat makes more than 10,000 layers"]),
    ],
)
def test_graph_problem_is_told_once(made: Any, layers: list[Any], inputs: tuple[str, ...], told: list[str]) -> None:
    assert problems(made(layers, inputs)) == told


SAME = {"filters": 4, "kernel_size": 3, "padding": "same"}
GRAPHS: dict[str, list[Any]] = {
    "chain": [{"Conv2D": SAME}, {"MaxPooling2D": 2}, "BatchNormalization", "Flatten", {"Dropout": 0.5}, {"Dense": 5}],
    "branches": [
        {"Conv2D": {"filters": 4, "kernel_size": 3, "name": "a"}},
        {"Conv2D": {"filters": 6, "kernel_size": 3, "from": "image", "name": "b"}},
        {"Concatenate": {"from": ["a", "b"]}},
        "GlobalAveragePooling2D",
    ],
    "residual": [
        {"Conv2D": {**SAME, "repeat": 2, "name": "c"}},
        {"Add": {"from": ["c.0", "c.1"]}},
        {"Reshape": [8, 32]},
        {"Bidirectional": {"LSTM": 3}},
    ],
    "recurrent": [
        {"Reshape": [8, 8]},
        {"GRU": {"units": 4, "return_sequences": True}},
        {"TimeDistributed": {"Dense": 2}},
        {"Conv1D": {"filters": 2, "kernel_size": 3, "strides": 2}},
        "Flatten",
    ],
}


@pytest.mark.parametrize("name", GRAPHS)
def test_graph_arithmetic_gives_the_shapes_and_parameters_of_the_keras_model(tmp_path: Path, name: str) -> None:
    import keras

    def plain(value: Any) -> Any:
        if isinstance(value, Spec):
            return built(value, value.name) if value.slot == "layers" else value.name
        return value

    def built(spec: Spec, label: str) -> Any:
        given = {key: plain(value) for key, value in spec.arguments.items()}
        return getattr(keras.layers, spec.name)(**given, name=label.replace(".", "_"))

    found, measure = expanded(tmp_path, {"layers": GRAPHS[name]}, {"image": (8, 8, 1)})
    tensors = {"image": keras.Input((8, 8, 1))}
    expected = []
    for node in found.nodes:
        layer = built(node.spec, node.name)
        sources = [tensors[source] for source in node.sources]
        tensors[node.name] = layer(sources if node.given[0].several else sources[0])
        expected.append((node.name, tuple(tensors[node.name].shape[1:]), layer.count_params()))
    assert measure.problems == ()
    assert [(row.name, row.shape, row.parameters) for row in measure.rows(found)] == expected


def test_graph_arithmetic_says_a_shape_error_once_and_carries_the_unknown(tmp_path: Path) -> None:
    layers = ["Flatten", {"Conv2D": {"filters": 4, "kernel_size": 3}}, {"MaxPooling2D": 2}, "Flatten"]
    found, measure = expanded(tmp_path, {"layers": layers}, {"image": (8, 8, 1)})
    told = [problem.what for problem in measure.problems]
    assert told == ["Conv2D needs rows of rank 3 (height, width, channels); got (64,)"]
    assert [row.shape for row in measure.rows(found)] == [(64,), None, None, None, None]


def test_graph_words_of_a_step_are_parameters_of_no_layer() -> None:
    """`from` and `repeat` are ours: a layer of Keras that took one of them would be hidden by it."""
    taken = {
        word
        for name in catalogue.names("layers")
        for component in [catalogue.find("layers", name)]
        if component
        for word in ("from", "repeat", "each", "if")
        if component.parameter(word) or any(parameter.name == word for parameter in component.call)
    }
    assert taken == set()
