"""What a YAML may give: the list covers the installed Keras; paths, code and objects are refused."""

from __future__ import annotations

import pytest

from nnrun import catalogue
from nnrun.catalogue.judged_names import JUDGED
from nnrun.catalogue.plain_parameters import PLAIN


def every_parameter() -> set[tuple[str, str, str]]:
    return {
        (slot, name, parameter.name)
        for slot in catalogue.SLOTS
        for name in catalogue.names(slot)
        if (component := catalogue.find(slot, name))
        for parameter in (*component.parameters, *component.call)
    }


def test_catalogue_judgement_every_parameter_of_keras_is_judged() -> None:
    """A new Keras brings new parameters: read each one, then allow or refuse it."""
    unjudged = sorted(place for place in every_parameter() if "not judged yet" in (catalogue.judge(*place) or ""))
    assert unjudged == []


def test_catalogue_judgement_every_name_of_keras_is_judged() -> None:
    """A new Keras brings new classes and functions, whose parameters may have known names: read each one first."""
    names = [(slot, name) for slot in catalogue.SLOTS for name in catalogue.names(slot)]
    assert sorted(place for place in names if "not judged yet" in (catalogue.judge(*place) or "")) == []


def test_catalogue_judgement_lists_no_name_that_keras_does_not_have() -> None:
    listed = {(slot, name) for slot in catalogue.SLOTS for name in JUDGED[slot]}
    assert sorted(listed - {(slot, name) for slot in catalogue.SLOTS for name in catalogue.names(slot)}) == []


def test_catalogue_judgement_of_an_unknown_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(JUDGED, "layers", JUDGED["layers"] - {"Dense"})
    assert catalogue.judge("layers", "Dense", "units") == (
        "Dense cannot be used here: not judged yet: nnrun does not know that a config may use it safely"
    )


def test_catalogue_judgement_lists_no_parameter_that_keras_does_not_have() -> None:
    known = {(slot, parameter) for slot, _, parameter in every_parameter()}
    listed = {(slot, parameter) for slot, parameters in PLAIN.items() for parameter in parameters}
    assert sorted(listed - known) == []


def test_catalogue_judgement_of_an_unknown_parameter() -> None:
    assert catalogue.judge("layers", "Dense", "opens_a_file") == (
        "Dense.opens_a_file is not judged yet: nnrun does not know that a config may give it safely"
    )


@pytest.mark.parametrize(
    ("slot", "name", "parameter"),
    [
        ("layers", "Dense", "units"),
        ("layers", "Dense", "kernel_regularizer"),
        ("layers", "MultiHeadAttention", "use_causal_mask"),
        ("layers", "StringLookup", "vocabulary"),
        ("optimizers", "adam", "learning_rate"),
        ("callbacks", "EarlyStopping", "monitor"),
        ("callbacks", "TerminateOnNaN", "raise_error"),
        ("applications", "VGG16", "weights"),
        ("applications", "EfficientNetB0", "include_top"),
        ("applications", "EfficientNetB0", "classifier_activation"),
        ("applications", "MobileNet", "alpha"),
        ("ops", "ops.mean", "axis"),
        ("ops", "ops.add", "x2"),
        ("ops", "ops.rearrange", "height"),
        ("distillation", "LogitsDistillation", "temperature"),
    ],
)
def test_catalogue_judgement_allows(slot: str, name: str, parameter: str) -> None:
    assert catalogue.judge(slot, name, parameter) is None
    assert catalogue.judge(slot, name) is None


@pytest.mark.parametrize(
    ("slot", "name", "parameter", "reason"),
    [
        ("callbacks", "ModelCheckpoint", "filepath", "fit: {keep: best}"),
        ("callbacks", "CSVLogger", "filename", "history.csv is always on"),
        ("callbacks", "BackupAndRestore", "backup_dir", "not of this version yet"),
        ("callbacks", "TensorBoard", "log_dir", "in the report of every run"),
        ("callbacks", "RemoteMonitor", "root", "over the network"),
        ("callbacks", "LambdaCallback", "on_epoch_end", "Python functions"),
        ("callbacks", "LearningRateScheduler", "schedule", "CosineDecay"),
        ("layers", "Lambda", "function", "Python function"),
        ("layers", "Embedding", "weights", "not of this version yet"),
        ("layers", "Dense", "quantization_config", "Python object"),
        ("layers", "LSTM", "initial_state", "under from"),
        ("applications", "VGG16", "input_tensor", "under from"),
        ("applications", "VGG16", "input_shape", "the tensor before it"),
        ("ops", "ops.stack", "x", "under from"),
        ("ops", "ops.concatenate", "xs", "under from"),
        ("ops", "ops.vectorized_map", "function", "Python function"),
        ("ops", "ops.zeros", "shape", "Constant"),
        ("ops", "ops.get_item", "key", "ops.take"),
        ("distillation", "Distiller", "teacher", "under models"),
    ],
)
def test_catalogue_judgement_refuses(slot: str, name: str, parameter: str, reason: str) -> None:
    assert reason in (catalogue.judge(slot, name, parameter) or "")


def test_catalogue_judgement_refuses_a_path_in_the_place_of_a_list() -> None:
    assert catalogue.judge("layers", "StringLookup", "vocabulary", ["a", "b"]) is None
    assert catalogue.judge("layers", "StringLookup", "vocabulary", "words.txt") == (
        "StringLookup.vocabulary would open the path 'words.txt'; write a list of values"
    )
    assert catalogue.judge("applications", "VGG16", "weights", None) is None
    assert catalogue.judge("applications", "VGG16", "weights", "imagenet") is None
    assert catalogue.judge("applications", "VGG16", "weights", "stolen.keras") == (
        "VGG16.weights would open the path 'stolen.keras'; write imagenet or null"
    )
