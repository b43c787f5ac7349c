"""What the obstacles of replicas read from Keras' source, held against Keras itself, so that a new Keras is noticed."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import keras
import pytest

from nnrun import catalogue
from nnrun.catalogue import masking
from nnrun.config.spec import Spec
from nnrun.devices.obstacles import applications, drawing

LAYERS = [name for name in catalogue.names("layers") if hasattr(keras.layers, name)]
APPLICATIONS = Path(inspect.getfile(keras.applications)).parents[1] / "src" / "applications"


def test_obstacles_layers_that_hand_masks_on_are_those_of_keras() -> None:
    assert {name for name in LAYERS if masking.passes_masks(name)} == {name for name in LAYERS if hands_masks_on(name)}


def hands_masks_on(name: str) -> bool:
    """Whether a layer's own `compute_mask` gives anything; without one, whether it says that it supports masks."""
    found = getattr(keras.layers, name)
    if found.compute_mask is not keras.layers.Layer.compute_mask:
        lines = [line.strip() for line in inspect.getsource(found.compute_mask).splitlines()]
        return any(line.startswith("return") and line != "return None" for line in lines)
    constructors = [vars(base)["__init__"] for base in bases(found) if "__init__" in vars(base)]
    return any("self.supports_masking = True" in inspect.getsource(constructor) for constructor in constructors)


def bases(found: Any) -> list[Any]:
    """The classes that a layer is made of, without what all layers have."""
    shared = ("keras.src.layers.layer", "keras.src.layers.preprocessing.data_layer")
    return [
        base
        for base in found.__mro__
        if base.__module__.startswith("keras.src.layers.") and base.__module__ not in shared
    ]


def test_obstacles_layers_that_draw_are_those_whose_source_has_a_generator() -> None:
    """Asked of the files of the classes that a layer is made of: they make a generator, or a Dropout."""
    drawing_ones = {name for name in LAYERS if has_generator(getattr(keras.layers, name))}
    assert {name for name in LAYERS if drawing.draws(at_half(name))} == drawing_ones
    assert {name for name in LAYERS if drawing.draws(Spec(name, {}, slot="layers"))} <= drawing_ones


def has_generator(found: Any) -> bool:
    sources = [inspect.getsource(sys.modules[base.__module__]) for base in bases(found)]
    return any("SeedGenerator(" in source or "layers.regularization.dropout import" in source for source in sources)


def at_half(name: str) -> Spec:
    """A layer that draws as far as it can."""
    component = catalogue.find("layers", name)
    assert component is not None
    return Spec(name, {item.name: 0.5 for item in component.parameters if item.name in drawing.AMOUNTS}, slot="layers")


def test_obstacles_applications_that_draw_or_normalize_are_those_of_keras() -> None:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in APPLICATIONS.glob("[a-z]*.py")}
    texts["resnet_v2"] += texts["resnet"]  # which makes both
    for name in set(catalogue.names("applications")) - set(catalogue.own_names("applications")):
        component = catalogue.find("applications", name)
        assert component is not None
        text = texts[getattr(keras.applications, name).__module__.rpartition(".")[2]]
        normalizes = "BatchNormalization(" in text
        assert applications.normalizes_batches(Spec(name, {}, slot="applications")) == normalizes, name
        whole = "Dropout(" in text or "StochasticDepth(" in text
        assert applications.draws(Spec(name, {"include_top": True}, slot="applications")) == whole, name


def test_obstacles_applications_without_their_top_draw_where_keras_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    kept = keras.layers.Dropout.__init__

    def init(self: Any, *given: Any, **named: Any) -> None:
        drawn.append("Dropout")
        kept(self, *given, **named)

    monkeypatch.setattr(keras.layers.Dropout, "__init__", init)
    for name in ("MobileNet", "MobileNetV3Small"):
        getattr(keras.applications, name)(input_shape=(32, 32, 3), include_top=False, weights=None)
        assert applications.draws(Spec(name, {"include_top": False}, slot="applications")) == bool(drawn)
