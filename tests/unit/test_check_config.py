from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.check import examine_file
from nnrun.config.dump import dump
from nnrun.data.files import Roots
from nnrun.errors import ConfigError, DataError, NnrunError

TABLE = "height,weight,city,age\n1.5,50,Rome,30\n1.8,80,Oslo,40\n1.6,60,Rome,50\n"
CSV = {"source": {"csv": "people.csv"}, "target": "age"}
DIGITS = {"source": {"sklearn": "digits"}, "split": {"validation": 0.2}}
FLAT = {"layers": ["Flatten", {"Dense": 8}]}


@pytest.fixture
def told(tmp_path: Path) -> Any:
    """What is wrong with a config beside the table `people.csv`: the sentences, in the order of the lines."""
    (tmp_path / "people.csv").write_text(TABLE, encoding="utf-8")

    def examine(**sections: Any) -> list[str]:
        file = tmp_path / "a.yaml"
        file.write_text(dump({"data": DIGITS, "model": FLAT} | sections), encoding="utf-8")
        found = examine_file(file, (), Roots(tmp_path))
        return [problem.what for problem in ConfigError(found.problems).problems]

    return examine


def test_check_nothing_is_wrong_with_a_sound_config(told: Any) -> None:
    assert told() == []
    assert told(data=CSV, model={"layers": [{"Dense": 8}]}) == []


def test_check_knows_inputs_and_rows_without_keras(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": DIGITS, "model": FLAT}), encoding="utf-8")
    found = examine_file(file, (), Roots(tmp_path))
    assert found.inputs == (("image", (8, 8, 1)),)
    assert [(row.name, row.shape, row.parameters) for row in found.rows] == [
        ("flatten", (64,), 0),
        ("dense", (8,), 520),
        ("label", (10,), 90),
    ]


def test_check_a_missing_file_is_a_warning(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": CSV, "model": {"layers": [{"Dense": 8}]}}), encoding="utf-8")
    found = examine_file(file, (), Roots(tmp_path))
    assert found.problems == ()
    assert [warning.partition(": ")[2] for warning in found.warnings] == [
        "there is no 'people.csv' here; its columns and shapes are not checked"
    ]


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"data": {**CSV, "target": "aeg"}}, ["the target 'aeg' does not exist"]),
        ({"data": {**CSV, "split": {"column": "yaer", "test": [1]}}}, ["the split's column 'yaer' does not exist"]),
        ({"data": CSV, "cv": {"group": "town"}}, ["the group column 'town' does not exist"]),
        (
            {"data": {**CSV, "features": [{"normalize": ["age", "hight"]}]}},
            [
                "the column 'hight' does not exist",
                "the target 'age' is among the features, so the answer would be told",
            ],
        ),
    ],
)
def test_check_columns_are_held_against_the_header(told: Any, sections: dict[str, Any], what: list[str]) -> None:
    assert sorted(told(model={"layers": [{"Dense": 8}]}, **sections)) == what


@pytest.mark.parametrize(
    ("loss", "target", "told_of"),
    [
        ("mse", None, ["the loss MeanSquaredError compares numbers, and the target has class numbers"]),
        (
            "binary_crossentropy",
            None,
            ["the loss BinaryCrossentropy compares numbers, and the target has class numbers"],
        ),
        ("categorical_crossentropy", None, ["the loss CategoricalCrossentropy wants a one-hot target"]),
        ("sparse_categorical_crossentropy", None, []),
        ("crossentropy", None, []),
        ("mse", {"one_hot": "label"}, []),
        ("categorical_crossentropy", {"one_hot": "label"}, []),
    ],
)
def test_check_loss_is_held_against_the_target(told: Any, loss: str, target: Any, told_of: list[str]) -> None:
    data = DIGITS | ({"target": target} if target else {})
    assert told(data=data, compile={"loss": loss}) == told_of


@pytest.mark.parametrize(
    ("callback", "split", "what"),
    [
        ({"EarlyStopping": {"monitor": "val_loss"}}, {"validation": 0.2}, []),
        ({"EarlyStopping": {"monitor": "accuracy"}}, {"test": 0.2}, []),
        ("EarlyStopping", {"test": 0.2}, ["EarlyStopping watches val_loss, and there is no validation part"]),
        (
            {"EarlyStopping": {"monitor": "val_acc"}},
            {"validation": 0.2},
            ["EarlyStopping watches 'val_acc', which is not logged"],
        ),
        ("TerminateOnNaN", {"test": 0.2}, []),
    ],
)
def test_check_monitor_is_held_against_what_is_logged(told: Any, callback: Any, split: Any, what: list[str]) -> None:
    assert told(data={**DIGITS, "split": split}, fit={"callbacks": [callback]}) == what


def test_check_a_step_that_is_wrong_already_is_not_judged_by_its_shape(told: Any) -> None:
    assert told(model={"layers": ["Flatten", {"LSTM": {"units": 8, "unit": 9}}]}) == ["LSTM has no argument 'unit'"]


def test_check_problems_of_reading_and_of_fitting_together_come_at_once(told: Any) -> None:
    model = {"layers": [{"Flatten": {"naem": "a"}}, {"Conv2D": {"filters": 8, "kernel_size": 3}}]}
    assert told(model=model, fit={"epochs": 0}, report={"figures": ["roc"]}) == [
        "Flatten has no argument 'naem'",
        "Conv2D needs rows of rank 3 (height, width, channels); got (64,)",
        "epochs is 0",
        "there is no figure 'roc'",
    ]


@pytest.mark.parametrize(
    ("table", "sections", "kind", "what"),
    [
        ("", {}, DataError, ["people.csv: the file is empty"]),
        ("a,a\n1,2\n", {}, DataError, ["two columns are called a"]),
        ("", {"fit": {"epochs": 0}}, ConfigError, ["people.csv: the file is empty", "epochs is 0"]),
        (TABLE, {"data": {**CSV, "target": "aeg"}}, ConfigError, ["the target 'aeg' does not exist"]),
        (TABLE, {"data": {"source": {"sklearn": "digit"}}}, ConfigError, ["scikit-learn carries no data set 'digit'"]),
        (TABLE, {"data": {**CSV, "source": {"csv": "../people.csv"}}}, ConfigError, ["leads outside of"]),
        (
            TABLE,
            {"data": {**CSV, "source": {"csv": {"path": "people.csv", "delimiter": ";;"}}}},
            ConfigError,
            ["the delimiter ';;' is not one character"],
        ),
    ],
)
def test_check_faults_of_the_data_are_no_faults_of_the_config(
    tmp_path: Path, table: str, sections: Any, kind: type[NnrunError], what: list[str]
) -> None:
    (tmp_path / "people.csv").write_text(table, encoding="utf-8")
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": CSV, "model": {"layers": [{"Dense": 8}]}} | sections), encoding="utf-8")
    with pytest.raises(NnrunError) as raised:
        examine_file(file, (), Roots(tmp_path)).checked()
    assert type(raised.value) is kind
    assert len(raised.value.problems) == len(what)
    assert [text for text in what if text not in str(raised.value)] == []


def test_check_gives_the_config_where_nothing_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": DIGITS, "model": FLAT}), encoding="utf-8")
    assert examine_file(file, (), Roots(tmp_path)).checked().name == "a"


def test_check_says_of_a_graph_what_holds_for_any_data(tmp_path: Path) -> None:
    """The data is not here: steps that lead nowhere are told all the same; what only the data knows is not guessed."""
    file = tmp_path / "a.yaml"
    text = "data: {source: {npz: nothere.npz}, target: y}\nmodel:\n  layers:\n"
    file.write_text(
        f"{text}    - Dense: {{units: 8, name: a}}\n    - Dense: 4\n    - Dense: {{units: 4, from: a}}\n",
        encoding="utf-8",
    )
    found = examine_file(file, [], Roots(tmp_path, ()))
    assert [problem.what for problem in found.problems] == ["the step 'dense' leads to no output"]
    file.write_text(
        f"{text}    - Dense: $data.left.channels\n    - Concatenate: {{from: [previous, left]}}\n", encoding="utf-8"
    )
    assert examine_file(file, [], Roots(tmp_path, ())).problems == ()


def test_check_warns_of_weights_that_nothing_trains(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "data: {source: {sklearn: digits}}\nmodel:\n  layers: [Flatten, {Dense: {units: 8, name: a}}]\n"
        "  outputs: {label: {Dense: {units: 10, activation: softmax}}, extra: {Dense: 3}, seen: a}\n",
        encoding="utf-8",
    )
    (warning,) = examine_file(file, [], Roots(tmp_path, ())).warnings
    assert "the step 'extra' leads to no target and to no loss" in warning


def test_check_a_preparation_that_does_not_exist_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "data: {source: {csv: nothere.csv}, target: y, features: {wave: {fourier: name}}}\n"
        "model: {layers: [{Conv1D: {filters: 4, kernel_size: 3}}, GlobalAveragePooling1D]}\n",
        encoding="utf-8",
    )
    problems = examine_file(file, [], Roots(tmp_path, ())).problems
    assert [problem.what for problem in problems] == ["there is no preparation 'fourier'"]


def test_check_numbers_of_words_are_no_amounts(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    data = "data: {source: {csv: nothere.csv}, target: y, features: {words: {text: review}}}\n"
    text = data + "model: {layers: [STEPS]}\n"
    file.write_text(text.replace("STEPS", "{Dense: 8}"), encoding="utf-8")
    (warning,) = (told for told in examine_file(file, [], Roots(tmp_path, ())).warnings if "amounts" in told)
    assert warning.startswith(f"{file}:2:19: Dense takes 'words' for amounts")
    embedded = "{Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 4}}, Flatten"
    file.write_text(text.replace("STEPS", embedded), encoding="utf-8")
    assert not [told for told in examine_file(file, [], Roots(tmp_path, ())).warnings if "amounts" in told]
