"""What `load` does before anything is read or trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnrun import experiment, load_config
from nnrun.errors import UsageError

CONFIG = "data: {source: {sklearn: digits}}\nmodel: {layers: [Flatten]}\n"


def test_experiment_load_refuses_overrides_of_a_config_that_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG)
    config = load_config(tmp_path / "a.yaml")
    with pytest.raises(UsageError, match=r"load_config\(path, overrides\)"):
        experiment.load(config, ["fit.epochs=1"])
    assert experiment.load(config).fit.epochs == 10
    assert experiment.load(tmp_path / "a.yaml", ["fit.epochs=1"]).fit.epochs == 1


def test_experiment_load_names_a_config_of_a_run_like_the_run(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"name": "cnn-2"}))
    (tmp_path / "config.yaml").write_text(CONFIG)
    assert experiment.load(tmp_path / "config.yaml").name == "cnn-2"
    (tmp_path / "resolved.yaml").write_text(f"name: cnn\n{CONFIG}")
    assert experiment.load(tmp_path / "resolved.yaml").name == "cnn"


def test_experiment_load_names_a_second_run_like_the_first(tmp_path: Path) -> None:
    """So that a resume builds the model under the name that it was begun with."""
    (tmp_path / "run.json").write_text(json.dumps({"name": "cnn-2", "config_name": "cnn"}))
    (tmp_path / "config.yaml").write_text(CONFIG)
    assert experiment.load(tmp_path / "config.yaml").name == "cnn"
