"""nnrun's own losses in a training: targets are read for them, scores are the history's, models open anywhere."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import yaml

from nnrun import experiment
from nnrun.catalogue import own_names
from nnrun.errors import ConfigError
from nnrun.experiment import Options
from nnrun.runs.run import Run

PICTURE = {"source": "pictures", "layers": [{"Conv2D": {"filters": 2, "kernel_size": 3, "padding": "same"}}]}
CONV = {"Conv2D": {"filters": 1, "kernel_size": 1, "activation": "sigmoid"}}
STEPS = {"source": "steps", "layers": [{"Dense": 4}], "outputs": {"Dense": {"units": 3, "activation": "softmax"}}}
TABLE = {"source": "table", "layers": [{"Dense": 4}]}

CASES: dict[str, dict[str, Any]] = {
    "Charbonnier": {**TABLE, "loss": "Charbonnier"},
    "Contrastive": {**TABLE, "source": "pairs", "loss": {"Contrastive": {"margin": 2}}},
    "EdgeSmoothness": {**PICTURE, "outputs": CONV, "loss": {"Sum": {"losses": ["EdgeSmoothness", "mse"]}}},
    "IoU": {**PICTURE, "outputs": CONV, "loss": "IoU"},
    "Masked": {**STEPS, "loss": {"Masked": {"loss": "SparseCategoricalCrossentropy", "ignore": 0}}},
    "Quantile": {**TABLE, "loss": {"Quantile": [0.1, 0.5, 0.9]}},
    "SSIM": {**PICTURE, "outputs": CONV, "loss": {"SSIM": {"filter_size": 5}}},
    "Sum": {**PICTURE, "outputs": CONV, "loss": {"Sum": {"losses": [{"SSIM": {"filter_size": 5}}, "mae"]}}},
    "Triplet": {**TABLE, "source": "classes", "loss": {"Triplet": {"mining": "semi_hard"}}},
    "BarlowTwins": {**TABLE, "source": "views", "outputs": {"Dense": 3}, "loss": "BarlowTwins"},
    "InfoNCE": {**TABLE, "source": "views", "outputs": {"Dense": 3}, "loss": "InfoNCE"},
    "MultiSimilarity": {**TABLE, "source": "classes", "loss": "MultiSimilarity"},
    "NTXent": {**TABLE, "source": "views", "outputs": {"Dense": 3}, "loss": {"NTXent": 0.5}},
    "SupervisedContrastive": {**TABLE, "source": "classes", "loss": "SupervisedContrastive"},
    "VICReg": {**TABLE, "source": "views", "outputs": {"Dense": 3}, "loss": "VICReg"},
    "Wasserstein": {**TABLE, "source": "pairs", "outputs": {"Dense": 1}, "loss": "Wasserstein"},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("losses")
    random = np.random.default_rng(0)
    x = random.normal(size=(60, 3)).astype("float32")
    pictures = random.random((60, 6, 7, 1)).astype("float32")
    steps = random.normal(size=(60, 5, 2)).astype("float32")
    tables = {
        "table": (x, (x @ [1, 2, 3]).astype("float32")),
        "pairs": (x, (x[:, 0] > 0).astype("float32")),
        "classes": (x, np.arange(60) % 3),
        "views": (x, (x + random.normal(size=(60, 3)) / 4).astype("float32")),
        "pictures": (pictures, pictures.round()),
        "steps": (steps, (steps[..., 0] > 0).astype(int) + (steps[..., 1] > 0)),
    }
    for name, (inputs, target) in tables.items():
        np.savez(folder / f"{name}.npz", x=inputs, y=target)
    return folder


def trained(folder: Path, tmp_path: Path, case: dict[str, Any], overrides: Sequence[str] = ()) -> Run:
    config = {
        "data": {"source": {"npz": f"{case['source']}.npz"}, "target": "y", "split": {"validation": 12, "test": 12}},
        "model": {"layers": case["layers"], **({"outputs": case["outputs"]} if "outputs" in case else {})},
        "compile": {"loss": case["loss"]},
        "fit": {"epochs": 2, "batch_size": 8},
        "report": {"figures": []},
    }
    path = folder / f"{tmp_path.name}.yaml"
    path.write_text(yaml.safe_dump(config))
    return experiment.train(experiment.load(path, overrides), Options(runs=tmp_path / "runs"))


def resolved(run: Run) -> Any:
    return yaml.safe_load(run.resolved or "")


def test_losses_training_has_a_case_for_every_loss() -> None:
    assert sorted(CASES) == list(own_names("losses"))


BY_NIGHT = ("BarlowTwins", "InfoNCE", "MultiSimilarity", "VICReg")  # trained as NTXent and SupervisedContrastive are


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.nightly] * (name in BY_NIGHT)) for name in (*CASES, "MeanSquaredError")],
)
def test_losses_train_score_and_leave_a_model_for_plain_keras(
    name: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scores are the history's; the file opens where there is no nnrun, without `compile` if that names ours."""
    run = trained(data, tmp_path, CASES.get(name, {**TABLE, "loss": name}))
    assert run.status == "complete"
    assert run.history is not None
    first, last = run.history.columns["loss"]
    assert math.isfinite(last)
    assert last != first
    expected = {key[4:]: values[-1] for key, values in run.history.columns.items() if key.startswith("val_")}
    assert run.metrics["validation"] == pytest.approx(expected, rel=1e-4)
    floor = next(iter(run.metrics["floor"]["test"].values()))["loss"]
    assert math.isfinite(floor)

    for module in [module for module in sys.modules if module.partition(".")[0] == "nnrun"]:
        monkeypatch.setitem(sys.modules, module, None)  # as on a machine that lacks it
    model = keras.saving.load_model(run.path / "model.keras")
    assert model.compiled == (name not in CASES)
    assert np.isfinite(model.predict(np.zeros((2, *model.input_shape[1:])), verbose=0)).all()


def test_losses_of_several_outputs_are_weighed(data: Path, tmp_path: Path) -> None:
    arrays = np.load(data / "table.npz")
    np.savez(data / "two.npz", x=arrays["x"], y=arrays["y"], z=-arrays["y"])
    outputs = {"y": {"Dense": 2}, "z": {"Dense": 1}}
    case = {**TABLE, "source": "two", "outputs": outputs, "loss": {"y": {"Quantile": [0.1, 0.9]}, "z": "Charbonnier"}}
    more = [
        "data.target=[y, z]",
        "data.split.validation=16",
        "compile.loss_weights={y: 2.0, z: 0.5}",
        "compile.metrics={y: [Coverage]}",
    ]
    run = trained(data, tmp_path, case, more)
    assert run.history is not None
    columns = run.history.columns
    expected = 2 * columns["val_y_loss"][-1] + 0.5 * columns["val_z_loss"][-1]
    assert columns["val_loss"][-1] == pytest.approx(expected, rel=1e-5)
    found = {key[4:]: values[-1] for key, values in columns.items() if key.startswith("val_")}
    assert run.metrics["validation"] == pytest.approx(found, rel=1e-4)
    assert list(columns)[-1] == "val_y_coverage"


def test_losses_quantile_asks_for_a_unit_for_each(data: Path, tmp_path: Path) -> None:
    run = trained(data, tmp_path, {**CASES["Quantile"], "loss": {"Quantile": [0.25, 0.75]}}, ["fit.epochs=1"])
    assert resolved(run)["model"]["outputs"] == {"y": {"Dense": {"units": 2, "activation": "linear"}}}
    assert resolved(run)["compile"] == {
        "optimizer": "Adam",
        "loss": {"Quantile": {"quantiles": [0.25, 0.75]}},
        "metrics": [],
    }
    assert list(run.metrics["floor"]["test"]) == ["best_constant"]
    with pytest.raises(ConfigError, match="the output 'y' has 1 unit for 2 quantiles"):
        trained(data, tmp_path, {**CASES["Quantile"], "outputs": {"Dense": 1}, "loss": {"Quantile": [0.25, 0.75]}})


def test_losses_quantile_of_the_floor_is_that_of_the_training_rows(data: Path, tmp_path: Path) -> None:
    run = trained(data, tmp_path, {**CASES["Quantile"], "loss": {"Quantile": 0.9}}, ["fit.epochs=1"])
    parts, y = np.load(run.path / "splits.npz"), np.load(data / "table.npz")["y"]
    error = y[parts["test"]] - np.quantile(y[parts["train"]], 0.9)
    expected = np.maximum(0.9 * error, -0.1 * error).mean()
    assert run.metrics["floor"]["test"]["best_constant"]["loss"] == pytest.approx(expected, rel=1e-5)


def test_losses_triplet_gives_places(data: Path, tmp_path: Path) -> None:
    run = trained(data, tmp_path, CASES["Triplet"], ["fit.epochs=1", "fit.class_weight=balanced"])
    assert run.tasks["y"]["task"] == "embedding"
    assert resolved(run)["model"]["outputs"] == {"y": {"Dense": {"units": 64, "activation": "linear"}}}
    assert np.load(run.path / "predictions.npz")["test/0/y"].shape == (12, 64)
    assert run.metrics["floor"]["test"]["one_place"]["loss"] == pytest.approx(1, abs=1e-3)  # the margin


def test_losses_circle_of_keras_gives_places_too(data: Path, tmp_path: Path) -> None:
    case = {**TABLE, "source": "classes", "loss": "Circle", "outputs": "UnitNormalization"}
    run = trained(data, tmp_path, case)
    assert run.tasks["y"]["task"] == "embedding"
    assert run.history is not None
    assert run.metrics["validation"]["loss"] == pytest.approx(run.history.columns["val_loss"][-1], rel=1e-4)


def test_losses_masked_trains_on_what_counts(data: Path, tmp_path: Path) -> None:
    run = trained(data, tmp_path, CASES["Masked"], ["fit.epochs=1"])
    assert resolved(run)["compile"]["loss"] == {"Masked": {"loss": "SparseCategoricalCrossentropy", "ignore": 0}}
    assert resolved(run)["compile"]["metrics"] == ["accuracy"]
    parts, y = np.load(run.path / "splits.npz"), np.load(data / "steps.npz")["y"]
    known = y[parts["train"]].ravel()
    share = np.bincount(known[known != 0]) / np.sum(known != 0)
    held = y[parts["test"]].reshape(-1)
    # The mean of two batches of at most eight rows, each over the steps that count.
    batches = [part[part != 0] for part in (held[:40], held[40:])]
    losses = [-np.log(np.clip(share, 1e-7, 1))[part].mean() for part in batches]
    expected = (8 * losses[0] + 4 * losses[1]) / 12
    (floor,) = run.metrics["floor"]["test"].values()
    assert floor["loss"] == pytest.approx(expected, rel=1e-4)
