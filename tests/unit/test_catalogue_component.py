"""What the catalogue tells about single components: parameters, kinds, calls, documents."""

from __future__ import annotations

import pytest

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter


def component(slot: str, name: str) -> Component:
    found = catalogue.find(slot, name)
    assert found is not None
    return found


def parameter(slot: str, name: str, argument: str) -> Parameter:
    found = component(slot, name).parameter(argument)
    assert found is not None
    return found


LAYER = ["trainable", "dtype", "name"]


def test_catalogue_component_dropout() -> None:
    dropout = component("layers", "Dropout")
    assert dropout.module == "keras.layers"
    assert dropout.keywords
    assert [item.name for item in dropout.parameters] == ["rate", "noise_shape", "seed", *LAYER]
    assert [item.name for item in dropout.parameters if item.required] == ["rate"]
    assert dropout.parameters[0].doc == "Float between 0 and 1. Fraction of the input units to drop."
    assert dropout.defaults()["trainable"] is True
    assert [item.name for item in dropout.call] == ["inputs"]
    assert dropout.doc.startswith("Applies dropout to the input.")


def test_catalogue_component_inherits_its_constructor() -> None:
    assert [item.name for item in component("layers", "Add").parameters] == LAYER
    assert [item.name for item in component("layers", "Conv2D").call] == ["inputs"]
    assert [item.name for item in component("layers", "LSTM").call] == ["sequences", "initial_state", "mask"]


def test_catalogue_component_call_of_attention() -> None:
    call = {item.name: item.required for item in component("layers", "MultiHeadAttention").call}
    assert call == {
        "query": True,
        "value": True,
        "key": False,
        "query_mask": False,
        "value_mask": False,
        "key_mask": False,
        "attention_mask": False,
        "return_attention_scores": False,
        "use_causal_mask": False,
    }


def test_catalogue_component_without_keywords_takes_nothing_of_layer() -> None:
    spatial = component("layers", "SpatialDropout1D")
    assert not spatial.keywords
    assert [item.name for item in spatial.parameters] == ["rate", "seed", "name", "dtype"]


def test_catalogue_component_activation_has_no_tensor() -> None:
    assert [item.name for item in component("activations", "relu").parameters] == [
        "negative_slope",
        "max_value",
        "threshold",
    ]
    assert component("activations", "tanh").parameters == ()


def test_catalogue_component_template_of_the_docstring_is_filled_in() -> None:
    assert parameter("optimizers", "Adam", "clipvalue").doc.startswith("Float. If set, the gradient of each")
    assert parameter("applications", "EfficientNetB0", "include_top").doc.startswith("Whether to include")
    assert "{{" not in component("layers", "RandomFlip").doc


@pytest.mark.parametrize(
    ("slot", "name", "argument", "kind"),
    [
        ("layers", "Dense", "units", "integer"),
        ("layers", "Dense", "use_bias", "boolean"),
        ("layers", "Dense", "activation", "any"),
        ("layers", "Dense", "kernel_initializer", "any"),
        ("layers", "Dense", "name", "string"),
        ("layers", "Conv2D", "filters", "integer"),
        ("layers", "Conv2D", "kernel_size", "integers"),
        ("layers", "Conv2D", "strides", "integers"),
        ("layers", "Conv2D", "padding", "string"),
        ("layers", "Conv1D", "dilation_rate", "integers"),
        ("layers", "MaxPooling1D", "pool_size", "integers"),
        ("layers", "AveragePooling2D", "strides", "integers"),
        ("layers", "ZeroPadding2D", "padding", "any"),
        ("layers", "Dropout", "rate", "number"),
        ("layers", "Embedding", "input_dim", "integer"),
        ("layers", "Embedding", "output_dim", "integer"),
        ("layers", "BatchNormalization", "momentum", "number"),
        ("layers", "BatchNormalization", "epsilon", "number"),
        ("layers", "Reshape", "target_shape", "shape"),
        ("layers", "RandomRotation", "factor", "any"),
        ("layers", "TextVectorization", "standardize", "any"),
        ("layers", "Softmax", "axis", "integers"),
        ("layers", "BatchNormalization", "axis", "integer"),
        ("layers", "Rescaling", "scale", "any"),
        ("layers", "LSTM", "use_cudnn", "any"),
        ("optimizers", "Adam", "learning_rate", "number"),
        ("optimizers", "Adam", "epsilon", "number"),
        ("optimizers", "Adam", "beta_1", "any"),
        ("optimizers", "SGD", "momentum", "number"),
        ("optimizers", "SGD", "nesterov", "boolean"),
        ("optimizers", "Adam", "gradient_accumulation_steps", "integer"),
        ("schedules", "CosineDecay", "decay_steps", "steps"),
        ("schedules", "PiecewiseConstantDecay", "boundaries", "boundaries"),
        ("schedules", "CosineDecay", "initial_learning_rate", "number"),
        ("optimizers", "ScheduleFreeAdamW", "warmup_steps", "steps"),
        ("losses", "CategoricalCrossentropy", "label_smoothing", "number"),
        ("losses", "CategoricalFocalCrossentropy", "alpha", "any"),
        ("metrics", "AUC", "thresholds", "any"),
        ("metrics", "TopKCategoricalAccuracy", "k", "integer"),
        ("callbacks", "EarlyStopping", "patience", "integer"),
        ("callbacks", "EarlyStopping", "restore_best_weights", "boolean"),
        ("callbacks", "ReduceLROnPlateau", "factor", "any"),
        ("regularizers", "L2", "l2", "number"),
        ("applications", "VGG16", "input_shape", "shape"),
        ("applications", "VGG16", "include_top", "boolean"),
        ("applications", "VGG16", "weights", "any"),
        ("layers", "Dense", "dtype", "policy"),
        ("losses", "Huber", "dtype", "policy"),
        ("layers", "IntegerLookup", "vocabulary_dtype", "dtype"),
    ],
)
def test_catalogue_component_kind(slot: str, name: str, argument: str, kind: str) -> None:
    assert parameter(slot, name, argument).kind == kind


@pytest.mark.parametrize(
    ("slot", "name", "first"),
    [
        ("layers", "Dense", "units"),
        ("layers", "Bidirectional", "layer"),
        ("layers", "Add", None),
        ("layers", "Concatenate", "axis"),
        ("ops", "ops.add", "x2"),
        ("ops", "ops.reshape", "newshape"),
        ("ops", "ops.concatenate", "axis"),
        ("ops", "ops.einsum", "subscripts"),
        ("ops", "ops.relu", None),
        ("optimizers", "Adam", "learning_rate"),
        ("regularizers", "L2", "l2"),
        ("metrics", "accuracy", None),
        ("callbacks", "EarlyStopping", "monitor"),
    ],
)
def test_catalogue_component_first_parameter(slot: str, name: str, first: str | None) -> None:
    found = catalogue.first_parameter(component(slot, name))
    assert (found.name if found else None) == first


@pytest.mark.parametrize(
    ("slot", "name", "argument", "family"),
    [
        ("layers", "Dense", "kernel_initializer", "initializers"),
        ("layers", "Dense", "activity_regularizer", "regularizers"),
        ("layers", "Embedding", "embeddings_constraint", "constraints"),
        ("layers", "LSTM", "recurrent_activation", "activations"),
        ("layers", "Bidirectional", "backward_layer", "layers"),
        ("layers", "StackedRNNCells", "cells", "layers"),
        ("layers", "Dense", "units", None),
        ("layers", "Dense", "dtype", None),
        ("layers", "Variable", "initializer", "initializers"),
        ("optimizers", "Adam", "learning_rate", "schedules"),
        ("optimizers", "Adam", "name", None),
        ("applications", "VGG16", "classifier_activation", "activations"),
        ("callbacks", "EarlyStopping", "monitor", None),
        ("distillation", "LogitsDistillation", "loss", "losses"),
        ("distillation", "Distiller", "distillation_losses", "distillation"),
        ("ops", "ops.matmul", "x1", None),
    ],
)
def test_catalogue_component_slot_of(slot: str, name: str, argument: str, family: str | None) -> None:
    assert catalogue.slot_of(slot, name, argument) == family
