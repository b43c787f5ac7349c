"""Names of the past are answered with names of today that exist."""

from __future__ import annotations

import pytest

from nnrun import catalogue
from nnrun.catalogue.former_names import _NAMES, _PARAMETERS


@pytest.mark.parametrize(
    ("slot", "name", "parameter", "today"),
    [
        ("optimizers", "Adam", "lr", "learning_rate"),
        ("optimizers", "sgd", "lr", "learning_rate"),
        ("schedules", "CosineDecay", "lr", "initial_learning_rate"),
        ("layers", "Dropout", "p", "rate"),
        ("layers", "Dense", "output_dim", "units"),
        ("layers", "LSTM", "inner_activation", "recurrent_activation"),
        ("layers", "Conv2D", "nb_filter", "filters"),
        ("layers", "Conv2D", "border_mode", "padding"),
        ("layers", "Conv2D", "subsample", "strides"),
        ("layers", "Conv2D", "dim_ordering", "data_format"),
        ("layers", "Dense", "init", "kernel_initializer"),
        ("layers", "Embedding", "init", "embeddings_initializer"),
        ("layers", "Embedding", "W_regularizer", "embeddings_regularizer"),
        ("layers", "Dense", "bias", "use_bias"),
        ("layers", "MaxPooling1D", "pool_length", "pool_size"),
        ("layers", "LeakyReLU", "alpha", "negative_slope"),
        ("layers", "Embedding", "input_dim", None),
        ("layers", "ELU", "alpha", None),
        ("layers", "Flatten", "p", None),
        ("layers", "Dense", "unit", None),
        ("layers", "NoSuchLayer", "p", None),
    ],
)
def test_catalogue_former_names_of_a_parameter(slot: str, name: str, parameter: str, today: str | None) -> None:
    assert catalogue.past(slot, name, parameter) == today


@pytest.mark.parametrize("parameter", ["input_shape", "input_dim", "batch_input_shape"])
def test_catalogue_former_names_shape_comes_from_the_data(parameter: str) -> None:
    expected = "the input's shape comes from the data; leave it out"
    assert catalogue.past("layers", "Dense", parameter) == expected


def test_catalogue_former_names_decay_is_a_schedule() -> None:
    assert (catalogue.past("optimizers", "Adam", "decay") or "").startswith(
        "use a schedule: learning_rate: {InverseTimeDecay: "
    )


@pytest.mark.parametrize(
    ("slot", "name", "today"),
    [
        ("layers", "Convolution2D", "Conv2D"),
        ("layers", "CuDNNLSTM", "LSTM"),
        ("layers", "Merge", "write Add or Concatenate"),
        ("layers", "TimeDistributedDense", "Dense"),
        ("layers", "concatenate", "Concatenate"),
        ("metrics", "acc", "accuracy"),
        ("callbacks", "History", "history.csv and the returned history are always there"),
        ("ops", "ops.reduce_mean", "ops.mean"),
        ("ops", "ops.zeros", "it takes no tensor; write Constant, with the values"),
        ("layers", "Dense", None),
        ("layers", "Dens", None),
    ],
)
def test_catalogue_former_names_of_a_component(slot: str, name: str, today: str | None) -> None:
    assert catalogue.past_name(slot, name) == today


def test_catalogue_former_names_lead_to_names_of_today() -> None:
    for slot, table in _NAMES.items():
        for former, today in table.items():
            word = today.removeprefix("write ").split()[0]
            assert former not in catalogue.names(slot)
            assert (
                word in (*catalogue.names(slot), *catalogue.names("layers"))
                or today == "write the columns under data.features"
            )


def test_catalogue_former_names_parameters_exist_today() -> None:
    for slot, table in _PARAMETERS.items():
        known = {
            parameter.name
            for name in catalogue.names(slot)
            if (component := catalogue.find(slot, name))
            for parameter in component.parameters
        }
        assert {today for candidates in table.values() for today in candidates} <= known
