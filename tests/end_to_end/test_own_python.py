"""Layers, losses, metrics and sources of a person's own file: trained, resumed, folded, and opened without nnrun."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from commandline import CONFIGS, Nnrun
from tiny import history, read_json

from nnrun import trust

# Every family that a file may add to; each time that it is run leaves a line in runs.txt.
THINGS = """
import pathlib
import keras
import numpy as np
from keras import ops

with pathlib.Path("runs.txt").open("a") as stream:
    stream.write("run\\n")

def corners(rows: int = 60, seed: int = 0) -> dict:
    x = np.random.default_rng(seed).normal(size=(rows, 4)).astype("float32")
    return {"inputs": x, "targets": (x[:, 0] * x[:, 1] > 0).astype("int64")}

def brier(y_true, y_pred):
    return ops.square(ops.cast(y_true, y_pred.dtype) - ops.squeeze(y_pred, -1))

class Hits(keras.metrics.Metric):
    def __init__(self, limit: float = 0.5):
        super().__init__()
        self.limit = limit
        self.right = self.add_weight(name="right", initializer="zeros")
        self.rows = self.add_weight(name="rows", initializer="zeros")
    def update_state(self, y_true, y_pred, sample_weight=None):
        said = ops.reshape(y_pred, (-1,)) > self.limit
        right = ops.cast(said == ops.cast(ops.reshape(y_true, (-1,)), "bool"), "float32")
        self.right.assign_add(ops.sum(right))
        self.rows.assign_add(ops.sum(ops.ones_like(right)))
    def result(self):
        return self.right / self.rows

class Tenth(keras.initializers.Initializer):
    def __call__(self, shape, dtype=None):
        return ops.full(shape, 0.1, dtype=dtype)

class Gentle(keras.regularizers.Regularizer):
    def __call__(self, x):
        return 1e-3 * ops.sum(ops.abs(x))
    def get_config(self):
        return {}

class Slower(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, start: float):
        self.start = start
    def __call__(self, step):
        return self.start / (1 + 0.1 * ops.cast(step, "float32"))
    def get_config(self):
        return {"start": self.start}

class Watch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.seen = epoch

class Cell(keras.layers.Layer):
    def __init__(self, units: int, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))
    def call(self, inputs, states):
        state = ops.tanh(inputs @ self.kernel + states[0])
        return state, [state]
    def get_config(self):
        return {**super().get_config(), "units": self.units}

class Mix(keras.layers.Layer):
    def __init__(self, share: float = 0.5, **kwargs):
        super().__init__(**kwargs)
        self.share = share
    def call(self, first, second, scale: float = 1.0):
        return scale * (self.share * first + (1 - self.share) * second)
    def get_config(self):
        return {**super().get_config(), "share": self.share}
"""
CONFIG = """
plugins: [things.py]
data: {source: {corners: {rows: 80}}, split: {validation: 0.25}}
model:
  layers:
    - Dense: {units: 6, name: left, kernel_initializer: Tenth, kernel_regularizer: Gentle}
    - Dense: {units: 6, name: right, from: x}
    - Mix: {from: [left, right], share: 0.25, scale: 2.0}
    - Reshape: [6, 1]
    - Bidirectional: {layer: {RNN: {cell: {Cell: 3}}}}   # Keras makes a second one from the first one's config
compile:
  optimizer: {SGD: {learning_rate: {Slower: 0.05}}}
  loss: brier
  metrics: [{Hits: 0.5}, brier]
fit: {epochs: 2, callbacks: [Watch]}
cv: {folds: 2}
report: {figures: []}
"""


@pytest.fixture
def place(folder: Path) -> Path:
    """A folder with a copy of the cookbook's config of own Python."""
    for name in ("own_layer.yaml", "own_layer.py"):
        shutil.copy(CONFIGS / name, folder)
    return folder


def test_own_python_trains_digits_and_goes_on_with_the_copy_of_the_run(place: Path, nnrun: Nnrun) -> None:
    settings = ["-q", "-s", "report.figures=[]"]
    whole = nnrun("train", "own_layer.yaml", *settings, "-s", "fit.epochs=3").run
    assert read_json(whole / "metrics.json")["test"]["accuracy"] > 0.6
    part = nnrun("train", "own_layer.yaml", *settings, "-s", "fit.epochs=2", "--name", "part").run
    source = (place / "own_layer.py").read_bytes()
    assert (part / "plugins" / "own_layer.py").read_bytes() == source
    assert list(read_json(part / "run.json")["plugins"]) == ["own_layer.py"]

    (place / "own_layer.py").write_text("raise SystemExit('the file of today')")  # not what the run was begun with
    resumed = nnrun("resume", str(part), "-q", "-s", "fit.epochs=3")
    assert resumed.code == 0, resumed.err
    assert history(part) == history(whole)
    assert read_json(part / "metrics.json") == read_json(whole / "metrics.json")

    (part / "plugins" / "own_layer.py").write_bytes(source + b"\n")
    assert nnrun("resume", str(part), "-s", "fit.epochs=4").code == 2, "the copy is another file now"
    trust.approve(part / "plugins" / "own_layer.py")
    edited = nnrun("resume", str(part), "-s", "fit.epochs=4")
    assert (edited.code, "own_layer.py is not what" in edited.err) == (3, True)

    import importlib.util

    import keras

    spec = importlib.util.spec_from_file_location("own_layer", CONFIGS / "own_layer.py")
    assert spec is not None
    assert spec.loader is not None
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    model = keras.models.load_model(whole / "model.keras", custom_objects={"Swish": own.Swish})
    assert model.count_params() == read_json(whole / "run.json")["parameters"]


def test_own_python_of_every_family_is_run_once_for_all_folds(folder: Path, nnrun: Nnrun) -> None:
    (folder / "things.py").write_text(THINGS)
    (folder / "things.yaml").write_text(CONFIG)
    trust.approve(folder / "things.py")
    folded = nnrun("cv", "things.yaml", "-q")
    assert folded.code == 0, folded.err
    assert (folder / "runs.txt").read_text() == "run\n"
    fold = folded.run / "fold-2"
    assert list(read_json(fold / "metrics.json")["test"]) == ["loss", "hits", "brier"]
    assert (fold / "plugins" / "things.py").is_file()
    assert read_json(folded.run / "fold-1" / "run.json")["traces"] == 2
    assert read_json(fold / "run.json").get("traces", 0) in (0, 2), "the folds share one program"


def test_own_python_that_fails_is_told_with_its_line(folder: Path, nnrun: Nnrun) -> None:
    config = "plugins: [bad.py]\ndata: {source: {sklearn: iris}}\nmodel: {layers: [Bad]}\n"
    layer = "import keras\nclass Bad(keras.layers.Layer):\n  def call(self, inputs):\n    return [][0]\n"
    (folder / "bad.yaml").write_text(config)
    (folder / "bad.py").write_text(layer)
    trust.approve(folder / "bad.py")
    failed = nnrun("train", "bad.yaml", "-q")
    assert failed.code == 2
    assert "bad.yaml:3:18: Bad fails in bad.py:4: IndexError: " in failed.err
    (folder / "bad.py").write_text(layer + "x = 1 / 0\n")
    trust.approve(folder / "bad.py")
    failed = nnrun("train", "bad.yaml", "-q")
    assert failed.code == 2
    assert "bad.py:5:1: it cannot be run: ZeroDivisionError: division by zero" in failed.err


@pytest.mark.parametrize(
    ("gives", "told"),
    [
        ("5", "rows gives int"),
        ("{'x': [1]}", "rows gives a dict with x"),
        ("{'inputs': [[1.0]], 'targets': [1, 2]}", "rows gives arrays of different rows: x 1, y 2"),
        ("{'inputs': 3, 'targets': [1]}", "rows gives 'x', which is no array"),
        ("[][0]", "rows fails: IndexError: list index out of range"),
    ],
)
def test_own_python_a_source_that_gives_no_rows_is_told(gives: str, told: str, folder: Path, nnrun: Nnrun) -> None:
    (folder / "bad.yaml").write_text("plugins: [bad.py]\ndata: {source: rows}\nmodel: {layers: [Flatten]}\n")
    (folder / "bad.py").write_text(f"def rows() -> dict:\n    return {gives}\n")
    trust.approve(folder / "bad.py")
    failed = nnrun("check", "bad.yaml", "--data")
    assert failed.code == 3
    assert f"bad.yaml:2:16: {told}" in failed.err


@pytest.mark.nightly
def test_own_python_resumes_to_the_same_bits_on_jax(place: Path, nnrun_process: Nnrun) -> None:
    pytest.importorskip("jax")
    settings = ["-q", "-s", "report.figures=[]", "-s", "runtime.backend=jax"]
    whole = nnrun_process("train", "own_layer.yaml", *settings, "-s", "fit.epochs=3").run
    part = nnrun_process("train", "own_layer.yaml", *settings, "-s", "fit.epochs=1", "--name", "part").run
    assert nnrun_process("resume", str(part), "-q", "-s", "fit.epochs=3").code == 0
    assert history(part) == history(whole)
