"""The weights of another run: taken whole, without the optimizer's state, or refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]
import keras
import numpy as np
import pytest

from nnrun.errors import RunError
from nnrun.storage import snapshots
from nnrun.training import variables
from nnrun.training.initial import take_weights


def model(units: int = 3, optimizer: str = "adam", *, more: bool = False) -> Any:
    layers = [keras.layers.Dense(units, name="first"), keras.layers.BatchNormalization(name="normed")]
    layers += [keras.layers.Dense(2, name="more")] if more else []
    inputs = flow = keras.Input((2,))
    for layer in (*layers, keras.layers.Dense(1, name="last")):
        flow = layer(flow)
    built = keras.Model(inputs, flow)
    built.compile(optimizer, "mse")
    built.optimizer.build(built.trainable_variables)
    return built


def kept(built: Any, folder: Path, how: str) -> Path:
    """A run folder that holds a model as one that is complete, or that was killed, holds it."""
    folder.mkdir()
    if how == "model":
        built.save(folder / "model.keras")
    else:
        snapshots.write(folder / "snapshots", {}, {"variables": variables.values(built)}, {})
    return folder


def values(optimizer: Any) -> list[Any]:
    return [keras.ops.convert_to_numpy(variable) for variable in optimizer.variables]


HOW = pytest.mark.parametrize("how", ["model", "snapshot"])


def with_functions() -> Any:
    """What Keras keeps between the layers has no weights, and a name that the process numbers."""
    inputs = keras.Input((3,))
    vectors = keras.layers.Embedding(5, 2, mask_zero=True, name="words")(inputs)
    pooled = keras.ops.relu(keras.layers.GlobalAveragePooling1D(name="pooled")(vectors))
    return keras.Model(inputs, keras.layers.Dense(1, name="last")(pooled))


def test_training_initial_passes_over_functions(tmp_path: Path) -> None:
    source, target = with_functions(), with_functions()
    take_weights(target, kept(source, tmp_path / "run", "model"))
    pairs = zip(source.get_weights(), target.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@HOW
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_training_initial_takes_all_weights_and_no_state_of_the_optimizer(
    how: str, optimizer: str, tmp_path: Path
) -> None:
    source, target = model(), model(optimizer=optimizer)
    source.train_on_batch(np.ones((8, 2)), np.zeros(8))
    before = values(target.optimizer)

    take_weights(target, kept(source, tmp_path / "run", how))

    for taken, given in zip(target.get_weights(), source.get_weights(), strict=True):
        np.testing.assert_array_equal(taken, given)
    assert [value.tolist() for value in values(target.optimizer)] == [value.tolist() for value in before]
    assert values(source.optimizer)[0] != values(target.optimizer)[0]  # the steps that were made


def test_training_initial_prefers_the_weights_that_the_run_ended_with(tmp_path: Path) -> None:
    ended, other = model(), model()
    folder = kept(ended, tmp_path / "run", "model")
    snapshots.write(folder / "snapshots", {}, {"variables": variables.values(other)}, {})
    target = model()
    take_weights(target, folder)
    np.testing.assert_array_equal(target.get_weights()[0], ended.get_weights()[0])


@HOW
@pytest.mark.parametrize("arguments", [{"units": 4}, {"more": True}], ids=["wider", "deeper"])
@pytest.mark.parametrize("turned", [False, True], ids=["here", "there"])
def test_training_initial_refuses_weights_of_another_model(
    how: str, arguments: dict[str, Any], turned: bool, tmp_path: Path
) -> None:
    here, there = (model(), model(**arguments)) if turned else (model(**arguments), model())
    optimizer = here.optimizer
    folder = kept(there, tmp_path / "run", how)
    with pytest.raises(RunError, match=r"^the weights of .*/run do not fit: .*\n    expected: a run of a model with"):
        take_weights(here, folder)
    assert here.optimizer is optimizer


@HOW
def test_training_initial_refuses_layers_of_other_names(how: str, tmp_path: Path) -> None:
    """Keras would give each layer what stood in its place."""

    def two(*names: str) -> Any:
        inputs = flow = keras.Input((2,))
        for name in names:
            flow = keras.layers.Dense(2, name=name)(flow)
        return keras.Model(inputs, flow)

    here, there = two("one", "other"), two("other", "one")
    for built in (here, there):
        built.compile("sgd", "mse")
    with pytest.raises(RunError, match=r"do not fit: one .*is here, other .*there"):
        take_weights(here, kept(there, tmp_path / "run", how))


def test_training_initial_tells_the_layer(tmp_path: Path) -> None:
    folder = kept(model(units=4), tmp_path / "run", "snapshot")
    with pytest.raises(RunError, match=r"first \(2, 3\) is here, first \(2, 4\) there\n"):
        take_weights(model(), folder)


def test_training_initial_refuses_a_damaged_model(tmp_path: Path) -> None:
    folder = kept(model(), tmp_path / "run", "model")
    (folder / "model.keras").write_bytes(b"no archive")
    with pytest.raises(RunError, match="do not fit"):
        take_weights(model(), folder)


def test_training_initial_refuses_a_model_that_is_built_otherwise(tmp_path: Path) -> None:
    """Whatever a stranger's file holds: numbers where Keras wants a group."""
    run = kept(model(), tmp_path / "run", "model")
    with zipfile.ZipFile(run / "model.keras") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(parts["model.weights.h5"])
    with h5py.File(weights, "r+") as file:
        del file["layers/dense/vars"]
        file["layers/dense/vars"] = np.zeros(3)
    with zipfile.ZipFile(run / "model.keras", "w") as archive:
        for name, content in (parts | {"model.weights.h5": weights.getvalue()}).items():
            archive.writestr(name, content)
    with pytest.raises(RunError, match="do not fit"):
        take_weights(model(), run)


def test_training_initial_names_a_fold_where_a_study_has_no_weights(tmp_path: Path) -> None:
    study = tmp_path / "study"
    (study / "fold-1").mkdir(parents=True)
    (study / "fold-1" / "run.json").write_text("{}")
    with pytest.raises(RunError, match=r"neither model\.keras nor a snapshot\n    each of its folds has: .*fold-1$"):
        take_weights(model(), study)
