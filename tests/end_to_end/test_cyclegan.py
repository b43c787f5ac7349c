"""Translating without pairs, whole: two folders of pictures, four networks, the sheets, and going on."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun, process
from PIL import Image

NAMES = ("generator_night", "generator_day", "discriminator_day", "discriminator_night")
CONFIG = """\
data:
  source: {unpaired_images: {first: days, second: nights, names: [day, night]}}
  features: {day: {rescale: {scale: 2, offset: -1}}, night: {rescale: {scale: 2, offset: -1}}}
  split: {validation: 0, test: 4}
recipe: {cyclegan: {translate: day, into: night, sheets: 2}}
models:
  generator_night: &translator
    layers: [{Conv2D: {filters: 4, kernel_size: 3, padding: same}}, BatchNormalization, {Dropout: 0.2}]
    outputs: {Conv2D: {filters: 3, kernel_size: 1, activation: tanh}}
  generator_day: *translator
  discriminator_day: &judge
    layers: [{Conv2D: {filters: 4, kernel_size: 3, strides: 2, kernel_regularizer: {L2: 1e-3}}}, {LeakyReLU: 0.2}]
    outputs: {Conv2D: {filters: 1, kernel_size: 1}}
  discriminator_night: *judge
compile:
  generator_night: {optimizer: {Adam: {learning_rate: 0.01}}}
  generator_day: {optimizer: {Adam: {learning_rate: 0.01}}}
  discriminator_day: {optimizer: {RMSprop: {learning_rate: 0.01}}}
  discriminator_night: {optimizer: {SGD: {learning_rate: 0.01}}}
fit: {epochs: 3, batch_size: 5}
"""
QUIET = ("-q", "-s", "report.figures=[]")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The config beside two folders of pictures, 14 bright and 16 dark ones."""
    made = tmp_path_factory.mktemp("cyclegan")
    draws = np.random.default_rng(0)
    for name, count, least in (("days", 14, 128), ("nights", 16, 0)):
        (made / name).mkdir()
        for number, pixels in enumerate(draws.integers(least, least + 128, (count, 6, 6, 3)).astype(np.uint8)):
            Image.fromarray(pixels).save(made / name / f"{number:02}.png")
    (made / "made.yaml").write_text(CONFIG)
    return made


@pytest.fixture(autouse=True)
def there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def trained(nnrun: Nnrun) -> Path:
    """The run of the config, trained by the first test that asks."""
    if not Path("runs/made").is_dir():
        ended = nnrun("train", "made.yaml")
        assert "2 pictures of night are beyond the 14" in ended.err
    return Path("runs/made")


def test_cyclegan_leaves_what_a_run_leaves_and_opens_in_plain_keras(nnrun: Nnrun) -> None:
    run = trained(nnrun)
    names = ["epoch", "learning_rate", "loss", *(f"{name}_loss" for name in NAMES)]
    assert sorted(tiny.history(run)[0]) == sorted(names)
    assert set(tiny.read_json(run / "metrics.json")["train"]) == set(names[2:])
    assert (run / "figures" / "translations.png").is_file()
    assert not (run / "figures" / "samples.png").exists()
    with np.load(run / "translations.npz") as kept:
        assert kept["epochs"].tolist() == [2, 3]
        assert kept["of_day"].shape == (4, 6, 6, 3)  # the test part
        assert kept["to_night"].shape == kept["to_day"].shape == (2, 4, 6, 6, 3)
        assert kept["of_day"].min() > kept["of_night"].max() - 0.1

        import keras

        made = keras.saving.load_model(run / "model.keras")(kept["of_day"].astype(np.float32))
        np.testing.assert_allclose(made, kept["to_night"][-1], atol=2e-3)
        back = keras.saving.load_model(run / "generator_day.keras")(kept["of_night"].astype(np.float32))
        np.testing.assert_allclose(back, kept["to_day"][-1], atol=2e-3)
    assert keras.saving.load_model(run / "discriminator_day.keras").output_shape == (None, 2, 2, 1)


@pytest.mark.nightly
def test_cyclegan_goes_on_to_the_same_bits(nnrun: Nnrun) -> None:
    straight = trained(nnrun)
    short = nnrun("train", "made.yaml", *QUIET, "-s", "fit.epochs=1", "--name", "short").run
    assert nnrun("resume", str(short), "-q", "-s", "fit.epochs=3").code == 0
    same_weights(straight, short)


ON_JAX = (*QUIET, "-s", "runtime.backend=jax", "-s", "fit.epochs=2")


@pytest.mark.nightly
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install 'nnrun[jax]'")
def test_cyclegan_on_jax_goes_on_to_the_same_bits() -> None:
    straight = process("train", "made.yaml", *ON_JAX, "--name", "straight-jax")
    assert straight.code == 0, straight.err
    short = process("train", "made.yaml", *ON_JAX, "-s", "fit.epochs=1", "--name", "short-jax")
    assert process("resume", short.run, "-q", "-s", "fit.epochs=2").code == 0
    same_weights(straight.run, short.run)
    first, second = tiny.history(straight.run)
    assert all(float(first[f"{name}_loss"]) != float(second[f"{name}_loss"]) for name in NAMES)


def same_weights(first: Path, second: Path) -> None:
    import keras

    assert tiny.history(first) == tiny.history(second)
    for name in ("model", *NAMES[1:]):
        pair = [keras.saving.load_model(run / f"{name}.keras", compile=False).get_weights() for run in (first, second)]
        assert all(np.array_equal(*weights) for weights in zip(*pair, strict=True))


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("generate", "RUN"), "translates day into night"),
        (("predict", "RUN", "--data", "days"), "translates day into night"),
        (("evaluate", "RUN", "--part", "test"), "translates day into night"),
        (("cv", "made.yaml"), "a cross validation scores held-out rows"),
        (("export", "made.yaml", "--python"), "a recipe has training steps of its own"),
    ],
)
def test_cyclegan_refuses_what_it_has_no_answer_to(command: Any, told: str, nnrun: Nnrun) -> None:
    ended = nnrun(*(str(trained(nnrun)) if word == "RUN" else word for word in command))
    assert ended.code != 0
    assert told in ended.err
