"""An application of Keras as one step: cut where it is read, scaled as it was trained, frozen as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from nnrun import catalogue
from nnrun.errors import ConfigError, MissingError, Problem, did_you_mean
from nnrun.model import earlier, framework, saved
from nnrun.model.freezing import freeze
from nnrun.model.graph import Node

# What a picture may pass before an application, and is a picture still.
_PICTURES = ("CenterCrop", "RandAugment", "AugMix", "Resizing")


_elsewhere = ContextVar("weights elsewhere", default=False)


@contextmanager
def weights_elsewhere() -> Iterator[None]:
    """While a model is built whose weights come from a run: an application begins with none of the network's."""
    token = _elsewhere.set(True)
    try:
        yield
    finally:
        _elsewhere.reset(token)


def call(
    node: Node,
    tensor: Any,
    taps: tuple[str, ...],
    arguments: Mapping[str, Any],
    made: dict[str, Any],
    *,
    of_pictures: bool = False,
) -> Mapping[str, Any]:
    """The tensors of the layers that are read, "" for the output; only what leads to them is part of the model.

    `of_pictures` says that the tensor is a picture as the data gives it, 0..1: it is scaled as the weights want it.
    """
    given = dict(arguments)
    tensor = _scaled(node, tensor) if of_pictures and not earlier.is_earlier(node.spec) else tensor
    trainable = given.pop("trainable", None)
    if node.layer not in made:
        is_earlier = earlier.is_earlier(node.spec)
        whole = _earlier(node, tensor) if is_earlier else _whole(node, tensor, given)
        made[node.layer] = _cut(node, whole, taps or ("",), trainable)
    model, names = made[node.layer]
    found = _at_size(model, tensor)(tensor)
    return dict(zip(names, found if len(names) > 1 else [found], strict=True))


def _at_size(model: Any, tensor: Any) -> Any:
    """The network, or where it is called again on rows of another shape, one on those that shares its layers."""
    if tuple(model.inputs[0].shape[1:]) == tuple(tensor.shape[1:]):
        return model
    keras = framework.keras()
    rows = keras.Input(tensor.shape[1:], dtype=tensor.dtype)
    return keras.models.clone_model(model, input_tensors=[rows], clone_function=lambda layer: layer)


def is_picture(layer: str) -> bool:
    """Whether a layer gives pictures where it gets pictures."""
    return layer.startswith("Random") or layer in _PICTURES


def _scaled(node: Node, tensor: Any) -> Any:
    """Pictures of 0..1 as the application was trained on, by its own `preprocess_input`, which counts from 0 to 255."""
    component = catalogue.find("applications", node.spec.name)
    assert component is not None
    function = getattr(import_module(component.module), component.name)
    return import_module(function.__module__).preprocess_input(framework.keras().ops.multiply(tensor, 255.0))


def _whole(node: Node, tensor: Any, arguments: dict[str, Any]) -> Any:
    """The application as Keras builds it, on rows of the tensor's shape."""
    component = catalogue.find("applications", node.spec.name)
    assert component is not None
    file = None if _elsewhere.get() else earlier.weights_file(node.spec)
    if _elsewhere.get() or file is not None:
        arguments["weights"] = None
    weights = arguments.get("weights", component.defaults().get("weights"))
    if weights is not None and not framework.may_download():
        hint = "write `weights: null` to begin with random ones, or give the command `--allow-download`"
        what = f"{node.spec.name} begins with the weights {weights!r}, from the network"
        raise MissingError(what, where=node.where, hint=hint)
    shape = tuple(tensor.shape[1:])
    if component.parameter("name"):
        arguments["name"] = node.name
    made = getattr(import_module(component.module), component.name)(input_shape=shape, **arguments)
    if file is not None:
        made.load_weights(file)
    return made


def _earlier(node: Node, tensor: Any) -> Any:
    """The network that was trained before, if it takes rows of the tensor's shape."""
    whole = saved.load(earlier.find(node.spec), node.spec)
    told, given = tuple(whole.inputs[0].shape[1:]), tuple(tensor.shape[1:])
    if saved.differ(told, given):
        raise ConfigError([saved.other_rows(node.spec, told, given)])
    return whole


def _cut(node: Node, whole: Any, taps: tuple[str, ...], trainable: Any) -> tuple[Any, tuple[str, ...]]:
    """The part of a network that is read, as one layer."""
    known = [layer.name for layer in whole.layers]
    until = saved.saved(earlier.find(node.spec), node.spec).cut(node.spec) if earlier.is_earlier(node.spec) else ""
    for tap in taps:
        if tap and tap not in known:
            hint = did_you_mean(tap, known)
            raise ConfigError([Problem(f"{node.spec.name} has no layer {tap!r}", node.where, hint=hint)])
    ends = [whole.get_layer(tap or until).output if tap or until else whole.output for tap in taps]
    part = framework.keras().Model(whole.inputs, ends if len(ends) > 1 else ends[0], name=node.name)
    part.trainable = True  # whatever was frozen when it was trained before
    if trainable is not None:
        freeze(part, {"*": trainable}, lambda _: node.where)
    return part, taps
