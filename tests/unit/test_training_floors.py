"""The floors that look at the inputs: a linear model as scikit-learn fits it, and the last value of a series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from nnrun import experiment
from nnrun.runs.run import Run
from nnrun.training import floors

CONFIG = """\
data:
  source: {npz: rows.npz}
  target: y
  split: {validation: 0.2, test: 0.3, strategy: random}
model:
  layers: [{Dense: {units: 3, activation: relu}}]
fit: {epochs: 1}
report: {figures: []}
"""
DRAW = np.random.default_rng(3)
X = DRAW.normal(5, 3, (90, 4)).astype(np.float32)
SUM = X.sum(axis=1)


def trained(folder: Path, more: str = "", text: str = CONFIG, **arrays: Any) -> Run:
    np.savez(folder / "rows.npz", **arrays)
    path = folder / "rows.yaml"
    path.write_text(text + more, encoding="utf-8")
    return experiment.train(experiment.load(path), experiment.Options(runs=folder / "runs"))


def parts(run: Run) -> tuple[Any, Any, Any, Any]:
    """Training rows and test rows, with mean 0 and deviation 1 in the training rows, and their numbers."""
    rows = np.load(run.path / "splits.npz")
    scaler = StandardScaler().fit(X[rows["train"]].astype(np.float64))
    train, test = (scaler.transform(X[rows[part]].astype(np.float64)) for part in ("train", "test"))
    return train, test, rows["train"], rows["test"]


@pytest.mark.parametrize("more", ["", "compile: {loss: {BinaryCrossentropy: {from_logits: true}}}\n"])
def test_floors_linear_of_classes_is_logistic_regression(tmp_path: Path, more: str) -> None:
    y = (SUM > 20).astype(np.int64)
    run = trained(tmp_path, more, x=X, y=y)
    train, test, first, last = parts(run)
    model = LogisticRegression().fit(train, y[first])
    floor = run.metrics["floor"]["test"]["linear"]
    share = model.predict_proba(test)[np.arange(len(last)), y[last]]
    assert floor["accuracy"] == pytest.approx(model.score(test, y[last]))
    assert floor["loss"] == pytest.approx(-np.log(share).mean(), rel=1e-3)
    assert floor["accuracy"] > run.metrics["floor"]["test"]["majority"]["accuracy"]


def test_floors_linear_of_several_classes_knows_those_without_training_rows(tmp_path: Path) -> None:
    """One-hot targets of four named classes, the last of which is nowhere."""
    y = np.digitize(SUM, [17, 23])
    run = trained(tmp_path, x=X, y=y)
    train, test, first, last = parts(run)
    expected = LogisticRegression().fit(train, y[first]).score(test, y[last])
    assert run.metrics["floor"]["test"]["linear"]["accuracy"] == pytest.approx(expected)


def test_floors_linear_of_numbers_is_ridge_regression(tmp_path: Path) -> None:
    """Two numbers a row, in the target's own scale."""
    y = np.column_stack([1000 * SUM, X[:, 0] ** 2]).astype(np.float32)
    run = trained(tmp_path, "compile: {metrics: [mae]}\n", x=X, y=y)
    train, test, first, last = parts(run)
    answered = Ridge().fit(train, y[first].astype(np.float64)).predict(test)
    floor = run.metrics["floor"]["test"]["linear"]
    assert floor["mae"] == pytest.approx(np.abs(answered - y[last]).mean(), rel=1e-4)
    assert floor["loss"] == pytest.approx(((answered - y[last]) ** 2).mean(), rel=1e-4)


def test_floors_linear_of_several_labels_is_a_logistic_regression_each(tmp_path: Path) -> None:
    y = np.column_stack([SUM > 20, X[:, 0] > 5, np.ones(90)]).astype(np.int64)
    run = trained(tmp_path, "task: multilabel\n", x=X, y=y)
    train, test, first, last = parts(run)
    right = [LogisticRegression().fit(train, y[first, at]).score(test, y[last, at]) for at in (0, 1)]
    expected = (sum(right) + 1) / 3
    assert run.metrics["floor"]["test"]["linear"]["binary_accuracy"] == pytest.approx(expected)


def test_floors_linear_looks_at_ids_one_by_one(tmp_path: Path) -> None:
    """The answer is a category's alone, in no order that a line through the ids could follow."""
    lines = [f"{'abcd'[row % 4]},{'yes' if row % 4 in (0, 2) else 'no'}" for row in range(80)]
    (tmp_path / "rows.csv").write_text("\n".join(["kind,y", *lines]) + "\n")
    text = CONFIG.replace("{npz: rows.npz}", "{csv: rows.csv}").replace(
        "target: y", "target: y\n  features: {kind_id: {index: kind}}"
    )
    layers = "[{Embedding: {input_dim: $data.kind_id.vocabulary_size, output_dim: 2}}]"
    run = trained(tmp_path, text=text.replace("[{Dense: {units: 3, activation: relu}}]", layers))
    assert run.metrics["floor"]["test"]["linear"]["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("more", "y"),
    [("compile: {loss: {Quantile: [0.1, 0.9]}}\n", SUM), ("compile: {loss: Triplet}\n", (SUM > 20).astype(np.int64))],
    ids=["quantiles", "places"],
)
def test_floors_linear_says_nothing_where_the_output_is_no_plain_answer(tmp_path: Path, more: str, y: Any) -> None:
    assert "linear" not in trained(tmp_path, more, x=X, y=y).metrics["floor"]["test"]


def test_floors_linear_says_nothing_of_much_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floors, "MOST_NUMBERS", 45 * 4 - 1)
    assert list(trained(tmp_path, x=X, y=SUM).metrics["floor"]["test"]) == ["mean"]


def test_floors_of_a_cross_validation_are_the_means_of_the_folds(tmp_path: Path) -> None:
    np.savez(tmp_path / "rows.npz", x=X, y=SUM)
    (tmp_path / "rows.yaml").write_text(CONFIG + "cv: {folds: 2}\n", encoding="utf-8")
    config = experiment.load(tmp_path / "rows.yaml", cross_validation=True)
    run = experiment.cross_validate(config, experiment.Options(runs=tmp_path / "runs"))
    folds = [Run(run.path / f"fold-{number}").metrics["floor"]["test"]["linear"]["loss"] for number in (1, 2)]
    assert run.metrics["floor"]["held_out"]["linear"]["loss"] == pytest.approx(np.mean(folds))


SERIES = """\
data:
  source: {csv: series.csv}
  target: level
  windows: {length: 4, horizon: 1}
  split: {strategy: time, validation: 0.2, test: 0.2}
model:
  layers: [Flatten, {Dense: {units: 3, activation: relu}}]
compile: {metrics: [mae]}
fit: {epochs: 1}
report: {figures: []}
"""


def test_floors_persistence_is_the_last_value_of_the_window(tmp_path: Path) -> None:
    """A series of known steps: what persistence misses is the last step, by hand."""
    levels = np.cumsum(np.random.default_rng(0).normal(size=100)).round(3)
    (tmp_path / "series.csv").write_text("\n".join(["level", *map(str, levels)]) + "\n")
    (tmp_path / "series.yaml").write_text(SERIES, encoding="utf-8")
    run = experiment.train(experiment.load(tmp_path / "series.yaml"), experiment.Options(runs=tmp_path / "runs"))
    test = np.load(run.path / "splits.npz")["test"]
    missed = np.abs(levels[test + 4] - levels[test + 3]).mean()
    assert run.metrics["floor"]["test"]["persistence"]["mae"] == pytest.approx(missed, rel=1e-4)
