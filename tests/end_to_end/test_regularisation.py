"""What is against overfitting does what it is for: each against the same training without it, by a number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework

CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2}
model:
  layers: [LAYERS]
compile: {optimizer: {Adam: 1e-2}}
fit: {epochs: 60, batch_size: 16}
report: {figures: []}
"""
PENALTIES = {
    "small": "kernel_regularizer: {L2: 0.05}",
    "sparse": "kernel_regularizer: {L1: 0.01}",
    "upright": "kernel_regularizer: {OrthogonalRegularizer: {factor: 0.1, mode: columns}}",
    "bounded": "kernel_constraint: {MaxNorm: 0.5}",
    "quiet": "activity_regularizer: {L2: 0.05}",
}
NOISES = ("Dropout: 0.5", "SpatialDropout1D: 0.5", "GaussianDropout: 0.5", "AlphaDropout: 0.5", "GaussianNoise: 1.0")


def trained(nnrun: Nnrun, folder: Path, layers: str, *settings: str, config: str = CONFIG) -> Path:
    done = nnrun("train", tiny.write(folder, config.replace("LAYERS", layers)), *settings)
    assert done.code == 0, done.err
    return done.run


def model_of(run: Path) -> Any:
    return framework.keras().saving.load_model(run / "model.keras", compile=False)


def measures(run: Path) -> dict[str, float]:
    """Of each layer the number that its penalty is to make small."""
    model = model_of(run)
    kernels = {name: np.asarray(model.get_layer(name).kernel) for name in PENALTIES}
    columns = kernels["upright"] / np.linalg.norm(kernels["upright"], axis=0)
    others = (columns.T @ columns)[~np.eye(columns.shape[1], dtype=bool)]
    quiet = framework.keras().Model(model.inputs[0], model.get_layer("quiet").output)
    rows = np.random.default_rng(0).normal(size=(100, *model.input_shape[1:])).astype(np.float32)
    return {
        "small": float(np.linalg.norm(kernels["small"])),
        "sparse": float(np.mean(np.abs(kernels["sparse"]) > 0.01)),
        "upright": float(np.mean(np.abs(others))),
        "bounded": float(np.max(np.linalg.norm(kernels["bounded"], axis=0))),
        "quiet": float(np.sqrt(np.mean(np.square(quiet(rows))))),
    }


def test_regularisation_penalties_and_bounds_make_small_what_they_name(nnrun: Nnrun, folder: Path) -> None:
    layers = [
        ", ".join(f"{{Dense: {{units: 12, activation: relu, name: {name}{more}}}}}" for name, more in each)
        for each in ([(name, "") for name in PENALTIES], [(name, f", {more}") for name, more in PENALTIES.items()])
    ]
    plain, held = (measures(trained(nnrun, folder, each)) for each in layers)
    assert held["bounded"] <= 0.5 + 1e-6 < plain["bounded"]
    assert {name for name in PENALTIES if held[name] > 0.6 * plain[name]} == set()


@pytest.mark.parametrize(
    "noise", [NOISES[0], *(pytest.param(noise, marks=pytest.mark.nightly) for noise in NOISES[1:])]
)
def test_regularisation_noise_is_drawn_anew_in_training_and_never_beside_it(
    noise: str, nnrun: Nnrun, folder: Path
) -> None:
    """With a rate of zero nothing is learned: what differs between two epochs is what was drawn."""
    shape = "{Reshape: [2, 4]}, " if "Spatial" in noise else ""
    layers = f"{{Dense: {{units: 8, activation: tanh}}}}, {shape}{{{noise}}}, Flatten"
    still = ("-s", "compile.optimizer={SGD: 0.0}", "-s", "fit.epochs=3")
    rows = tiny.history(trained(nnrun, folder, layers, *still))
    assert len({row["loss"] for row in rows}) == 3
    assert len({row["val_loss"] for row in rows}) == 1


def test_regularisation_smoothed_labels_leave_the_model_less_sure(nnrun: Nnrun, folder: Path) -> None:
    config = CONFIG.replace("target: kind", "target: {one_hot: kind}")
    sure = []
    for smoothing in (0.0, 0.2):
        loss = f"compile.loss={{CategoricalCrossentropy: {{label_smoothing: {smoothing}}}}}"
        run = trained(nnrun, folder, "{Dense: {units: 16, activation: relu}}", "-s", loss, config=config)
        rows = tiny.read_csv(run / "predictions.csv")
        sure.append(np.mean([max(float(row[f"p_{kind}"]) for kind in "abc") for row in rows]))
    assert sure[0] > 0.95
    assert sure[1] < 0.9  # right answers are wanted at 0.8 + 0.2 / 3


def test_regularisation_averaged_weights_lie_in_the_middle_of_what_they_were(nnrun: Nnrun, folder: Path) -> None:
    """Steps that are too long jump about; the average of the weights, which the run keeps, is better than they are."""
    config = CONFIG.replace("target: kind", "target: height").replace("[height, weight]", "weight")
    jumps = "compile.optimizer={SGD: {learning_rate: 0.3, use_ema: true, ema_momentum: 0.98}}"
    run = trained(nnrun, folder, "Flatten", "-s", jumps, "-s", "fit.batch_size=4", config=config)
    jumping = [float(row["val_loss"]) for row in tiny.history(run)[-20:]]
    kept = tiny.read_json(run / "metrics.json")["validation"]["loss"]
    assert kept < 0.85 * np.mean(jumping)
