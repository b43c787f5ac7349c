"""A network that learns without labels: two changed views of each picture, one encoder, a loss between the two."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import Nnrun, process

CONFIG = """\
data: {source: {npz: pictures.npz}, split: {validation: 8, test: 8}}
blocks:
  change: [{RandomTranslation: {height_factor: 0.2, width_factor: 0.2}}, RandomFlip, {GaussianNoise: 0.1}]
  encoder:
    - Conv2D: {filters: 2, kernel_size: 3, activation: relu}
    - BatchNormalization
    - Flatten
    - Dense: 4
model:
  layers:
    - change: {each: {from: [picture, picture]}, name: view}
    - encoder: {from: view.0, name: place}
    - place: {from: view.1, name: other}
  outputs: {place: place}
  losses: {views: {NTXent: {temperature: 0.5, from: [place, other]}}}
fit: {epochs: 3, batch_size: 5}
"""
QUIET = ("-q", "-s", "report.figures=[]")
ON_JAX = (*QUIET, "-s", "runtime.backend=jax")


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config beside pictures that have labels, which nobody asks for."""
    monkeypatch.chdir(tmp_path)
    pictures = np.random.default_rng(0).integers(0, 256, (40, 6, 6, 1), dtype=np.uint8)
    np.savez(tmp_path / "pictures.npz", picture=pictures, label=np.arange(40) % 2)
    path = tmp_path / "views.yaml"
    path.write_text(CONFIG)
    return path


def same_weights(first: Path, second: Path) -> None:
    import keras

    assert tiny.history(first) == tiny.history(second)
    pair = [keras.saving.load_model(run / "model.keras", compile=False).get_weights() for run in (first, second)]
    assert all(np.array_equal(*weights) for weights in zip(*pair, strict=True))


def test_two_views_train_without_labels_and_are_scored_as_they_were_watched(config: Path, nnrun: Nnrun) -> None:
    run = nnrun("train", config, "-q").run
    scores, last = tiny.read_json(run / "metrics.json"), tiny.history(run)[-1]
    assert set(scores["validation"]) == {"loss"}
    assert scores["validation"]["loss"] == pytest.approx(float(last["val_loss"]), rel=1e-5)  # batches of five, as there
    assert (run / "figures" / "curves.png").is_file()
    with np.load(run / "predictions.npz") as kept:
        assert kept["test/0/place"].shape == (8, 4)
        assert not [name for name in kept.files if "views" in name]
    again = nnrun("evaluate", str(run), "--json")
    assert again.code == 0
    assert f"{scores['test']['loss']:.4f}" in again.out or str(scores["test"]["loss"])[:8] in again.out

    import keras

    given = keras.saving.load_model(run / "model.keras")(np.zeros((2, 6, 6, 1)))
    assert tuple(given["place"].shape) == (2, 4)


def test_two_views_go_on_to_the_same_bits(config: Path, nnrun: Nnrun) -> None:
    straight = nnrun("train", config, *QUIET).run
    short = nnrun("train", config, *QUIET, "-s", "fit.epochs=1", "--name", "short").run
    assert nnrun("resume", str(short), "-q", "-s", "fit.epochs=3").code == 0
    same_weights(straight, short)


@pytest.mark.nightly
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install 'nnrun[jax]'")
def test_two_views_go_on_to_the_same_bits_on_jax(config: Path) -> None:
    straight = process("train", config, *ON_JAX)
    short = process("train", config, *ON_JAX, "-s", "fit.epochs=1", "--name", "short")
    assert process("resume", short.run, "-q", "-s", "fit.epochs=3").code == 0
    same_weights(straight.run, short.run)


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("{NTXent: {from: [place, picture]}}", "compares two views of the same rows"),
        ("{NTXent: {from: place}}", "NTXent is called on 1 tensor"),
        ("{NTXent: {temperature: 0.0, from: [place, other]}}", "temperature is a number above 0"),
        ("{Circle: {from: [place, other]}}", "write it under `compile.loss`"),
        ("{MeanSquaredError: {reduction: sum, from: [place, other]}}", "reduction has no place"),
        ("{NTXnet: {from: [place, other]}}", "did you mean 'NTXent'"),
    ],
)
def test_two_views_with_a_wrong_loss_are_told(loss: str, said: str, config: Path, nnrun: Nnrun) -> None:
    config.write_text(CONFIG.replace("{NTXent: {temperature: 0.5, from: [place, other]}}", loss))
    told = nnrun("check", config)
    assert told.code == 2
    assert said in told.err


def test_two_views_are_refused_on_replicas_that_see_a_part_of_the_batch(config: Path, nnrun: Nnrun) -> None:
    parted = ("-s", "runtime.device=cpu", "-s", "runtime.devices=2", "-s", "runtime.strategy=data_parallel")
    told = nnrun("check", config, *parted)
    assert told.code == 2
    assert "the loss NTXent looks at the whole batch at once" in told.err
