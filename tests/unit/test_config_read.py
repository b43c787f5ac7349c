from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import Config, load_config, read_config
from nnrun.config.config import Output, Sources, Turns
from nnrun.config.dump import dump
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, UsageError

DATA = {"source": {"sklearn": "digits"}}


def written(folder: Path, **sections: Any) -> Path:
    file = folder / "first.yaml"
    file.write_text(dump({"data": DATA, "model": {"layers": ["Flatten"]}} | sections), encoding="utf-8")
    return file


def read(folder: Path, **sections: Any) -> Config:
    return load_config(written(folder, **sections))


def refused(folder: Path, **sections: Any) -> list[str]:
    return [problem.what for problem in read_config(written(folder, **sections))[1]]


def layer(folder: Path, step: Any) -> Spec:
    return read(folder, model={"layers": [step]}).model.layers[0].spec


@pytest.mark.parametrize("step", ["Flatten", {"Flatten": None}, {"Flatten": {}}])
def test_config_read_a_name_alone_is_a_spec_without_arguments(tmp_path: Path, step: Any) -> None:
    assert layer(tmp_path, step).to_data() == "Flatten"


@pytest.mark.parametrize("step", [{"Dense": 64}, {"Dense": {"units": 64}}])
def test_config_read_a_value_is_the_first_parameter(tmp_path: Path, step: Any) -> None:
    assert layer(tmp_path, step).to_data() == {"Dense": {"units": 64}}


@pytest.mark.parametrize(
    "step",
    [
        {"Bidirectional": {"LSTM": 8}},
        {"Bidirectional": {"LSTM": {"units": 8}}},
        {"Bidirectional": {"layer": {"LSTM": 8}}},
        {"Bidirectional": {"layer": {"LSTM": {"units": 8}}}},
    ],
)
def test_config_read_a_mapping_of_one_name_is_a_value(tmp_path: Path, step: Any) -> None:
    assert layer(tmp_path, step).to_data() == {"Bidirectional": {"layer": {"LSTM": {"units": 8}}}}


@pytest.mark.parametrize("optimizer", [{"Adam": 0.1}, {"adam": 0.1}, {"Adam": {"learning_rate": 0.1}}])
def test_config_read_names_have_one_canonical_form(tmp_path: Path, optimizer: Any) -> None:
    found = read(tmp_path, compile={"optimizer": optimizer}).compile.optimizer
    assert found.to_data() == {"Adam": {"learning_rate": 0.1}}


def test_config_read_a_list_is_the_value_of_what_takes_a_list(tmp_path: Path) -> None:
    found = read(tmp_path, compile={"loss": {"Sum": ["mse", "mae"]}}).compile.loss

    assert isinstance(found, Spec)
    assert [loss.name for loss in found.arguments["losses"]] == ["MeanSquaredError", "MeanAbsoluteError"]


def test_config_read_a_schedule_is_a_spec_inside_a_spec(tmp_path: Path) -> None:
    schedule = {"CosineDecay": {"initial_learning_rate": 0.1, "decay_steps": 100}}
    found = read(tmp_path, compile={"optimizer": {"SGD": schedule}}).compile.optimizer
    assert found.to_data() == {"SGD": {"learning_rate": schedule}}


def test_config_read_references_are_kept_until_the_data_is_known(tmp_path: Path) -> None:
    spec = layer(tmp_path, {"Dense": "$data.num_classes"})
    assert isinstance(spec.arguments["units"], Reference)
    assert spec.to_data() == {"Dense": {"units": "$data.num_classes"}}


def test_config_read_words_of_a_step_are_no_arguments(tmp_path: Path) -> None:
    step = read(tmp_path, model={"layers": [{"Dense": {"units": 8, "name": "wide", "from": ["image"], "repeat": 2}}]})
    found = step.model.layers[0]
    assert (found.name, found.sources, found.repeat) == ("wide", Sources(("image",), several=True), Turns(2))
    assert found.spec.arguments == {"units": 8}
    assert found.place("from").path == "model.layers[0].Dense.from"


def test_config_read_repeat_gives_the_arguments_of_each_turn(tmp_path: Path) -> None:
    step = {"Conv2D": {"kernel_size": 3, "repeat": {"filters": [8, 16]}}}
    assert read(tmp_path, model={"layers": [step]}).model.layers[0].repeat == Turns(2, {"filters": (8, 16)})


def test_config_read_outputs_are_one_layer_or_named(tmp_path: Path) -> None:
    def outputs(value: Any) -> tuple[Output, ...]:
        return read(tmp_path, model={"layers": ["Flatten"], "outputs": value}).model.outputs

    assert [(o.name, o.of) for o in outputs("flatten")] == [(None, "flatten")]
    assert [(o.name, o.step.spec.to_data() if o.step else None) for o in outputs({"Dense": 1})] == [
        (None, {"Dense": {"units": 1}})
    ]
    assert [(o.name, o.of) for o in outputs({"price": {"Dense": 1}, "flat": "flatten"})] == [
        ("price", None),
        ("flat", "flatten"),
    ]


def test_config_read_features_as_a_list_are_one_input(tmp_path: Path) -> None:
    data = {
        "source": {"csv": "a.csv"},
        "target": "c",
        "features": [{"normalize": ["a", "b"]}, {"columns": "d", "steps": [{"impute": "median"}, "normalize"]}],
    }
    features = read(tmp_path, data=data).data.features
    assert features is not None
    assert [(entry.columns, [step.to_data() for step in entry.steps]) for entry in features["table"]] == [
        (("a", "b"), ["normalize"]),
        (("d",), [{"impute": {"value": "median"}}, "normalize"]),
    ]
    assert str(features["table"][0].place("b")).endswith("first.yaml:6:20")


def test_config_read_fills_in_the_defaults(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert (config.name, config.seed, config.fit.epochs, config.fit.batch_size) == ("first", 0, 10, 32)
    assert config.compile.optimizer.to_data() == "Adam"
    assert (config.compile.loss, config.data.missing, config.cv.folds) == (None, "median", 5)


def test_config_read_problems_of_a_broken_section_and_of_all_others_come_together(tmp_path: Path) -> None:
    assert refused(
        tmp_path,
        data={**DATA, "splitt": {}},
        model={"layers": [{"Dense": 0.5}]},
        fit={"epochs": 0},
        cv={"folds": 1},
        report={"figures": 5},
    ) == ["unknown key 'splitt' in data", "folds is 1", "figures is 5", "units of Dense is 0.5", "epochs is 0"]


def test_config_read_a_misspelled_section_is_read_as_what_it_means(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(dump({"data": DATA, "modell": {"layers": ["Flaten"]}}), encoding="utf-8")
    config, problems = read_config(file)
    assert config is not None
    assert [(p.what, p.where.line if p.where else 0) for p in problems] == [
        ("unknown key 'modell'", 4),
        ("there is no layer 'Flaten'", 5),
    ]


@pytest.mark.parametrize(
    ("sections", "what"),
    [
        ({"seed": True}, "seed is true"),
        ({"seed": 2**32}, "seed is 4294967296"),
        ({"name": 5}, "name is 5"),
        ({"model": None}, "model is nothing"),
        ({"fit": []}, "fit is the list []"),
        ({"fit": {"shuffle": "yes"}}, "shuffle is the text 'yes'"),
        ({"fit": {"initial_epoch": -1}}, "initial_epoch is -1"),
        ({"fit": {"class_weight": {0: -1}}}, "class_weight is a mapping"),
        ({"fit": {"class_weight": {0: 10**400}}}, "class_weight is a mapping"),
        ({"data": {**DATA, "missing": {"value": 10**400}}}, "missing is a mapping"),
        (
            {"compile": {"optimizer": {"Adam": 10**400}}},
            "learning_rate of Adam is 10000000000000000000... (401 digits)",
        ),
        ({"compile": {"jit_compile": "maybe"}}, "jit_compile is the text 'maybe'"),
        ({"compile": {"loss_weights": "high"}}, "loss_weights is the text 'high'"),
        ({"compile": {"metrics": 5}}, "5 where a metric is wanted"),
        ({"model": {"layers": [{5: 6}]}}, "there is no layer '5'"),
        ({"model": {"layers": ["Flatten"], "inputs": {"image": "8x8"}}}, "the shape is the text '8x8'"),
        ({"model": {"layers": [{"Dense": {"units": 8, "repeat": -1}}]}}, "repeat is -1"),
        ({"data": {**DATA, "missing": {"value": "x"}}}, "missing is a mapping"),
        ({"data": {**DATA, "target": [[]]}}, "a target is the list []"),
        ({"data": {**DATA, "features": []}}, "no column is named"),
        ({"data": {"source": {"csv": {"path": 5}}}}, "path of csv is 5"),
        ({"data": {"source": {"csv": {"path": "a.csv", "names": "a"}}}}, "names of csv is the text 'a'"),
        (
            {"data": {"source": {"images": {"path": "a", "color_mode": "rbg"}}}},
            "color_mode of images is the text 'rbg'",
        ),
    ],
)
def test_config_read_refuses_a_wrong_kind_once(tmp_path: Path, sections: dict[str, Any], what: str) -> None:
    assert refused(tmp_path, **sections) == [what]


def test_config_read_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no config '.*none\.yaml'"):
        load_config(tmp_path / "none.yaml")


def test_config_read_raises_all_problems_sorted_by_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, fit={"epochs": 0}, model={"layers": ["Flaten"]})
    assert [problem.where.line for problem in caught.value.problems if problem.where] == [5, 7]


@pytest.mark.parametrize("weights", [[1.0, 0.2], {"price": "1.0"}, 2])
def test_config_read_loss_weights_are_by_output(tmp_path: Path, weights: Any) -> None:
    _, problems = read_config(written(tmp_path, compile={"loss_weights": weights}))
    assert [problem.expected for problem in problems] == ["a number by output: {price: 1.0, sold: 0.2}; or uncertainty"]


@pytest.mark.parametrize(
    ("fit", "what"),
    [
        ({"initial_epoch": 5, "epochs": 5}, "initial_epoch is 5 and epochs is 5"),
        ({"initial_epoch": 10}, "initial_epoch is 10 and epochs is 10, since it is not written"),
    ],
)
def test_config_read_an_initial_epoch_behind_the_last_is_refused(tmp_path: Path, fit: Any, what: str) -> None:
    assert refused(tmp_path, fit=fit) == [what]
    assert read(tmp_path, fit={**fit, "epochs": 11}).fit.others == {"initial_epoch": fit["initial_epoch"]}


@pytest.mark.parametrize(
    ("stem", "name"),
    [("cnn", "cnn"), ("sp ace", "sp-ace"), ("ü", "run"), ("größe v1.2", "gr-e-v1.2"), ("latest", "run")],
)
def test_config_read_a_run_is_named_after_its_file(tmp_path: Path, stem: str, name: str) -> None:
    assert load_config(written(tmp_path).rename(tmp_path / f"{stem}.yaml")).name == name


@pytest.mark.parametrize("name", ["", "a/b", "../up", "two words", "latest", "a" * 101])
def test_config_read_a_name_that_no_run_can_have_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    _, problems = read_config(written(tmp_path, name=name))
    assert [problem.where.path for problem in problems if problem.where] == ["name"]


@pytest.mark.parametrize("strategy", ["random", "stratified"])
def test_config_read_a_group_that_the_folds_would_tear_apart_is_refused(tmp_path: Path, strategy: str) -> None:
    assert refused(tmp_path, cv={"group": "city", "strategy": strategy}) == [
        f"{strategy} folds would tear apart the rows of one city"
    ]
    assert refused(tmp_path, cv={"group": "city"}) == []


def test_config_read_a_group_and_a_stratified_split_are_refused(tmp_path: Path) -> None:
    split = {"strategy": "stratified", "test": 0.2}
    assert refused(tmp_path, cv={"group": "city"}, data={**DATA, "split": split}) == [
        "a stratified split would tear apart the rows of one city, which `cv.group` keeps together"
    ]
