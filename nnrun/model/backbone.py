"""An application of Keras as one step: cut where it is read, scaled as it was trained, frozen as it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from nnrun import catalogue
from nnrun.errors import ConfigError, MissingError, Problem, did_you_mean
from nnrun.model import framework
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
    tensor = _scaled(node, tensor) if of_pictures else tensor
    trainable = given.pop("trainable", None)
    if node.layer not in made:
        made[node.layer] = _cut(node, _whole(node, tensor, given), taps or ("",), trainable)
    model, names = made[node.layer]
    found = model(tensor)
    return dict(zip(names, found if len(names) > 1 else [found], strict=True))


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
    if _elsewhere.get():
        arguments["weights"] = None
    weights = arguments.get("weights", component.defaults().get("weights"))
    if weights is not None and not framework.may_download():
        hint = "write `weights: null` to begin with random ones, or give the command `--allow-download`"
        what = f"{node.spec.name} begins with the weights {weights!r}, from the network"
        raise MissingError(what, where=node.where, hint=hint)
    shape = tuple(tensor.shape[1:])
    if component.parameter("name"):
        arguments["name"] = node.name
    return getattr(import_module(component.module), component.name)(input_shape=shape, **arguments)


def _cut(node: Node, whole: Any, taps: tuple[str, ...], trainable: Any) -> tuple[Any, tuple[str, ...]]:
    """The part of an application that is read, as one layer."""
    known = [layer.name for layer in whole.layers]
    for tap in taps:
        if tap and tap not in known:
            hint = did_you_mean(tap, known)
            raise ConfigError([Problem(f"{node.spec.name} has no layer {tap!r}", node.where, hint=hint)])
    ends = [whole.get_layer(tap).output if tap else whole.output for tap in taps]
    part = framework.keras().Model(whole.inputs, ends if len(ends) > 1 else ends[0], name=node.name)
    freeze(node, part, trainable)
    return part, taps


def freeze(node: Node, model: Any, trainable: Any) -> None:
    """`trainable`: true, false, {from: LAYER} or {last: N}, with `except: BatchNormalization` kept frozen."""
    if trainable is None or isinstance(trainable, bool):
        model.trainable = trainable is not False
        return
    names = [layer.name for layer in model.layers]
    if "from" in trainable and trainable["from"] not in names:
        hint = did_you_mean(trainable["from"], names)
        what = f"{node.spec.name} has no layer {trainable['from']!r} to train from"
        raise ConfigError([Problem(what, node.where, hint=hint)])
    first = names.index(trainable["from"]) if "from" in trainable else len(names) - trainable["last"]
    kept = trainable.get("except", [])
    kept = [kept] if isinstance(kept, str) else kept
    for index, layer in enumerate(model.layers):
        layer.trainable = index >= first and type(layer).__name__ not in kept
