"""A network that was trained before as a layer of a new one: found, cut, frozen, kept, and needed no more."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import Nnrun

from nnrun.model import framework

EARLIER = """
name: shapes
data: {source: {sklearn: digits}, split: {validation: 0.1, test: 0.1}}
model:
  layers:
    - Conv2D: {filters: 4, kernel_size: 3, activation: relu, name: lower}
    - BatchNormalization
    - GlobalAveragePooling2D: {name: pooled}
    - Dense: {units: 6, activation: relu, name: upper}
fit: {epochs: 1, batch_size: 256}
report: {figures: []}
"""
LATER = """
name: later
data: {source: {sklearn: digits}, split: {validation: 0.1, test: 0.1}}
model:
  layers:
    - trained: {run: shapes, name: base, trainable: false}
    - Dense: 5
fit: {epochs: 2, batch_size: 256}
report: {figures: []}
"""


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs in which `shapes` was trained."""
    import nnrun

    folder = tmp_path_factory.mktemp("earlier")
    (folder / "shapes.yaml").write_text(EARLIER)
    nnrun.train(folder / "shapes.yaml", runs=folder / "runs")
    return folder / "runs"


@pytest.fixture
def runs(earlier: Path, folder: Path) -> Path:
    shutil.copytree(earlier, folder / "runs", symlinks=True)
    return folder / "runs"


def weights(run: Path) -> dict[str, list[Any]]:
    """The weights of a saved model, by layer, those of a network in it too."""
    model = framework.keras().saving.load_model(run / "model.keras", compile=False)
    flat = [layer for layer in model._flatten_layers() if not hasattr(layer, "layers")]
    return {layer.name: layer.get_weights() for layer in flat}


def same(one: list[Any], other: list[Any]) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def test_trained_layers_keep_their_weights_while_they_are_frozen(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER)
    trained = nnrun("train", "later.yaml")
    assert trained.code == 0, trained.err
    before, after = weights(runs / "shapes"), weights(trained.run)
    assert all(same(before[name], after[name]) for name in ("lower", "batch_normalization", "upper"))
    assert [array.shape for array in after["dense"]] == [(6, 5), (5,)]


def test_trained_layers_are_tuned_where_they_are_told_to(runs: Path, nnrun: Nnrun) -> None:
    rule = "trainable: {from: batch_normalization, except: BatchNormalization}"
    Path("later.yaml").write_text(LATER.replace("trainable: false", rule))
    trained = nnrun("train", "later.yaml")
    before, after = weights(runs / "shapes"), weights(trained.run)
    assert same(before["lower"], after["lower"])
    assert same(before["batch_normalization"], after["batch_normalization"])
    assert not same(before["upper"], after["upper"])


def test_trained_networks_are_needed_no_more_when_the_run_has_begun(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER)
    run = nnrun("train", "later.yaml").run
    longer = nnrun("train", "later.yaml", "-s", "fit.epochs=3", "--name", "longer").run
    expected = nnrun("evaluate", run, "--json").json
    shutil.rmtree(runs / "shapes")
    assert nnrun("evaluate", run, "--json").json == expected
    went_on = nnrun("resume", run, "-s", "fit.epochs=3")
    assert went_on.code == 0, went_on.err
    one, other = weights(run), weights(longer)
    assert all(same(one[name], other[name]) for name in one)
    told = json.loads((run / "run.json").read_text())["trained"]["shapes"]
    assert (run / told["file"]).is_file()
    assert len(told["sha256"]) == 64
    assert "until: upper" in (run / "resolved.yaml").read_text()


def test_trained_resolved_config_gives_the_same_run(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER)
    run = nnrun("train", "later.yaml").run
    shutil.rmtree(runs / "shapes")
    again = nnrun("train", run / "resolved.yaml", "--name", "again")
    assert again.code == 0, again.err
    one, other = weights(run), weights(again.run)
    assert all(same(one[name], other[name]) for name in one)


def test_trained_copy_that_was_changed_is_refused(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER)
    run = nnrun("train", "later.yaml").run
    (copy,) = (run / "trained").iterdir()
    copy.write_bytes(copy.read_bytes() + b" ")
    refused = nnrun("resume", run, "-s", "fit.epochs=3")
    assert refused.code == 2
    assert "is not what" in refused.err
    assert "Traceback" not in refused.err


def test_trained_folds_share_one_copy(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER)
    run = nnrun("cv", "later.yaml", "-s", "cv.folds=2", "-s", "fit.epochs=1").run
    shutil.rmtree(runs / "shapes")
    assert nnrun("evaluate", run / "fold-1").code == 0
    of_fold = nnrun("evaluate", run)
    assert of_fold.code == 0, of_fold.err


@pytest.mark.nightly
def test_trained_network_of_a_fold_and_several_taps(runs: Path, nnrun: Nnrun) -> None:
    Path("shapes.yaml").write_text(EARLIER)
    folds = nnrun("cv", "shapes.yaml", "-s", "cv.folds=2", "--name", "folds").run
    step = "trained: {run: folds/fold-2, name: base, until: pooled, trainable: false}"
    text = LATER.replace("trained: {run: shapes, name: base, trainable: false}", step)
    text = text.replace(
        "    - Dense: 5\n", "    - Flatten: {from: base.lower}\n    - Concatenate: {from: [base, previous]}\n"
    )
    Path("taps.yaml").write_text(text)
    shown = nnrun("show", "taps.yaml", "--json").json
    assert shown["parameters"] == 40 + 16 + (4 + 6 * 6 * 4) * 10 + 10
    trained = nnrun("train", "taps.yaml")
    assert trained.code == 0, trained.err
    assert same(weights(folds / "fold-2")["lower"], weights(trained.run)["lower"])


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("{run: shaeps}", "did you mean 'shapes'?"),
        ("{run: shapes, until: uper}", "did you mean 'upper'?"),
        ("{run: shapes, trainable: {from: uper}}", "did you mean 'upper'?"),
        ("{run: shapes, file: a.keras}", "names a run and a file"),
        ("{until: upper}", "names neither a run nor a file"),
        ("{file: a.keras}", "there is no file a.keras"),
        ("{run: shapes, sha256: ab12}", "has the sha256"),
        ("{run: stopped}", "`nnrun resume runs/stopped` goes on with it"),
    ],
)
def test_trained_step_that_cannot_be_is_told_by_check(step: str, told: str, runs: Path, nnrun: Nnrun) -> None:
    shutil.copytree(runs / "shapes", runs / "stopped")
    info = json.loads((runs / "stopped" / "run.json").read_text())
    (runs / "stopped" / "run.json").write_text(json.dumps({**info, "status": "stopped"}))
    Path("later.yaml").write_text(LATER.replace("{run: shapes, name: base, trainable: false}", step))
    checked = nnrun("check", "later.yaml")
    assert checked.code == 2
    assert told in checked.err
    assert checked.err.startswith("nnrun: later.yaml:6:7: ")


def test_trained_network_on_other_rows_is_told_by_check(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(LATER.replace("    - trained", "    - Flatten\n    - trained"))
    assert "rows of the shape (8, 8, 1), and is called on (64,)" in nnrun("check", "later.yaml").err


@pytest.mark.parametrize(
    "change",
    [
        {"module": "os", "class_name": "system", "config": {"command": "touch owned"}},
        {"module": "keras.utils", "class_name": "function", "config": "get_file"},
        {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "upper", "function": "x"}},
        {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"name": "upper", "filepath": "/tmp/x"}},
        {
            "module": "keras.layers",
            "class_name": "StringLookup",
            "config": {"name": "u", "vocabulary": "/etc/hostname"},
        },
    ],
)
def test_trained_file_runs_no_code_and_opens_no_path(change: dict[str, Any], runs: Path, nnrun: Nnrun) -> None:
    """It is refused by what its JSON says, before Keras sees it."""
    with zipfile.ZipFile(runs / "shapes" / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(parts["config.json"])
    data["config"]["layers"][-2] = {**data["config"]["layers"][-2], **change}
    with zipfile.ZipFile("other.keras", "w") as archive:
        for name, content in {**parts, "config.json": json.dumps(data).encode()}.items():
            archive.writestr(name, content)
    Path("later.yaml").write_text(LATER.replace("run: shapes", "file: other.keras"))
    checked = nnrun("check", "later.yaml")
    assert checked.code == 2
    assert "other.keras holds" in checked.err
    assert "Traceback" not in checked.err


def test_trained_on_inputs_that_were_prepared_in_another_way_is_warned_of(runs: Path, nnrun: Nnrun) -> None:
    pictures = np.random.default_rng(0).normal(size=(60, 8, 8, 1)).astype("float32")
    np.savez("raw.npz", x=pictures, y=np.arange(60) % 3)
    Path("later.yaml").write_text(LATER.replace("{sklearn: digits}", "{npz: raw.npz}"))
    told = nnrun("train", "later.yaml", "--smoke").err
    assert "trained: shapes, until its layer 'upper'" in told
    assert "shapes was trained on an input prepared by scaling to 0..1, and here by nothing" in told


APPLICATION = """
name: application
data: {source: {sklearn: digits}, split: {validation: 0.1, test: 0.1}}
model:
  layers:
    - Resizing: {height: 32, width: 32}
    - Concatenate: {axis: -1, from: [previous, previous, previous]}
    - MobileNet: {include_top: false, alpha: 0.25, pooling: avg, weights: WEIGHTS, name: base, trainable: false}
report: {figures: []}
"""


def test_trained_application_begins_with_the_weights_of_a_file(folder: Path, nnrun: Nnrun) -> None:
    keras = framework.keras()
    network = keras.applications.MobileNet(
        include_top=False, alpha=0.25, pooling="avg", weights=None, input_shape=(32, 32, 3)
    )
    network.save_weights("base.weights.h5")
    digest = hashlib.sha256(Path("base.weights.h5").read_bytes()).hexdigest()
    weighed = APPLICATION.replace("WEIGHTS", f"{{file: base.weights.h5, sha256: {digest}}}")
    Path("application.yaml").write_text(weighed)
    trained = nnrun("train", "application.yaml", "--smoke")
    assert trained.code == 0, trained.err
    assert same(network.get_layer("conv1").get_weights(), weights(trained.run)["conv1"])
    assert nnrun("evaluate", trained.run).code == 0

    Path("application.yaml").write_text(weighed.replace(digest, "a" * 64))
    assert f"has the sha256 {digest}" in nnrun("check", "application.yaml").err
    Path("application.yaml").write_text(weighed.replace("base.weights.h5", "bas.weights.h5"))
    assert "there is no file bas.weights.h5" in nnrun("check", "application.yaml").err
    Path("application.yaml").write_text(APPLICATION.replace("WEIGHTS", "{file: base.weights.h5}"))
    assert "expected: imagenet, null, or {file: weights.h5, sha256: ...}" in nnrun("check", "application.yaml").err
