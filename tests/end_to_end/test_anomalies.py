"""`predict: {anomaly: ...}` from a config to a run: the threshold is that of training rows, and new rows go by it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import Nnrun

CONFIG = """\
data:
  source: {csv: machines.csv}
  features: {machine: {min_max: [heat, noise, load]}}
  target: {copy: machine}
  split: {strategy: time, validation: 20, test: 40}
model:
  layers: [{Dense: {units: 2, activation: relu}}]
  outputs: {Dense: 3}
compile: {optimizer: {Adam: 0.02}, loss: mse}
fit: {epochs: 3, batch_size: 20}
predict: {anomaly: {quantile: 0.9, truth: {state: broken}}}
report: {figures: [anomalies]}
"""


def machines(folder: Path, held_out: float = 0.0) -> None:
    """Two hundred machines, of which every tenth is broken: three numbers that do not go together any more."""
    draw = np.random.default_rng(2)
    rows = []
    for number in range(200):
        load, broken = draw.uniform(), number % 10 == 7
        numbers = [load, 1 - load, 2 * load] if not broken else draw.uniform(size=3) * 3
        moved = held_out if number >= 160 else 0.0
        rows.append([*(float(value) + moved for value in numbers), "broken" if broken else "well"])
    with (folder / "machines.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["heat", "noise", "load", "state"], *rows])
    (folder / "machines.yaml").write_text(CONFIG)


def test_anomalies_threshold_is_the_quantile_of_normal_training_rows(nnrun: Nnrun, folder: Path) -> None:
    machines(folder)
    trained = nnrun("train", "machines.yaml", "-q")
    assert trained.code == 0, trained.err
    run = trained.run
    rows, told = tiny.read_csv(run / "anomalies.csv"), tiny.read_json(run / "metrics.json")
    threshold = told["anomaly"]["threshold"]

    errors = [float(row["error"]) for row in rows if row["part"] == "train"]
    assert len(errors) == told["anomaly"]["rows"] == 126  # of 140 fourteen are broken, and left out
    assert {row["truth"] for row in rows if row["part"] != "test"} == {"no"}
    assert np.quantile(errors, 0.9, method="higher") == pytest.approx(threshold, rel=1e-5)
    test = [row for row in rows if row["part"] == "test"]
    above = [row["anomaly"] == "yes" for row in test]
    assert above == [float(row["error"]) > threshold for row in test]
    known = [row["truth"] == "yes" for row in test]
    assert sum(known) == 4
    both = sum(one and other for one, other in zip(above, known, strict=True))
    assert told["test"]["anomaly_recall"] == pytest.approx(both / 4)
    assert told["test"]["anomalies"] == pytest.approx(np.mean(above))
    assert "anomaly_recall" not in told["validation"]
    assert (run / "figures" / "anomalies.png").is_file()

    said = list(csv.DictReader(nnrun("predict", run, "--data", "machines.csv").out.splitlines()))
    assert [row["anomaly"] for row in said[160:]] == [row["anomaly"] for row in test]
    assert [float(row["error"]) for row in said[160:]] == pytest.approx([float(row["error"]) for row in test], rel=1e-4)
    assert f"{told['test']['anomaly_roc_auc']:.4f}" in nnrun("evaluate", run).out

    machines(folder, held_out=1000.0)
    moved = nnrun("train", "machines.yaml", "-q").run
    assert tiny.read_json(moved / "metrics.json")["anomaly"] == told["anomaly"]
    resolved = nnrun("train", moved / "resolved.yaml", "--data-root", ".", "-q", "--name", "again").run
    assert tiny.read_csv(resolved / "anomalies.csv") == tiny.read_csv(moved / "anomalies.csv")


@pytest.mark.nightly
def test_anomalies_in_a_cross_validation_have_a_threshold_in_each_fold(nnrun: Nnrun, folder: Path) -> None:
    machines(folder)
    settings = ("cv.folds=2", "cv.strategy=random", "data.split.strategy=random")
    run = nnrun("cv", "machines.yaml", "-q", *(word for setting in settings for word in ("-s", setting))).run
    folds = [tiny.read_json(run / f"fold-{number}" / "metrics.json") for number in (1, 2)]
    assert folds[0]["anomaly"]["threshold"] != folds[1]["anomaly"]["threshold"]
    means = tiny.read_json(run / "metrics.json")["held_out"]
    assert means["anomaly_recall"] == pytest.approx(np.mean([fold["test"]["anomaly_recall"] for fold in folds]))
    said = list(csv.DictReader(nnrun("predict", run, "--data", "machines.csv").out.splitlines()))
    assert {row["anomaly"] for row in said} == {"yes", "no"}
