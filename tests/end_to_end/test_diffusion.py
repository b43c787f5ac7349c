"""A denoiser, whole: trained, looked at, gone on with, and asked for new rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun, process

CONFIG = """\
data:
  source: {npz: pictures.npz}
  features: {picture: {normalize: picture}}
  split: {validation: 0, test: 0}
recipe: {diffusion: {conditional: true, sampling_steps: 3, sheets: 2}}
models:
  denoiser:
    layers:
      - sinusoidal_embedding: {units: 8, from: noise_variance}
      - Concatenate: {from: [previous, label]}
      - Dense: {units: 4, name: about}
      - Flatten: {from: picture}
      - Concatenate: {from: [previous, about]}
      - BatchNormalization
      - Dropout: 0.2
      - Dense: 36
    outputs: {Reshape: [6, 6, 1]}
compile: {optimizer: {Adam: 0.01}}
fit: {epochs: 2, batch_size: 8}
"""
QUIET = ("-q", "-s", "report.figures=[]")
HAS_JAX = importlib.util.find_spec("jax") is not None


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The config beside pictures of two kinds, bright and dark ones."""
    monkeypatch.chdir(tmp_path)
    labels = np.arange(40) % 2
    pictures = np.random.default_rng(0).integers(0, 128, (40, 6, 6, 1)) + labels[:, None, None, None] * 100
    np.savez(tmp_path / "pictures.npz", picture=pictures.astype(np.uint8), label=labels)
    path = tmp_path / "made.yaml"
    path.write_text(CONFIG)
    return path


def test_diffusion_leaves_what_a_run_leaves_and_makes_rows(config: Path, nnrun: Nnrun) -> None:
    drawn = ("-q", "-s", "report.figures=[samples]")
    run = nnrun("train", config, *drawn, "-s", "data.split.validation=8").run
    names = {"loss", "noise_loss", "image_loss"}
    assert set(tiny.history(run)[0]) == {"epoch", "learning_rate", *names, *(f"val_{name}" for name in names)}
    assert (run / "figures" / "samples.png").is_file()
    with np.load(run / "samples.npz") as kept:
        assert kept["samples"].shape == (2, 16, 6, 6, 1)  # two classes, eight columns
        assert kept["labels"].tolist() == [0] * 8 + [1] * 8
        made = kept["samples"]
        assert 0 <= made.min() < made.max() <= 1  # in the pictures' own unit, not normalized ones

    def rows(seed: int) -> Any:
        assert nnrun("generate", str(run), "--class", "1", "--seed", str(seed), "--output", "rows.npz").code == 0
        with np.load("rows.npz") as found:
            return found["samples"]

    first = rows(1)
    assert first.shape == (64, 6, 6, 1)
    assert 0 <= first.min() < first.max() <= 1
    assert np.array_equal(first, rows(1))
    assert not np.array_equal(first, rows(2))


def same(first: Path, second: Path) -> None:
    """The same history, the same sheets, the same weights."""
    import keras

    assert tiny.history(first) == tiny.history(second)
    with np.load(first / "samples.npz") as one, np.load(second / "samples.npz") as other:
        assert np.array_equal(one["samples"][-1], other["samples"][-1])
    pair = [keras.saving.load_model(run / "model.keras", compile=False).get_weights() for run in (first, second)]
    assert all(np.array_equal(*weights) for weights in zip(*pair, strict=True))


LINEAR = (
    *("-s", "recipe={diffusion: {schedule: linear, timesteps: 25, conditional: true}}"),
    *("-s", "models.denoiser.layers.0.sinusoidal_embedding.from=time"),
)


@pytest.mark.nightly
@pytest.mark.parametrize(
    "backend",
    [
        "tensorflow",
        pytest.param(
            "jax", marks=pytest.mark.skipif(not HAS_JAX, reason="JAX is not installed: pip install 'nnrun[jax]'")
        ),
    ],
)
@pytest.mark.parametrize("schedule", ["cosine", "linear"])
def test_diffusion_goes_on_to_the_same_bits_everywhere(config: Path, backend: str, schedule: str) -> None:
    settings = (*QUIET, "-s", f"runtime.backend={backend}", *(LINEAR if schedule == "linear" else ()))
    straight = process("train", config, *settings)
    assert straight.code == 0, straight.err
    short = process("train", config, *settings, "-s", "fit.epochs=1", "--name", "short")
    assert process("resume", short.run, "-q", "-s", "fit.epochs=2").code == 0
    same(straight.run, short.run)
    first, second = tiny.history(straight.run)
    assert float(first["noise_loss"]) != float(second["noise_loss"])
