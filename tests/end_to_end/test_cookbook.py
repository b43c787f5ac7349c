"""Every config of the cookbook is what it says: checked, trained, and resolved to a config of the same run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commandline import CONFIGS, Nnrun, begun
from tiny import history, read_json

COOKBOOK = sorted(CONFIGS.glob("*.yaml"))
STUDY_FILES = ("config.yaml", "resolved.yaml", "run.json", "data.json", "metrics.json", "report.html", "splits.npz")
TRAINING_FILES = (
    "config.yaml", "resolved.yaml", "run.json", "splits.npz", "preparation/preparation.json",
    "preparation/preparation.npz", "history.csv", "steps.csv", "metrics.json", "model.keras", "figures/curves.png",
)  # fmt: skip
# Several numbers a row are no cell of a table.
SEVERAL = (
    "anomaly",
    "autoencoder",
    "multilabel",
    "next_character",
    "quantiles",
    "segmentation",
    "variational_autoencoder",
)
PREDICTIONS = {**dict.fromkeys(SEVERAL, "predictions.npz"), "cyclegan": "translations.npz",
               "diffusion": "samples.npz", "gan": "samples.npz"}  # fmt: skip
REPEATED = COOKBOOK[
    ::3
]  # which are trained again from their resolved config with every test; all are in the nightly run


def name(path: Path) -> str:
    return path.stem


def test_cookbook_is_not_empty() -> None:
    assert len(COOKBOOK) >= 20


@pytest.mark.parametrize("config", COOKBOOK, ids=name)
def test_cookbook_opens_with_what_it_teaches_and_its_command(config: Path) -> None:
    opening = config.read_text(encoding="utf-8").split("data:")[0]

    assert opening.startswith("# ")
    assert f"configs/{config.name}" in opening.replace("\n", " ").partition("Run: nnrun ")[2]


def shares() -> list[Any]:
    """Every config, and whether it is trained again; beside those that are, once more by night."""
    quick = [pytest.param(config, config in REPEATED, id=name(config)) for config in COOKBOOK]
    others = [config for config in COOKBOOK if config not in REPEATED]
    return [*quick, *(pytest.param(path, True, id=f"{name(path)}-again", marks=pytest.mark.nightly) for path in others)]


@pytest.mark.parametrize(("config", "again"), shares())
def test_cookbook_checks_and_runs(config: Path, again: bool, nnrun: Nnrun) -> None:
    begun(nnrun, config)
    checked = nnrun("check", config, "--data")
    assert (checked.code, checked.err) == (0, "")

    verb = "cv" if "Run: nnrun cv" in config.read_text(encoding="utf-8") else "train"
    ended = nnrun(verb, config, "--smoke")
    assert ended.code == 0, ended.err
    run = ended.run
    training = run if verb == "train" else run / "fold-1"
    if verb == "cv":
        assert nnrun("plot", str(run)).code == 0  # the folds' own figures are drawn when they are wanted
    predictions = PREDICTIONS.get(name(config), "predictions.csv")
    assert [file for file in (*STUDY_FILES, predictions) if not (run / file).is_file()] == []
    assert [file for file in (*TRAINING_FILES, predictions) if not (training / file).is_file()] == []
    assert read_json(run / "run.json")["status"] == "complete"
    assert (run / "config.yaml").read_bytes() == config.read_bytes()

    # The resolved config lies in the run's folder, the data of the cookbook beside the cookbook.
    resolved = run / "resolved.yaml"
    checked = nnrun("check", resolved, "--data-root", CONFIGS)
    assert (checked.code, checked.err) == (0, "")
    if not again:
        return
    repeated = nnrun(verb, resolved, "--smoke", "--data-root", CONFIGS, "-s", "report.figures=[]")
    assert repeated.code == 0, repeated.err
    repeat = repeated.run if verb == "train" else repeated.run / "fold-1"
    assert history(repeat) == history(training)
    assert read_json(repeated.run / "metrics.json") == read_json(run / "metrics.json")
