"""Training batches changed at random, inside the compiled program and outside of the model.

The draws of a batch are a function of (seed, epoch, step) alone: there is nothing to save, and a resumed run draws the
same, as does a program of any number of steps.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.model import augmenting, framework
from nnrun.model.build import make, refused
from nnrun.training.cropping import cropped
from nnrun.training.laid_out import Beside, times

Array = np.ndarray[Any, Any]

DRAWS = 1024  # that a generator may make for one batch: a step's begin behind those of the step before


@dataclass(frozen=True)
class _Layer:
    spec: Spec
    keras: Any
    generators: tuple[Any, ...]


class Augmentation:
    """What is done to a batch of training rows, input by input.

    Args:
        augment: The specs by input.
        beside: By input, the targets that go with it.
        facts: What `$data` refers to.
        seed: The run's seed; a layer with a `seed` of its own has that in its place.
    """

    def __init__(
        self,
        augment: augmenting.Augment,
        beside: Mapping[str, Sequence[Beside]],
        facts: Mapping[str, Any],
        seed: int,
    ) -> None:
        self._beside = {name: tuple(targets) for name, targets in beside.items()}
        self._layers = {name: [_made(spec, facts) for spec in specs] for name, specs in augment.items()}
        every = [layer for layers in self._layers.values() for layer in layers]
        self._seeds = [layer.spec.arguments.get("seed", seed) for layer in every for _ in layer.generators]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs that are changed."""
        return tuple(self._layers)

    def keys(self, epoch: int) -> Array:
        """What the draws of an epoch begin with, a number for each generator."""
        found = [
            np.random.SeedSequence([0 if seed is None else seed, place, epoch]).generate_state(1)[0]
            for place, seed in enumerate(self._seeds)
        ]
        return (np.asarray(found, np.uint32) % np.uint32(2**31 - 2)).astype(np.int32)

    def __call__(self, batch: Any, keys: Any, step: Any) -> Any:
        """A batch (inputs, targets and maybe weights) as it is trained on in this step of the epoch."""
        x, y, *weights = batch
        inputs = dict(x) if isinstance(x, Mapping) else {"": x}
        targets = dict(y) if isinstance(y, Mapping) else {"": y}
        place = 0
        for name, layers in self._layers.items():
            beside = [replace(one, output=one.output if one.output in targets else "") for one in self._beside[name]]
            own = name if name in inputs else ""
            for layer in layers:
                draws = _Draws(layer.generators, keys, place, step)
                place += len(layer.generators)
                inputs[own], targets, weights = _applied(layer, draws, inputs[own], targets, weights, beside)
        x = inputs if isinstance(x, Mapping) else inputs[""]
        return (x, targets if isinstance(y, Mapping) else targets[""], *weights)


@dataclass(frozen=True)
class _Draws:
    """The generators of a layer, set to what is drawn for one batch."""

    generators: tuple[Any, ...]
    keys: Any
    place: int
    step: Any

    def begin(self, first: int = 0) -> Any:
        """Inside, the generators begin at this draw; outside, nothing of them has changed."""
        keras = framework.keras()
        ops = keras.ops
        states = []
        for number, generator in enumerate(self.generators):
            dtype = generator.state.dtype
            pair = [ops.cast(self.keys[self.place + number], dtype), ops.cast(self.step, dtype) * DRAWS + first]
            states.append((generator.state, ops.stack(pair)))
        return keras.StatelessScope(state_mapping=states, initialize_variables=False)


def _made(spec: Spec, facts: Mapping[str, Any]) -> _Layer:
    arguments = {**spec.arguments, **({} if augmenting.is_ours(spec) else {"dtype": "float32"})}
    layer = make(replace(spec, arguments=arguments), facts)
    found = {id(generator): generator for inner in layer._flatten_layers() for generator in inner._seed_generators}
    return _Layer(spec, layer, tuple(found.values()))


def _applied(
    layer: _Layer, draws: _Draws, values: Any, targets: dict[str, Any], weights: list[Any], beside: Sequence[Beside]
) -> tuple[Any, dict[str, Any], list[Any]]:
    """An input, the targets and the weights behind a layer."""
    try:
        with warnings.catch_warnings():  # MixUp asks for 64 bits, which JAX has not
            warnings.filterwarnings("ignore", message="Explicitly requested dtype", category=UserWarning)
            return _changed(layer, draws, values, targets, weights, beside)
    except Exception as error:  # whatever Keras raises, the reader of the YAML needs its place
        raise refused(layer.spec, error) from error


def _changed(
    layer: _Layer, draws: _Draws, values: Any, targets: dict[str, Any], weights: list[Any], beside: Sequence[Beside]
) -> tuple[Any, dict[str, Any], list[Any]]:
    mixes = augmenting.mixes(layer.spec)
    if layer.spec.name == augmenting.CROP:
        return *_cropped(layer, draws, values, targets, beside), weights
    if not augmenting.is_of_pictures(layer.spec):
        changed = _again(layer, draws, values)
        beside = [one for one in beside if one.role != "mixed" and augmenting.moves(layer.spec)]
        moved = {one.output: _again(layer, draws, targets[one.output]) for one in beside}
        return changed, {**targets, **moved}, weights
    with draws.begin():
        drawn = layer.keras.get_random_transformation(values, training=True)
    with draws.begin(DRAWS // 2):  # RandomElasticTransform draws here, and for a mask the same
        changed = _like(values, layer.keras.transform_images(values, drawn, training=True))
    found = dict(targets)
    for one in beside:
        target = targets[one.output]
        with draws.begin(DRAWS // 2):
            if one.role == "mixed" and mixes:
                found[one.output] = _mixed(layer, target, drawn)
            elif one.role != "mixed" and augmenting.moves(layer.spec):
                found[one.output] = _moved(layer, target, drawn, one.role)
    if mixes:
        weights = [_mixed(layer, weight, drawn) for weight in weights]
    return changed, found, weights


def _cropped(
    layer: _Layer, draws: _Draws, values: Any, targets: dict[str, Any], beside: Sequence[Beside]
) -> tuple[Any, dict[str, Any]]:
    """A part of each picture at a place of its own, and of the targets that are laid out like it at the same place."""
    size, found = (layer.keras.height, layer.keras.width), dict(targets)
    with draws.begin():
        parts = cropped(values, size, (1, 1), layer.generators[0])
    for one in beside:
        factors = times(values.shape[1:], targets[one.output].shape[1:])
        if one.role != "mixed" and factors:
            with draws.begin():
                found[one.output] = cropped(targets[one.output], size, factors, layer.generators[0])
    return parts, found


def _again(layer: _Layer, draws: _Draws, values: Any) -> Any:
    """What a layer without parts gives, with the same draws at each call."""
    ops = framework.keras().ops
    with draws.begin():
        return _like(values, layer.keras(ops.cast(values, "float32"), training=True))


def _moved(layer: _Layer, target: Any, drawn: Any, role: str) -> Any:
    """A target that is laid out like its input, moved by the same draw."""
    ops = framework.keras().ops
    as_picture = ops.cast(target if len(target.shape) == 4 else ops.expand_dims(target, -1), "float32")
    if role == "mask":
        moved = ops.round(layer.keras.transform_segmentation_masks(as_picture, drawn, training=True))
    else:
        moved = layer.keras.transform_images(as_picture, drawn, training=True)
    return _like(target, moved)


def _mixed(layer: _Layer, target: Any, drawn: Any) -> Any:
    """A target, or the weights of rows, mixed by the same draw."""
    ops = framework.keras().ops
    flat = ops.reshape(ops.cast(target, "float32"), (-1, int(np.prod(target.shape[1:], dtype=int))))
    return _like(target, layer.keras.transform_labels(flat, drawn, training=True))


def _like(values: Any, changed: Any) -> Any:
    """What a layer gave, with the shape and the dtype that went in: graphs of TensorFlow lose them at times."""
    ops = framework.keras().ops
    dtype = framework.keras().backend.standardize_dtype(values.dtype)
    return ops.cast(ops.reshape(changed, (-1, *values.shape[1:])), dtype)
