"""How Keras is imported: lean, quiet, and as if no keras.json were there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nnrun
from nnrun.model import framework, importing

# What is None in Keras after the lean import because a package was set aside: guards such as `if pandas is not None and
# isinstance(x, pandas.DataFrame)`, and wrappers that nnrun does not use. A new one is looked at before it is added.
SET_ASIDE = {
    "keras.src.trainers.data_adapters.array_slicing": ["pandas"],
    "keras.src.visualization.plot_bounding_box_gallery": ["patches"],
    "keras.src.visualization.plot_image_gallery": ["plt"],
    "keras.src.wrappers.fixes": ["sklearn"],
    "keras.src.wrappers.sklearn_wrapper": ["sklearn"],
    "keras.src.wrappers.utils": ["sklearn"],
}
# None in any case: packages that nnrun does not require, and state that is set later.
NONE_ANYWAY = {"pydot", "huggingface_hub", "psutil", "cv2", "ipython", "CLASS_INDEX"}


def _python(code: str, folder: Path, **variables: str) -> Any:
    """The JSON that some code prints in a fresh interpreter, and what it says beside it."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KERAS", "NNRUN", "TF_CPP"))}
    environment = {**kept, "PYTHONPATH": str(Path(nnrun.__file__).parents[1]), **variables}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


LEAN = """
import json, sys
from nnrun.model import framework, importing
framework.configure(lean=True)
framework.keras()
loaded = [name for name in ("sklearn", "matplotlib", "pandas", "scipy") if name in sys.modules]
none = {
    name: sorted(key for key, value in vars(module).items() if value is None and not key.startswith("_"))
    for name, module in list(sys.modules.items())
    if name.startswith("keras.") and module is not None
}
left = [type(finder).__name__ for finder in sys.meta_path if isinstance(finder, importing._Unimportable)]
import matplotlib, pandas, scipy, sklearn
print(json.dumps([loaded, none, left]))
"""


def test_framework_lean_import_leaves_out_what_keras_only_looks_for(tmp_path: Path) -> None:
    """The four packages stay out, the finder is gone afterwards, and they can be imported then."""
    (loaded, none, left), said = _python(LEAN, tmp_path)
    assert (loaded, left, said) == ([], [], "")
    found = {name: [key for key in keys if key not in NONE_ANYWAY] for name, keys in none.items()}
    assert {name: keys for name, keys in found.items() if keys} == SET_ASIDE


def test_framework_a_notebook_imports_keras_whole(tmp_path: Path) -> None:
    """Without the command line nothing is set aside."""
    code = """
import json, sys
from nnrun.model import framework
framework.keras()
print(json.dumps([name in sys.modules for name in ("sklearn", "pandas", "scipy")]))
"""
    found, _ = _python(code, tmp_path)
    assert found == [True, True, True]


def test_framework_without_refuses_for_a_moment_and_leaves_what_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    before = list(sys.meta_path)
    monkeypatch.delitem(sys.modules, "this", raising=False)
    with importing.without(["this", "json"]):
        with pytest.raises(ImportError, match="this is set aside while Keras is imported"):
            __import__("this")
        __import__("json.tool")
    assert sys.meta_path == before


def test_framework_keras_json_is_set_aside(tmp_path: Path) -> None:
    """A keras.json of another project changes nothing here."""
    home = tmp_path / "keras"
    home.mkdir()
    settings = {"floatx": "float64", "epsilon": 0.1, "backend": "jax", "image_data_format": "channels_first"}
    (home / "keras.json").write_text(json.dumps(settings))
    code = """
import json
from nnrun.model import framework
print(json.dumps([framework.values_in_force(), framework.keras().layers.Dense(1).dtype]))
"""
    (values, dtype), _ = _python(code, tmp_path, KERAS_HOME=str(home), HOME=str(tmp_path))
    assert values == {
        "backend": "tensorflow",
        "floatx": "float32",
        "image_data_format": "channels_last",
        "epsilon": 1e-07,
        "dtype_policy": "float32",
    }
    assert dtype == "float32"


def test_framework_start_gives_the_same_weights_for_the_same_seed() -> None:
    def weights(seed: int) -> list[float]:
        framework.start(seed)
        model = framework.keras().Sequential([framework.keras().layers.Dense(2)])
        model.build((None, 2))
        return [float(value) for value in model.get_weights()[0].ravel()]

    assert weights(3) == weights(3) != weights(4)


def test_framework_start_names_layers_afresh() -> None:
    framework.start(0)
    framework.keras().layers.Dense(1)
    framework.start(0)
    assert framework.keras().layers.Dense(1).name == "dense"


@pytest.mark.parametrize(
    ("name", "truth", "output", "expected"),
    [
        ("accuracy", (9,), (9, 1), "BinaryAccuracy"),
        ("acc", (9, 1), (9, 1), "BinaryAccuracy"),
        ("accuracy", (9, 3), (9, 3), "CategoricalAccuracy"),
        ("accuracy", (9,), (9, 3), "SparseCategoricalAccuracy"),
        ("mse", (9, 1), (9, 1), "MeanSquaredError"),
    ],
)
def test_framework_metric_by_text_is_keras_own_choice(
    name: str, truth: tuple[int, ...], output: tuple[int, ...], expected: str
) -> None:
    """The class that `Model.compile` builds for the same text and shapes."""
    import numpy as np
    from keras.src.trainers.compile_utils import get_metric

    ours = framework.metric_by_text(name, truth, output)
    theirs = get_metric(name, np.zeros(truth), np.zeros(output))
    assert (type(ours).__name__, type(theirs).__name__) == (expected, expected)


def test_framework_is_loaded_aloud_where_there_is_no_room_for_a_file(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a full disk a run ends where it writes, not where TensorFlow is imported."""

    def full() -> None:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    with importing.quiet(loud=False):
        os.write(2, b"said")
    assert capfd.readouterr().err == "said"
