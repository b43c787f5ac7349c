from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun.config import load_config, read_config
from nnrun.config.dump import dump
from nnrun.errors import ConfigError

BASE = {
    "variables": {"width": 8},
    "data": {"source": {"sklearn": "digits"}, "split": {"test": 0.2}},
    "model": {"layers": ["Flatten", {"Dense": "$width"}]},
    "compile": {"optimizer": {"Adam": 0.001}, "metrics": ["accuracy"]},
    "fit": {"epochs": 2, "callbacks": [{"EarlyStopping": {"patience": 3}}]},
}


def read(folder: Path, child: dict[str, Any], **parents: Any) -> Any:
    for name, data in {"base": BASE, **parents}.items():
        (folder / f"{name}.yaml").write_text(dump(data), encoding="utf-8")
    (folder / "child.yaml").write_text(dump(child), encoding="utf-8")
    return load_config(folder / "child.yaml")


def test_extends_sections_merge_and_lists_replace(tmp_path: Path) -> None:
    config = read(tmp_path, {"extends": "base.yaml", "fit": {"epochs": 5, "callbacks": []}, "variables": {"width": 4}})
    assert (config.fit.epochs, config.fit.callbacks, config.data.split.test) == (5, (), 0.2)
    assert config.model.variables == {"width": 4}
    assert (config.name, config.document.data.get("extends")) == ("child", None)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ({"Adam": {"beta_1": 0.5}}, {"Adam": {"learning_rate": 0.001, "beta_1": 0.5}}),
        ({"Adam": 0.1}, {"Adam": {"learning_rate": 0.1}}),
        ({"SGD": {"momentum": 0.9}}, {"SGD": {"momentum": 0.9}}),
        ("SGD", "SGD"),
    ],
)
def test_extends_a_spec_of_the_same_name_merges_its_arguments(tmp_path: Path, optimizer: Any, expected: Any) -> None:
    config = read(tmp_path, {"extends": "base.yaml", "compile": {"optimizer": optimizer}})
    assert config.compile.optimizer.to_data() == expected
    assert [spec.name for spec in config.compile.metrics] == ["accuracy"]


def test_extends_keeps_the_place_of_every_value(tmp_path: Path) -> None:
    document = read(tmp_path, {"extends": "base.yaml", "fit": {"epochs": 5}}).document
    assert Path(document.value(("fit", "epochs")).file).name == "child.yaml"
    assert Path(document.value(("data", "split", "test")).file).name == "base.yaml"
    assert document.value(("model", "layers", 1)).line > 1


def test_extends_a_mistake_of_the_parent_is_told_in_the_parent(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(dump({**BASE, "fit": {"epohcs": 3}}), encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: base.yaml\n", encoding="utf-8")
    _, problems = read_config(tmp_path / "child.yaml")
    assert [(problem.what, Path(problem.where.file).name) for problem in problems if problem.where] == [
        ("unknown key 'epohcs' in fit", "base.yaml")
    ]


def test_extends_a_list_is_in_order_and_parents_have_parents(tmp_path: Path) -> None:
    middle = {"extends": "base.yaml", "fit": {"epochs": 7, "batch_size": 16}}
    config = read(tmp_path, {"extends": ["middle.yaml", "last.yaml"]}, middle=middle, last={"fit": {"epochs": 9}})
    assert (config.fit.epochs, config.fit.batch_size) == (9, 16)
    assert list(config.copies) == ["extends-01-middle.yaml", "extends-02-base.yaml", "extends-03-last.yaml"]


def test_extends_a_shipped_family_brings_its_blocks(tmp_path: Path) -> None:
    layers = [{"Reshape": [8, 8]}, "position_embedding", "Flatten"]
    config = read(tmp_path, {"extends": ["base.yaml", "sequences"], "model": {"layers": layers}})
    assert "position_embedding" in config.model.blocks
    assert config.document.data["blocks"]["position_embedding"]


def test_extends_a_run_reads_its_copies_and_not_what_became_of_the_parent(tmp_path: Path) -> None:
    config = read(tmp_path, {"extends": "base.yaml", "fit": {"epochs": 5}})
    run = tmp_path / "run"
    run.mkdir()
    for name, text in config.files.items():
        (run / name).write_bytes(text)
    (tmp_path / "base.yaml").write_text(dump({**BASE, "seed": 99}), encoding="utf-8")
    assert load_config(run / "config.yaml").seed == 0
    assert load_config(tmp_path / "child.yaml").seed == 99


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("missing.yaml", "missing.yaml: there is no such file"),
        ("/etc/passwd", "'/etc/passwd' is no config"),
        ("../../outside.yaml", "../../outside.yaml leads outside"),
        ("child.yaml", "the config extends itself"),
        (3, "extends is 3"),
        ("unett", "'unett' is no config"),
        ("a\0.yaml", "'a\\x00.yaml' is no config"),
    ],
)
def test_extends_tells_what_cannot_be(tmp_path: Path, written: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, {"extends": written})
    assert caught.value.problems[0].what == told
    assert caught.value.problems[0].where is not None
    assert caught.value.problems[0].where.line == 1


def test_extends_what_no_parent_brings_is_missing_in_the_config_itself(tmp_path: Path) -> None:
    (tmp_path / "child.yaml").write_text("seed: 3\nextends: unet\n", encoding="utf-8")
    _, problems = read_config(tmp_path / "child.yaml")
    told = [
        (problem.what, problem.where and (Path(problem.where.file).name, problem.where.line)) for problem in problems
    ]
    assert told == [("'data' is missing", ("child.yaml", 1)), ("'model' is missing", ("child.yaml", 1))]
