"""What would be wrong on several replicas, or in a batch that is filled up, and what is right there.

`tests/equality` trains what is not refused here, and compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.check import examine_file
from nnrun.check.data import look
from nnrun.check.devices import nodes
from nnrun.config import load_config
from nnrun.config.dump import dump
from nnrun.data.files import Roots
from nnrun.devices import obstacles
from nnrun.devices.plan import plan
from nnrun.devices.probe import Probe
from nnrun.errors import ConfigError

DIGITS = {"source": {"sklearn": "digits"}, "split": {"validation": 0.2}}
WORDS = {"source": {"npz": "words.npz"}, "split": {"validation": 0.2}}
REPLICAS = {"device": "cpu", "devices": 2, "strategy": "data_parallel"}
MASKED = {"Embedding": {"input_dim": 9, "output_dim": 4, "mask_zero": True}}
STEPS = {"LSTM": {"units": 3, "return_sequences": True}}


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """What `check` says of layers, and other sections, on two replicas of TensorFlow."""
    words = np.arange(240).reshape(40, 6) % 9
    np.savez(tmp_path / "words.npz", word=words, label=words % 3)

    def examine(*layers: Any, runtime: dict[str, Any] = REPLICAS, **sections: Any) -> list[str]:
        file = tmp_path / "a.yaml"
        config = {"data": DIGITS, "model": {"layers": list(layers) or ["Flatten"]}, "runtime": runtime}
        file.write_text(dump(config | sections), encoding="utf-8")
        found = examine_file(file, (), Roots(tmp_path))
        return [problem.what for problem in ConfigError(found.problems).problems] if found.problems else []

    return examine


@pytest.mark.parametrize(
    "layer",
    [
        {"Dropout": 0.2},
        {"GaussianNoise": 0.1},
        {"StochasticDepth": 0.1},
        {"RandomFlip": "horizontal"},
        {"SpatialDropout2D": 0.1},
        {"TimeDistributed": {"layer": {"Dropout": 0.1}}},
    ],
)
def test_obstacles_a_layer_that_draws(told: Any, layer: Any) -> None:
    name = next(iter(layer))
    name = "Dropout" if name == "TimeDistributed" else name
    assert told(layer, "Flatten") == [f"{name} draws in every replica by itself"]


@pytest.mark.parametrize(
    "layer",
    [
        {"LSTM": {"units": 3, "dropout": 0.1}},
        {"GRU": {"units": 3, "recurrent_dropout": 0.1}},
        {"Bidirectional": {"layer": {"LSTM": {"units": 3, "dropout": 0.1}}}},
        {"RNN": {"cell": {"StackedRNNCells": {"cells": [{"GRUCell": {"units": 3, "dropout": 0.1}}]}}}},
    ],
)
def test_obstacles_a_recurrent_layer_that_draws(told: Any, layer: Any) -> None:
    [problem] = told({"Reshape": [8, 8]}, layer)
    assert problem.endswith("draws in every replica by itself")


def test_obstacles_a_layer_that_draws_is_told_once(told: Any) -> None:
    assert len(told("Flatten", {"Dropout": 0.2}, {"Dense": 4}, {"Dropout": {"rate": 0.1, "repeat": 3}})) == 1


def test_obstacles_each_augmentation_draws(told: Any) -> None:
    assert told(data={**DIGITS, "augment": ["RandomFlip", {"TimeShift": 0.1}]}) == [
        "RandomFlip draws in every replica by itself",
        "TimeShift draws in every replica by itself",
    ]


@pytest.mark.parametrize(
    "layers",
    [
        [{"Dropout": 0}, "Flatten"],
        [{"Dropout": {"rate": 0.0}}, "Flatten"],
        [{"Reshape": [8, 8]}, {"LSTM": {"units": 3, "dropout": 0.0, "seed": 3}}],
        [{"BatchNormalization": {"synchronized": True}}, "Flatten"],
        [{"BatchNormalization": {"trainable": False}}, "Flatten"],
        ["LayerNormalization", {"GroupNormalization": 1}, "UnitNormalization", "Flatten"],
        ["Flatten", {"Dense": {"units": 4, "kernel_regularizer": {"L2": 0.1}}}],
        ["Flatten", {"SpectralNormalization": {"layer": {"Dense": 4}}}],
        [{"ops.transpose": {"axes": [0, 2, 1, 3]}}, {"ops.sum": {"axis": [1, 2]}}, {"ops.expand_dims": -1}, "Flatten"],
        ["Flatten", {"ops.cumsum": 1}],
    ],
)
def test_obstacles_none_where_each_row_goes_by_itself(told: Any, layers: Any) -> None:
    assert told(*layers) == []


@pytest.mark.parametrize(
    "compiled",
    [
        {"optimizer": {"Adam": {"clipnorm": None, "use_ema": True}}},
        {"optimizer": "ScheduleFreeAdamW"},
        {"loss": {"SparseCategoricalCrossentropy": {"reduction": "sum"}}},
        {"loss": {"SparseCategoricalCrossentropy": {"ignore_class": None}}},
        {"jit_compile": "auto"},
        {"jit_compile": False},
    ],
)
def test_obstacles_none_in_compile(told: Any, compiled: Any) -> None:
    assert told(compile=compiled) == []


def test_obstacles_none_where_one_device_computes(told: Any) -> None:
    for runtime in ({}, {"device": "cpu", "strategy": "data_parallel"}, {"devices": 1, "strategy": "mirrored"}):
        assert told("BatchNormalization", {"Dropout": 0.2}, "Flatten", runtime=runtime) == []


def test_obstacles_none_on_jax(told: Any) -> None:
    layers = ["BatchNormalization", {"Dropout": 0.2}, "Flatten"]
    assert told(*layers, runtime={**REPLICAS, "backend": "jax"}, compile={"optimizer": {"Adam": {"clipnorm": 1}}}) == []


def test_obstacles_each_batch_normalization_is_told(told: Any) -> None:
    """Each is mended by itself, so that each is told with its place; those of one line in a block are one."""
    what = "BatchNormalization takes the mean of its own rows in every replica"
    assert told("BatchNormalization", "Flatten", {"Dense": 4}, "BatchNormalization") == [what] * 2
    assert told({"BatchNormalization": {"repeat": 3}}, "Flatten") == [what]


@pytest.mark.parametrize(
    ("loss", "part"),
    [
        ("Dice", "Dice"),
        ({"Tversky": {"axis": [0, 1]}}, "Tversky"),
        ({"Sum": {"losses": ["mae", {"Masked": {"loss": "mse"}}]}}, "Masked"),
    ],
)
def test_obstacles_a_loss_over_the_batch(told: Any, loss: Any, part: str) -> None:
    layers = {"model": {"layers": ["Flatten"]}, "data": {"source": {"sklearn": "diabetes"}}}
    assert told(compile={"loss": loss}, **layers) == [f"the loss {part} looks at the whole batch at once"]


@pytest.mark.parametrize("loss", ["IoU", "SSIM", {"Dice": {"axis": [1]}}, {"Sum": {"losses": ["mae", "mse"]}}])
def test_obstacles_none_in_a_loss_by_rows(told: Any, loss: Any) -> None:
    found = told({"Dense": 1}, compile={"loss": loss}, data={"source": {"sklearn": "diabetes"}})
    assert [what for what in found if "batch" in what] == []


@pytest.mark.parametrize(
    "axis", [{"ops.cumsum": 0}, {"ops.flip": {}}, {"ops.roll": {"shift": 1}}, {"UnitNormalization": 0}]
)
def test_obstacles_a_function_along_the_rows(told: Any, axis: Any) -> None:
    [problem] = told("Flatten", axis)
    assert problem.endswith("looks along axis 0, the rows of a batch")


def test_obstacles_a_product_of_rows_with_rows(told: Any) -> None:
    pairs = {"ops.einsum": {"subscripts": "bi,cj->bc", "from": ["one", "one"]}}
    rows = {"ops.einsum": {"subscripts": "bi,bj->bij", "from": ["one", "one"]}}
    first = [{"Flatten": {"name": "one"}}]
    assert told(*first, pairs) == ["ops.einsum looks along axis 0, the rows of a batch"]
    assert told(*first, rows, "Flatten") == []


# Masks


@pytest.mark.parametrize(
    ("layers", "reaches"),
    [
        ([MASKED], True),
        ([MASKED, STEPS], True),
        ([MASKED, {"Bidirectional": {"layer": STEPS}}], True),
        ([MASKED, "LayerNormalization", {"TimeDistributed": {"layer": {"Dense": 3}}}], True),
        ([MASKED, {"StochasticDepth": 0.0}], True),
        ([MASKED, {"MultiHeadAttention": {"num_heads": 1, "key_dim": 2, "from": ["previous", "previous"]}}], True),
        ([MASKED, {"LSTM": 3}, {"RepeatVector": 6}], False),
        ([MASKED, "ops.tanh"], False),
        ([MASKED, {"Conv1D": {"filters": 3, "kernel_size": 1}}], False),
        ([MASKED, "GlobalAveragePooling1D", {"RepeatVector": 6}], False),
        ([{"Embedding": {"input_dim": 9, "output_dim": 4}}, STEPS], False),
    ],
)
def test_obstacles_a_mask_is_followed_to_the_loss(told: Any, layers: Any, reaches: bool) -> None:
    found = told(*layers, data=WORDS, task="segmentation")
    expected = ["the mask of Embedding reaches the loss, which counts the steps of a batch"]
    assert found == (expected if reaches else [])


def test_obstacles_a_sum_has_a_mask_where_each_part_has_one(told: Any) -> None:
    masked = {"Embedding": {**MASKED["Embedding"], "name": "masked", "from": "word"}}
    plain = {"Embedding": {"input_dim": 9, "output_dim": 4, "name": "plain", "from": "word"}}
    for joining, reaches in (("Add", 0), ("Concatenate", 1)):
        found = told(masked, plain, {joining: {"from": ["masked", "plain"]}}, data=WORDS, task="segmentation")
        assert len(found) == reaches, joining


def test_obstacles_an_output_that_is_read_further_has_its_mask(told: Any) -> None:
    word = {"Dense": {"units": 3, "activation": "softmax", "name": "label"}}
    other = {"layers": [MASKED, word, "ops.tanh"], "outputs": {"label": "label", "other": {"Dense": 1}}}
    [problem] = told(data=WORDS, model=other, compile={"loss": {"label": "SparseCategoricalCrossentropy"}})
    assert problem.startswith("the mask of Embedding reaches the loss")


# Applications


@pytest.mark.parametrize(
    ("written", "what"),
    [
        ({"ResNet50": {"trainable": False}}, []),
        ({"VGG16": {}}, []),
        (
            {"ResNet50": {}},
            ["ResNet50 is trained, and its BatchNormalization takes the mean of its own rows in every replica"],
        ),
        ({"ResNet50": {"trainable": {"last": 3, "except": "BatchNormalization"}}}, []),
        ({"EfficientNetB0": {"trainable": False}}, ["EfficientNetB0 draws in every replica by itself"]),
        ({"ConvNeXtTiny": {}}, ["ConvNeXtTiny draws in every replica by itself"]),
        ({"MobileNet": {"trainable": False}}, []),
    ],
)
def test_obstacles_of_applications(told: Any, written: Any, what: list[str]) -> None:
    name, words = next(iter(written.items()))
    layer = {name: {"weights": None, "include_top": False, **words}}
    large = {"Resizing": {"height": 32, "width": 32}}
    assert told(large, {"Concatenate": {"from": ["previous"] * 3}}, layer, "Flatten") == what


# Rows that fill a batch up


def test_obstacles_of_padding_whatever_computes(told: Any) -> None:
    for runtime in ({"remainder": "pad"}, {"remainder": "pad", "backend": "jax"}):
        found = told("BatchNormalization", "Flatten", {"Dropout": 0.2}, runtime=runtime)
        assert found == ["BatchNormalization takes the mean of a batch"]


@pytest.mark.parametrize(
    ("layers", "sections", "what"),
    [
        (["Flatten", {"Dense": {"units": 3, "activity_regularizer": "L2"}}], {}, "the activity_regularizer of Dense"),
        (["Flatten", {"ActivityRegularization": 0.1}], {}, "ActivityRegularization counts"),
        (["MixUp", "Flatten"], {}, "MixUp mixes"),
        (["Flatten"], {"compile": {"loss": {"SparseCategoricalCrossentropy": {"ignore_class": 3}}}}, "the loss Sparse"),
        (["Flatten"], {"compile": {"loss": {"SparseCategoricalCrossentropy": {"reduction": None}}}}, "the loss Sparse"),
    ],
)
def test_obstacles_of_padding(told: Any, layers: Any, sections: Any, what: str) -> None:
    [problem] = told(*layers, runtime={"remainder": "pad"}, **sections)
    assert problem.startswith(what)
    assert told(*layers, runtime={"remainder": "drop"}, **sections) == []


def test_obstacles_synchronized_batches_are_still_means(told: Any) -> None:
    layers = [{"BatchNormalization": {"synchronized": True}}, "Flatten"]
    assert told(*layers, runtime={**REPLICAS, "remainder": "pad"}) == ["BatchNormalization takes the mean of a batch"]
    assert told(*layers, runtime={"backend": "jax"}) == ["synchronized BatchNormalization is for TensorFlow"]


# What is only written, and what is one's own


def test_obstacles_without_a_graph_go_by_the_steps(tmp_path: Path) -> None:
    """Of a config whose data is not here and whose inputs nobody names, as of every other."""
    file = tmp_path / "a.yaml"
    blocks = {"tail": {"layers": [{"Dense": 4}, {"Dropout": 0.1}]}}
    steps = ["Flatten", {"GaussianNoise": {"repeat": {"stddev": [0, 0]}}}, {"Dense": 4}, "tail"]
    file.write_text(dump({"data": DIGITS, "blocks": blocks, "model": {"layers": steps}}))
    config = load_config(file)
    assert [problem.what for problem in obstacles.of_replicas(config)] == ["Dropout draws in every replica by itself"]


def test_obstacles_nodes_are_those_of_the_model(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": DIGITS, "model": {"layers": ["Flatten", {"Dense": {"units": 4, "repeat": 2}}]}}))
    config = load_config(file)
    found = nodes(config, look(config, Roots(tmp_path)))
    assert [node.spec.name for node in found] == ["Flatten", "Dense", "Dense", "Dense"]


FROZEN = {"BatchNormalization": {"name": "bn", "trainable": False}}
BASE = {"ResNet50": {"weights": None, "include_top": False, "pooling": "avg", "name": "base", "trainable": False}}
COLOURED = ({"Resizing": {"height": 32, "width": 32}}, {"Concatenate": {"from": ["previous"] * 3}})


@pytest.mark.parametrize(
    ("layers", "trainable", "is_refused"),
    [
        (("Flatten", FROZEN, {"Dense": 4}), {"bn": True}, True),
        (("Flatten", FROZEN, {"Dense": 4}), {"b*": True}, True),
        (("Flatten", FROZEN, {"Dense": 4}), {"dense": True}, False),
        (("Flatten", FROZEN, {"Dense": 4}), {"bn": False}, False),
        ((*COLOURED, BASE), {"base": {"last": 20}}, True),
        ((*COLOURED, BASE), {"base.conv5_*": True}, True),
        ((*COLOURED, BASE), {"base": {"last": 20, "except": "BatchNormalization"}}, False),
    ],
)
def test_obstacles_what_a_later_phase_trains_is_frozen_no_more(
    told: Any, layers: Any, trainable: Any, is_refused: bool
) -> None:
    found = told(*layers, phases=[{"name": "head"}, {"name": "all", "trainable": trainable}])
    assert [what.endswith("takes the mean of its own rows in every replica") for what in found] == [True] * is_refused


def test_obstacles_the_plan_sees_what_a_later_phase_trains(tmp_path: Path) -> None:
    """`auto` chooses by the same calls."""
    layers = ["Flatten", FROZEN, {"Dense": 4}]
    for place, trainable in enumerate(({"dense": True}, {"bn": True})):
        file = tmp_path / f"{place}.yaml"
        phases = [{"name": "head"}, {"name": "all", "trainable": trainable}]
        file.write_text(dump({"data": DIGITS, "model": {"layers": layers}, "phases": phases}), encoding="utf-8")
        config = load_config(file)
        found = plan(config, Probe("tensorflow", gpus=("A", "B")), nodes(config, look(config, Roots(tmp_path))))
        assert (found.replicas, found.remainder) == ((2, "pad"), (1, "short"))[place]
