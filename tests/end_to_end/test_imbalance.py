"""Rows that are sampled, classes weighed by output, and thresholds: seen in the files of the runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from nnrun import experiment
from nnrun.config import load_config
from nnrun.experiment import Options
from nnrun.prediction import evaluate
from nnrun.runs.run import Run

SIZE = 160
TABLE = np.random.default_rng(5)
X = TABLE.normal(size=SIZE)
SOLD = np.where(X + TABLE.normal(size=SIZE) > 1.2, "yes", "no")  # about a fifth are `yes`
CITY = TABLE.choice(["bern", "chur", "sion"], SIZE, p=[0.6, 0.3, 0.1])
SPLIT = "{validation: 0.25, test: 0.25}"


def run(folder: Path, *, data: str = "target: sold", model: str = "", rest: str = "", cv: bool = False) -> Run:
    """A run of two epochs."""
    lines = [f"{x},{sold},{city}" for x, sold, city in zip(X, SOLD, CITY, strict=True)]
    (folder / "rows.csv").write_text("\n".join(["x,sold,city", *lines]) + "\n", encoding="utf-8")
    text = f"""
data: {{source: {{csv: rows.csv}}, features: {{normalize: x}}, split: {SPLIT}, {data}}}
model: {{layers: [{{Dense: {{units: 3, activation: relu}}}}]{model}}}
report: {{figures: []}}
cv: {{folds: 3}}
{rest if "fit:" in rest else "fit: {epochs: 2, batch_size: 16}" + chr(10) + rest}
"""
    (folder / "rows.yaml").write_text(text, encoding="utf-8")
    verb = experiment.cross_validate if cv else experiment.train
    return verb(load_config(folder / "rows.yaml"), Options(runs=folder / "runs"))


def told(found: Run, part: str) -> tuple[Any, Any, Any]:
    """Targets, predictions and the probability of `yes` in predictions.csv."""
    rows = [row for row in found.predictions if row["part"] == part]
    return [r["target"] for r in rows], [r["prediction"] for r in rows], np.array([float(r["p_yes"]) for r in rows])


def test_imbalance_an_epoch_has_as_many_of_each_class_and_held_out_rows_stay(tmp_path: Path) -> None:
    found = run(tmp_path, rest="fit: {epochs: 1, batch_size: 1, sampling: over}")
    counts = found.info["sampling"]
    before, after = counts["before"], counts["after"]
    assert after["yes"] == after["no"] == before["no"] > before["yes"]
    assert len((found.path / "steps.csv").read_text(encoding="utf-8").splitlines()) - 1 == sum(after.values())
    parts, splits = found.info["parts"], np.load(found.path / "splits.npz")
    assert before == parts["train"]["sold"]
    for part in ("train", "validation", "test"):  # as the data has them, each row once
        assert len(splits[part]) == len(set(splits[part].tolist())) == parts[part]["rows"]
        labels = SOLD[splits[part]]
        assert parts[part]["sold"] == {name: int((labels == name).sum()) for name in ("no", "yes")}


def test_imbalance_weights_by_output_are_those_of_keras(tmp_path: Path) -> None:
    """With a rate of 0 nothing is learned: the losses of the epoch are weighted means of the first predictions."""
    sold, city = "{Dense: {units: 1, activation: sigmoid}}", "{Dense: {units: 3, activation: softmax}}"
    compiled = "compile: {optimizer: {SGD: 0.0}}\n"
    losses: list[Any] = []
    for weight in ("null", "{city: {chur: 3}}"):
        folder = tmp_path / str(len(losses))
        folder.mkdir()
        fit = f"fit: {{epochs: 1, batch_size: 96, class_weight: {weight}}}"
        found = run(
            folder, data="target: [sold, city]", model=f", outputs: {{sold: {sold}, city: {city}}}", rest=compiled + fit
        )
        losses.append(found.metrics["train"])
    splits = np.load(found.path / "splits.npz")
    assert losses[1]["sold_loss"] == pytest.approx(losses[0]["sold_loss"], rel=1e-5)
    assert losses[1]["city_loss"] > 1.2 * losses[0]["city_loss"]
    assert found.info["class_weight"] == {"city": {"bern": 1.0, "chur": 3.0, "sion": 1.0}}
    share = float(np.mean(np.where(CITY[splits["train"]] == "chur", 3.0, 1.0)))
    assert losses[1]["city_loss"] == pytest.approx(share * losses[0]["city_loss"], rel=0.2)


@pytest.mark.parametrize(
    ("threshold", "units"),
    [("{maximize: f1}", "{units: 1, activation: sigmoid}"), ("0.3", "{units: 2, activation: softmax}")],
)
def test_imbalance_scores_and_predictions_go_by_the_threshold(tmp_path: Path, threshold: str, units: str) -> None:
    rest = f"compile: {{metrics: [accuracy, Precision, Recall, F1Score]}}\npredict: {{threshold: {threshold}}}\n"
    found = run(tmp_path, model=f", outputs: {{Dense: {units}}}", rest=rest)
    value = found.metrics["threshold"]["sold"]["value"]
    assert found.info["threshold"] == found.metrics["threshold"]
    for part in ("validation", "test"):
        truth, answers, probability = told(found, part)
        by_hand = np.where(probability > value, "yes", "no")
        assert answers == by_hand.tolist()
        scores = found.metrics[part]
        assert scores["accuracy"] == pytest.approx(np.mean(by_hand == truth), abs=1e-6)
        for name, score in (("precision", precision_score), ("recall", recall_score), ("f1_score", f1_score)):
            expected = score(truth, by_hand, pos_label="yes", zero_division=0)
            assert scores[name] == pytest.approx(expected, abs=1e-6)
    assert "threshold" in (found.resolved or "")
    assert evaluate(found.path).scores[0] == pytest.approx(found.metrics["test"], rel=1e-5)


def test_imbalance_folds_choose_on_their_own_training_rows_and_are_pooled_by_their_own_thresholds(
    tmp_path: Path,
) -> None:
    rest = "compile: {metrics: [accuracy, F1Score]}\npredict: {threshold: {maximize: balanced_accuracy}}"
    found = run(tmp_path, rest=rest, cv=True)
    rows, right = [], 0
    for fold in found.children:
        parts = np.load(fold.path / "splits.npz")
        assert len(parts["validation"])
        assert fold.metrics["threshold"]["sold"]["rows"] == len(parts["validation"])
        assert set(parts["validation"].tolist()).isdisjoint({*parts["train"].tolist(), *parts["test"].tolist()})
        truth, answers, probability = told(fold, "test")
        assert answers == np.where(probability > fold.metrics["threshold"]["sold"]["value"], "yes", "no").tolist()
        rows += truth
        right += int(np.sum(np.array(truth) == np.array(answers)))
    assert found.cv is not None
    assert found.cv["metric"]["accuracy"]["pooled"] == pytest.approx(right / len(rows))
