"""The catalogue reads text; Keras itself is the judge of what it read."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

import keras
import pytest
from keras.src.trainers import compile_utils

from nnrun import catalogue
from nnrun.catalogue.dtypes import policies
from nnrun.catalogue.exclusions import EXCLUDED
from nnrun.catalogue.own_components import own_index
from nnrun.catalogue.string_names import CHOSEN_BY_TASK

MODULES = {
    slot: keras.optimizers.schedules if slot == "schedules" else getattr(keras, slot) for slot in catalogue.SLOTS
}
WORDS = {**CHOSEN_BY_TASK, "dtype_policies": policies()}  # names that Keras has as words only
NO_CONSTRUCTOR = {
    # object.__init__ shows *args and **kwargs and takes neither
    ("initializers", "Ones"),
    ("initializers", "Zeros"),
    ("constraints", "NonNeg"),
}


def of_keras(slot: str) -> list[str]:
    """The names of a family that Keras has, without those that only nnrun has."""
    return [name for name in catalogue.names(slot) if exported(slot, name) is not None]


def components() -> Iterator[Any]:
    for slot in catalogue.SLOTS:
        for name in of_keras(slot):
            if name not in WORDS.get(slot, ()):
                yield pytest.param(slot, name, id=f"{slot}-{name}")


def exported(slot: str, name: str) -> Any:
    """What a name stands for: `ops.image.resize` is keras.ops.image.resize."""
    found = MODULES[slot]
    for part in name.removeprefix("ops.").split("."):
        found = getattr(found, part, None)
    return found


def public_names(slot: str) -> set[str]:
    """Every class and function that Keras exports in a family, with those of the modules inside keras.ops."""
    inside = {f"{key}.": value for key, value in vars(MODULES[slot]).items() if inspect.ismodule(value)}
    places = {"": MODULES[slot], **(inside if slot == "ops" else {})}
    return {
        ("ops." if slot == "ops" else "") + folder + name
        for folder, module in places.items()
        for name, value in vars(module).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }


def signature(slot: str, function: Any) -> dict[str, inspect.Parameter]:
    parameters = list(inspect.signature(function).parameters.values())
    if slot == "activations" or (parameters and parameters[0].name == "self"):
        parameters = parameters[1:]
    return {p.name: p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def same(written: Any, real: Any) -> bool:
    return type(written) is type(real) and bool(written == real)


@pytest.mark.parametrize(("slot", "name"), list(components()))
def test_catalogue_matches_keras_signature(slot: str, name: str) -> None:
    real = exported(slot, name)
    found = catalogue.of_keras(slot, name)
    assert getattr(importlib.import_module(found.module), name.rpartition(".")[2]) is real
    function = real.__init__ if inspect.isclass(real) else real
    expected = signature(slot, function)
    others = {p.kind: p.name for p in inspect.signature(function).parameters.values()}
    keywords = inspect.Parameter.VAR_KEYWORD in others
    if slot == "ops":
        assert found.variadic == others.get(inspect.Parameter.VAR_POSITIONAL, "")
    if (slot, name) in NO_CONSTRUCTOR:
        expected, keywords = {}, False
    if slot == "layers" and keywords:
        expected |= {
            key: value
            for key, value in signature(slot, keras.layers.Layer.__init__).items()
            if key in ("trainable", "dtype", "name") and key not in expected
        }
    assert [p.name for p in found.parameters] == list(expected)
    assert found.keywords == keywords
    for parameter, wanted in zip(found.parameters, expected.values(), strict=True):
        assert parameter.required == (wanted.default is wanted.empty), parameter.name
        assert parameter.required or same(parameter.default, wanted.default), parameter.name


@pytest.mark.parametrize("name", of_keras("layers"))
def test_catalogue_matches_keras_call(name: str) -> None:
    real = inspect.signature(getattr(keras.layers, name).call).parameters.values()
    expected = [
        (p.name, p.default is p.empty)
        for p in real
        if p.name not in ("self", "training") and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
    found = catalogue.find("layers", name)
    assert found is not None
    assert [(p.name, p.required) for p in found.call] == expected


@pytest.mark.parametrize("slot", catalogue.SLOTS)
def test_catalogue_matches_keras_names(slot: str) -> None:
    """Every public class and function is a name, an alias, or left out with a reason; nothing else is."""
    public = public_names(slot)
    catalogued = set(catalogue.names(slot)) | set(catalogue.aliases(slot)) | set(EXCLUDED[slot])
    assert sorted(name for name in public - catalogued if catalogue.excluded(slot, name) is None) == []
    ours = {*WORDS.get(slot, ()), *catalogue.own_names(slot)}
    assert sorted(set(catalogue.names(slot)) - public - ours) == []
    assert sorted(name for name in catalogue.aliases(slot) if catalogue.excluded(slot, name)) == []


def test_catalogue_matches_keras_exclusions_exist() -> None:
    absent = {
        (slot, name)
        for slot, table in EXCLUDED.items()
        for name in table
        if name not in ("get", "serialize", "deserialize") and exported(slot, name) is None
    }
    assert absent == set()


def aliases() -> Iterator[Any]:
    for slot in catalogue.SLOTS:
        for alias, name in catalogue.aliases(slot).items():
            if alias not in own_index(slot) and name not in WORDS.get(slot, ()):
                yield pytest.param(slot, alias, name, id=f"{slot}-{alias}")


@pytest.mark.parametrize(("slot", "alias", "name"), list(aliases()))
def test_catalogue_matches_keras_alias(slot: str, alias: str, name: str) -> None:
    """What Keras makes of the alias is an object of the class, or the function behind it."""
    module = MODULES[slot]
    wanted = exported(slot, name)
    public = exported(slot, alias)
    if public is wanted:
        return
    table = inspect.getmodule(module.get).ALL_OBJECTS_DICT  # type: ignore[union-attr]
    found = public or table[alias]
    if inspect.isclass(found):
        assert found is wanted
    elif slot == "activations":
        assert module.get(alias) is wanted
    else:
        assert _calls(wanted, found), f"{name} does not call {found.__name__}"


def _calls(wanted: type, function: Any) -> bool:
    """A loss or metric class hands its own function to the wrapper that it inherits from."""
    tree = ast.parse(inspect.getsource(wanted).strip())
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return function.__name__ in used


NO_STRING = {
    "CategoricalGeneralizedCrossEntropy",  # public, but not in the table that `keras.losses.get` reads
    "crossentropy",  # `compile` knows it, `get` does not
}


@pytest.mark.parametrize("name", [name for name in of_keras("losses") if name not in NO_STRING])
def test_catalogue_matches_keras_loss_string(name: str) -> None:
    """Every string for a loss is understood by `keras.losses.get`, as `compile` asks it."""
    for alias in [name, *(key for key, target in catalogue.aliases("losses").items() if target == name)]:
        assert callable(keras.losses.get(alias))


@pytest.mark.parametrize("name", ["accuracy", "acc"])
def test_catalogue_matches_keras_accuracy_is_chosen_by_the_task(name: str) -> None:
    labels, scores = keras.ops.zeros((4, 1)), keras.ops.zeros((4, 3))
    assert catalogue.canonical("metrics", name) == "accuracy"
    chosen = compile_utils.get_metric(name, labels, scores)
    assert type(chosen) is keras.metrics.SparseCategoricalAccuracy


@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_catalogue_matches_keras_crossentropy_is_chosen_by_the_task(name: str) -> None:
    labels, scores = keras.ops.zeros((4, 1)), keras.ops.zeros((4, 3))
    assert catalogue.canonical("losses", name) == "crossentropy"
    chosen = compile_utils.get_loss(name, labels, scores)
    assert chosen.fn is keras.losses.sparse_categorical_crossentropy


@pytest.mark.parametrize("name", of_keras("layers"))
def test_catalogue_matches_keras_layers_take_what_layer_takes(name: str) -> None:
    """What comes from `**kwargs` is taken by every layer that can be made without arguments."""
    found = catalogue.find("layers", name)
    assert found is not None
    if any(p.required for p in found.parameters) or not found.keywords or name in NEED_MORE:
        return
    given = {"trainable": False, "dtype": "float32", "name": "here"}
    layer = getattr(keras.layers, name)(**given)
    assert layer.name == "here"
    assert layer.dtype_policy.name == "float32"


def test_catalogue_matches_keras_dtype_policies() -> None:
    """Every word makes a policy of its name, and Keras' code knows no other word for a mixed one."""
    for name in catalogue.names("dtype_policies"):
        assert keras.dtype_policies.get(name).name == name
    for name in catalogue.dtype_names():
        assert keras.backend.standardize_dtype(name) == name
    source = inspect.getsource(keras.dtype_policies.DTypePolicy._parse_name)
    mixed = set(re.findall(r'name == "(\w+)"', source))
    assert mixed == set(catalogue.names("dtype_policies")) - set(catalogue.dtype_names())
    for name in mixed:
        policy = keras.dtype_policies.get(name)
        documented = catalogue.find("dtype_policies", name)
        assert documented is not None
        assert f"in {policy.compute_dtype} and keeps the weights in {policy.variable_dtype}" in documented.doc


def test_catalogue_matches_keras_every_function_is_called_on_a_tensor() -> None:
    for name in catalogue.names("ops"):
        found = catalogue.find("ops", name)
        assert found is not None
        assert found.variadic or catalogue.is_tensor(found, found.parameters[0]), name


NEED_MORE = {
    "CategoryEncoding",  # num_tokens
}
