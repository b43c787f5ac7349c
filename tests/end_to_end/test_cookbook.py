"""Every config of the cookbook is what it says: checked, trained, and resolved to a config of the same run."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import CONFIGS, Nnrun

COOKBOOK = sorted(CONFIGS.glob("*.yaml"))
RUN_FILES = (
    "config.yaml", "resolved.yaml", "run.json", "data.json", "splits.npz", "preparation/preparation.json", "preparation/preparation.npz",
    "history.csv", "steps.csv", "metrics.json", "predictions.csv", "model.keras", "report.html",
)  # fmt: skip
NO_PREDICTIONS_TABLE = ("multilabel",)  # several numbers a row are no cell: they lie in predictions.npz


def name(path: Path) -> str:
    return path.stem


def history(run: Path) -> list[dict[str, str]]:
    with (run / "history.csv").open(newline="") as stream:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(stream)]


def test_cookbook_is_not_empty() -> None:
    assert len(COOKBOOK) >= 20


@pytest.mark.parametrize("config", COOKBOOK, ids=name)
def test_cookbook_opens_with_what_it_teaches_and_its_command(config: Path) -> None:
    opening = config.read_text(encoding="utf-8").split("data:")[0]

    assert opening.startswith("# ")
    assert f"configs/{config.name}" in opening.replace("\n", " ").partition("Run: nnrun ")[2]


@pytest.mark.parametrize("config", COOKBOOK, ids=name)
def test_cookbook_checks_trains_and_resolves(config: Path, nnrun: Nnrun) -> None:
    checked = nnrun("check", config, "--data")
    assert (checked.code, checked.err) == (0, "")

    trained = nnrun("train", config, "--smoke")
    assert trained.code == 0, trained.err
    run = trained.run
    wanted = [file if name(config) not in NO_PREDICTIONS_TABLE else file.replace("predictions.csv", "predictions.npz") for file in RUN_FILES]
    assert [file for file in wanted if not (run / file).is_file()] == []
    assert json.loads((run / "run.json").read_text())["status"] == "complete"
    assert (run / "config.yaml").read_bytes() == config.read_bytes()
    assert (run / "figures" / "curves.png").is_file()

    # The resolved config lies in the run's folder, the data of the cookbook beside the cookbook.
    resolved = run / "resolved.yaml"
    again = nnrun("check", resolved, "--data-root", CONFIGS)
    assert (again.code, again.err) == (0, "")
    repeated = nnrun("train", resolved, "--smoke", "--data-root", CONFIGS, "-s", "report.figures=[]")
    assert repeated.code == 0, repeated.err
    assert history(repeated.run) == history(run)
    assert json.loads((repeated.run / "metrics.json").read_text()) == json.loads((run / "metrics.json").read_text())
