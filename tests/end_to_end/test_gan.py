"""Two networks against each other, whole: trained, looked at, gone on with, and asked for new rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun, process
from PIL import Image

CONFIG = """\
data: {source: {npz: pictures.npz}, split: {validation: 0, test: 0}}
recipe: {gan: {latent_dim: 3, conditional: true, sheets: 3}}
models:
  generator:
    layers:
      - Concatenate: {from: [latent, label]}
      - Dense: {units: 4, use_bias: false}
      - BatchNormalization
      - Dropout: 0.2
      - Dense: {units: 36, activation: sigmoid}
    outputs: {Reshape: [6, 6, 1]}
  discriminator:
    layers:
      - Flatten: {from: picture}
      - Concatenate: {from: [previous, label]}
      - Dense: {units: 8, activation: relu, kernel_regularizer: {L2: 1e-3}}
    outputs: {Dense: 1}
compile:
  generator: {optimizer: {Adam: {learning_rate: 0.01}}}
  discriminator: {optimizer: {RMSprop: {learning_rate: 0.01}}}
fit: {epochs: 3, batch_size: 8}
"""
QUIET = ("-q", "-s", "report.figures=[]")


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


def test_gan_leaves_what_a_run_leaves_and_opens_in_plain_keras(config: Path, nnrun: Nnrun) -> None:
    run = nnrun("train", config, "-q").run
    names = ["epoch", "learning_rate", "loss", "discriminator_accuracy", "discriminator_loss", "generator_loss"]
    assert sorted(tiny.history(run)[0]) == sorted(names)
    assert set(tiny.read_json(run / "metrics.json")["train"]) == set(names[2:])
    for figure in ("samples", "adversaries", "curves"):
        assert (run / "figures" / f"{figure}.png").is_file()
    with np.load(run / "samples.npz") as kept:
        assert kept["epochs"].tolist() == [1, 2, 3]
        assert kept["samples"].shape == (3, 16, 6, 6, 1)  # two classes, eight columns
        assert kept["labels"].tolist() == [0] * 8 + [1] * 8

    import keras

    made = keras.saving.load_model(run / "model.keras")({"latent": np.zeros((2, 3)), "label": np.eye(2)})
    assert tuple(made.shape) == (2, 6, 6, 1)
    assert keras.saving.load_model(run / "discriminator.keras").output_shape == (None, 1)


def test_gan_resolved_is_a_config_of_the_same_run(config: Path, nnrun: Nnrun) -> None:
    run = nnrun("train", config, *QUIET).run
    again = nnrun("train", run / "resolved.yaml", *QUIET, "--data-root", config.parent, "--runs", "again").run
    assert tiny.history(run) == tiny.history(again)
    assert (run / "resolved.yaml").read_bytes() == (again / "resolved.yaml").read_bytes()


def test_gan_goes_on_to_the_same_bits(config: Path, nnrun: Nnrun) -> None:
    straight = nnrun("train", config, *QUIET).run
    short = nnrun("train", config, *QUIET, "-s", "fit.epochs=1", "--name", "short").run
    assert nnrun("resume", str(short), "-q", "-s", "fit.epochs=3").code == 0
    same_weights(straight, short)


ON_JAX = (*QUIET, "-s", "runtime.backend=jax", "-s", "data.split.validation=8", "-s", "fit.epochs=2")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install 'nnrun[jax]'")
def test_gan_on_jax_moves_both_networks(config: Path) -> None:
    ended = process("train", config, *ON_JAX)
    assert ended.code == 0, ended.err
    first, second = tiny.history(ended.run)
    for name in ("discriminator_loss", "generator_loss", "val_discriminator_loss", "val_generator_loss"):
        assert float(first[name]) != float(second[name])


@pytest.mark.nightly
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed: pip install 'nnrun[jax]'")
def test_gan_on_jax_goes_on_to_the_same_bits(config: Path) -> None:
    straight = process("train", config, *ON_JAX)
    short = process("train", config, *ON_JAX, "-s", "fit.epochs=1", "--name", "short")
    assert process("resume", short.run, "-q", "-s", "fit.epochs=2").code == 0
    same_weights(straight.run, short.run)


def same_weights(first: Path, second: Path) -> None:
    import keras

    assert tiny.history(first) == tiny.history(second)
    for name in ("model.keras", "discriminator.keras"):
        pair = [keras.saving.load_model(run / name, compile=False).get_weights() for run in (first, second)]
        assert all(np.array_equal(*weights) for weights in zip(*pair, strict=True))


def test_gan_makes_pictures_of_a_class(config: Path, nnrun: Nnrun) -> None:
    run = nnrun("train", config, *QUIET).run
    told = nnrun("generate", str(run), "--count", "3", "--class", "1", "--output", "out")
    assert (told.code, told.out) == (0, "out\n")
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "0000-1.png",
        "0001-1.png",
        "0002-1.png",
        "sheet.png",
    ]
    with Image.open("out/0000-1.png") as picture:
        assert picture.size == (6, 6)

    def rows(seed: int) -> Any:
        assert nnrun("generate", str(run), "--seed", str(seed), "--output", "rows.npz").code == 0
        with np.load("rows.npz") as found:
            assert found["classes"][:3].tolist() == ["0", "1", "0"]
            return found["samples"]

    first = rows(1)
    assert first.shape == (64, 6, 6, 1)
    assert np.array_equal(first, rows(1))
    assert not np.array_equal(first, rows(2))

    over = nnrun("generate", str(run), "--class", "0", "--to", "1", "--count", "3", "--output", "over.npz")
    assert over.code == 0, over.err
    with np.load("over.npz") as found:
        begun, between, ended = found["samples"]
    for name, row in (("0", begun), ("1", ended)):  # of the same random numbers as the first row of a class alone
        nnrun("generate", str(run), "--class", name, "--count", "1", "--output", "alone.npz")
        with np.load("alone.npz") as found:
            assert np.allclose(found["samples"][0], row, atol=1e-6)
    assert not np.allclose(between, begun)
    assert not np.allclose(between, ended)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("generate", "RUN", "--class", "2"), "knows no class '2'"),
        (("generate", "RUN", "--prompt", "once"), "--prompt has no meaning there"),
        (("generate", "RUN", "--to", "1"), "nothing where they begin"),
        (("predict", "RUN", "--data", "pictures.npz"), "makes rows and answers none"),
        (("evaluate", "RUN", "--part", "train"), "makes rows and answers none"),
        (("cv", "made.yaml"), "a cross validation scores held-out rows"),
        (("export", "made.yaml", "--python"), "a recipe has training steps of its own"),
        (("show", "made.yaml", "--build"), "--build looks at one model"),
    ],
)
@pytest.mark.usefixtures("config")
def test_gan_refuses_what_it_has_no_answer_to(command: Any, told: str, nnrun: Nnrun, trained: Path) -> None:
    ended = nnrun(*(str(trained) if word == "RUN" else word for word in command))
    assert ended.code != 0
    assert told in ended.err


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run for all that only ask."""
    folder = tmp_path_factory.mktemp("gan")
    with pytest.MonkeyPatch.context() as patch:
        path = config.__wrapped__(folder, patch)  # type: ignore[attr-defined]
        return folder / process("train", path, *QUIET, "-s", "fit.epochs=1").run


def test_gan_is_judged_by_a_run_that_tells_classes(config: Path, nnrun: Nnrun) -> None:
    judge = "data: {source: {npz: pictures.npz}}\nmodel: {layers: [Flatten]}\nfit: {epochs: 1}\n"
    Path("judge.yaml").write_text(judge)
    absent = nnrun("train", config, *QUIET, "-s", "report.judge.run=judge")
    assert "there is no complete run 'judge'" in absent.err
    assert nnrun("train", "judge.yaml", *QUIET).code == 0
    run = nnrun("train", config, *QUIET, "-s", "report.judge.run=judge", "--name", "judged").run
    told = tiny.read_json(run / "metrics.json")
    assert told["judge"] == {"run": "judge", "rows": 1000}
    assert 0 <= told["samples"]["judge_accuracy"] <= 1
