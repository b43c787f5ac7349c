from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import read_config
from nnrun.config.loader import Document, load_text
from nnrun.config.overrides import apply
from nnrun.errors import ConfigError

CONFIG = """
data:
  source: {sklearn: digits}
model:
  layers:
    - Conv2D: {filters: 8, kernel_size: 3}
    - MaxPooling2D: 2
    - Conv2D: {filters: 16, kernel_size: 3, name: second}
    - Flatten
    - Dropout:
compile:
  optimizer: adam
fit:
  callbacks:
    - EarlyStopping: {patience: 4}
blocks:
  tower:
    - Dense: 4
    - inner: {rate: 0.1}
    - other
    - third: 5
  wide: {parameters: [units, rate: 0.1], layers: [Dense: $units, Dropout: $rate]}
"""


def overridden(*overrides: str) -> Document:
    document = load_text(CONFIG, "a.yaml")
    for override in overrides:
        apply(document, override)
    return document


def at(document: Document, *path: str | int) -> Any:
    data = document.data
    for key in path:
        data = data[key]
    return data


@pytest.mark.parametrize(
    ("override", "path", "value"),
    [
        ("seed=7", ("seed",), 7),
        ("fit.epochs=1e1", ("fit",), {"callbacks": [{"EarlyStopping": {"patience": 4}}], "epochs": 10.0}),
        ("cv.folds=3", ("cv",), {"folds": 3}),
        ("report.figures=[curves, folds]", ("report", "figures"), ["curves", "folds"]),
        ("name=a=b", ("name",), "a=b"),
        ("name=", ("name",), None),
        ("data.source=csv", ("data", "source"), "csv"),
        ("data.source.name=iris", ("data", "source"), {"sklearn": {"name": "iris"}}),
        ("model.layers.0.filters=4", ("model", "layers", 0), {"Conv2D": {"filters": 4, "kernel_size": 3}}),
        ("model.layers.0.Conv2D.filters=4", ("model", "layers", 0), {"Conv2D": {"filters": 4, "kernel_size": 3}}),
        ("model.layers.-1.rate=0.1", ("model", "layers", 4), {"Dropout": {"rate": 0.1}}),
        (
            "model.layers.MaxPooling2D.strides=1",
            ("model", "layers", 1),
            {"MaxPooling2D": {"pool_size": 2, "strides": 1}},
        ),
        (
            "model.layers.1.MaxPooling2D.strides=1",
            ("model", "layers", 1),
            {"MaxPooling2D": {"pool_size": 2, "strides": 1}},
        ),
        ("model.layers.second.filters=32", ("model", "layers", 2, "Conv2D", "filters"), 32),
        ("model.layers.Flatten.name=flat", ("model", "layers", 3), {"Flatten": {"name": "flat"}}),
        ("model.layers.Dropout=0.2", ("model", "layers", 4), {"Dropout": 0.2}),
        ("model.layers.MaxPooling2D={pool_size: 3}", ("model", "layers", 1), {"MaxPooling2D": {"pool_size": 3}}),
        ("blocks.tower.inner.repeat=3", ("blocks", "tower", 1), {"inner": {"rate": 0.1, "repeat": 3}}),
        ("blocks.tower.1.rate=3", ("blocks", "tower", 1), {"inner": {"rate": 3}}),
        ("blocks.tower.other.name=a", ("blocks", "tower", 2), {"other": {"name": "a"}}),
        ("blocks.wide.layers.Dropout=0.3", ("blocks", "wide", "layers", 1), {"Dropout": 0.3}),
        ("blocks.wide.parameters.rate=0.3", ("blocks", "wide", "parameters"), ["units", {"rate": 0.3}]),
        ("model.layers.3=Dense", ("model", "layers", 3), "Dense"),
        ("compile.optimizer.learning_rate=0.1", ("compile", "optimizer"), {"adam": {"learning_rate": 0.1}}),
        ("fit.callbacks.EarlyStopping.patience=9", ("fit", "callbacks", 0, "EarlyStopping", "patience"), 9),
        ("fit.class_weight.0=2.5", ("fit", "class_weight"), {0: 2.5}),
    ],
)
def test_overrides_set_the_key(override: str, path: tuple[str | int, ...], value: Any) -> None:
    assert at(overridden(override), *path) == value


def test_overrides_come_one_after_another() -> None:
    document = overridden("cv.folds=3", "cv.seed=1", "cv.folds=4")
    assert document.data["cv"] == {"folds": 4, "seed": 1}


def test_overrides_are_the_place_of_what_they_set() -> None:
    document = overridden("fit={epochs: 0}")
    assert str(document.value(("fit", "epochs"))) == "-s fit={epochs: 0}"
    assert ("fit", "callbacks") not in document.values


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("fit.epochs", "'fit.epochs' is no override\n    expected: -s KEY=VALUE, such as -s fit.epochs=5"),
        ("a..b=3", "'a..b=3' is no override\n    expected: -s KEY=VALUE, such as -s fit.epochs=5"),
        ("model.layers.9.units=3", "there is no item 9; the list has 5, counted from 0"),
        ("model.layers.--1.units=3", "no item of the list is named '--1'\n    expected: an index from 0, or a name"),
        (
            "model.layers.Flaten.name=a",
            "no item of the list is named 'Flaten'\n    expected: an index from 0, or a name\n"
            "    did you mean 'Flatten'?",
        ),
        ("model.layers.Conv2D.filters=3", "2 items of the list are Conv2D\n    expected: an index: 0, 2"),
        ("fit.callbacks.0.patience.x=3", "'patience' is a plain value and has no keys inside"),
        (
            "blocks.tower.third.rate=3",
            "'third' has a plain value, beside which 'rate' cannot stand\n"
            "    expected: `third: {argument: value}` in the file",
        ),
        ("fit.epochs=[1", "not YAML: did not find expected ',' or ']'"),
        ("fit.epochs=!!str 5", "the tag 'tag:yaml.org,2002:str' is not allowed"),
    ],
)
def test_overrides_that_cannot_be_are_told_by_their_text(override: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        overridden(override)
    assert str(caught.value) == f"-s {override}: {message}"


def test_overrides_of_a_variable_that_nothing_reads_are_told_and_those_that_replace_its_use_are_not(
    tmp_path: Path,
) -> None:
    lines = "variables: {rounds: 3}\ndata: {source: {sklearn: digits}}\nmodel: {layers: [Flatten]}\n"
    (tmp_path / "a.yaml").write_text(lines + "fit: {epochs: $rounds}\n")

    assert read_config(tmp_path / "a.yaml", ["fit.epochs=2"])[1] == []
    assert read_config(tmp_path / "a.yaml", ["variables.rounds=2"])[1] == []
    (problem,) = read_config(tmp_path / "a.yaml", ["variables.round=2"])[1]
    assert (problem.what, problem.hint) == ("the variable 'round' is used nowhere", "did you mean 'rounds'?")
