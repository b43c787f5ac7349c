"""What a YAML may give to a component of Keras: an allow-list, since a config runs no code and opens no path.

Every name and parameter of the supported Keras was read once, and is allowed or refused with a sentence. What is in
no table is refused: a test names each one that a new Keras brings and nobody has judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.catalogue.activation_layers import LAYERS
from nnrun.catalogue.component import Component, Parameter
from nnrun.catalogue.exclusions import excluded
from nnrun.catalogue.families import canonical, find
from nnrun.catalogue.joined import joined_find
from nnrun.catalogue.judged_names import JUDGED
from nnrun.catalogue.own_components import own_find
from nnrun.catalogue.plain_parameters import PLAIN
from nnrun.catalogue.slots import slot_of

_COMPONENTS: Mapping[tuple[str, str], str] = {
    ("callbacks", "ModelCheckpoint"): "it writes to any path; write fit: {keep: best}",
    ("callbacks", "OrbaxCheckpoint"): "it writes to any path; every run saves its model by itself",
    (
        "callbacks",
        "BackupAndRestore",
    ): "it deletes the folder that it is given; going on with a stopped run is not of this version yet",
    ("callbacks", "CSVLogger"): "it writes to any path; history.csv is always on",
    ("callbacks", "LambdaCallback"): "it takes Python functions, which a config cannot hold",
    ("callbacks", "LearningRateScheduler"): (
        "it takes a Python function; write a schedule: optimizer: {Adam: {learning_rate: {CosineDecay: ...}}}"
    ),
    (
        "layers",
        "Lambda",
    ): "it takes a Python function; write layers, or functions of keras.ops, which are steps too: `- ops.mean: 1`",
}

_NOT_YET = "not judged yet: nnrun does not know that a config may {} safely"
_TENSORS = ("tensor", "tensors")
_TENSOR = "a tensor is not an argument; write it under from"
_PARAMETERS: Mapping[tuple[str, str], str] = {
    (
        "layers",
        "weights",
    ): "weights are arrays, which a config cannot hold; to begin with trained weights is not of this version yet",
    ("layers", "quantization_config"): "it takes a Python object, which a config cannot hold",
    ("applications", "input_tensor"): _TENSOR,
    ("applications", "input_shape"): "the shape comes from the tensor before it; leave it out",
    **{("distillation", name): "a model is not an argument; name it under models" for name in ("teacher", "student")},
    **{
        ("layers", name): _TENSOR
        for name in (
            "inputs",
            "data",
            "x",
            "query",
            "value",
            "key",
            "sequence",
            "sequences",
            "states",
            "initial_state",
            "mask",
            "attention_mask",
            "query_mask",
            "value_mask",
            "key_mask",
            "count_weights",
        )
    },
}

# Where Keras takes a path in the place of a value, the strings that are no path.
_STRINGS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("applications", "weights"): ("imagenet",),
    ("layers", "vocabulary"): (),
    ("layers", "idf_weights"): (),
}


def is_tensor(component: Component, parameter: Parameter) -> bool:
    """Whether a parameter of a `call`, or of a function of ops, takes what a step gives: it comes with `from`."""
    if parameter.kind in _TENSORS:
        return True
    return _PARAMETERS.get((component.slot, parameter.name)) is _TENSOR and not own_find(component.slot, component.name)


def judge(slot: str, name: str, parameter: str = "", value: Any = None) -> str | None:
    """Why a YAML may not give this argument, or None where it may.

    Without `parameter` the component itself is judged. With `value`, an argument that takes a list or a path
    is refused when it is a path: give the value wherever it is known.
    """
    strings = _STRINGS.get((slot, parameter))
    if joined_find(slot, name):  # its file was approved, and what it inherits from Keras is among PLAIN
        return None if strings is None or not isinstance(value, str) else _path(name, parameter, value, strings)
    known = canonical(slot, name)
    name = known or name
    ours = own_find(slot, name)
    whole = excluded(slot, name) or _COMPONENTS.get((slot, name))
    if whole:
        return f"{name} cannot be used here: {whole}"
    if known and not ours and name not in JUDGED[slot]:
        return f"{name} cannot be used here: {_NOT_YET.format('use it')}"
    if not parameter:
        return None
    if ours is not None and ours.parameter(parameter):
        return None  # we wrote it ourselves
    if slot == "activations" and name not in LAYERS:
        return f"{name}.{parameter}: Keras saves an activation by its name alone; write the step ops.{name}"
    component = find(slot, name)
    described = component.parameter(parameter) if component else None
    refused = _TENSOR if described and described.kind == "tensors" else _PARAMETERS.get((slot, parameter))
    if refused:
        return f"{name}.{parameter}: {refused}"
    if strings is not None and isinstance(value, str) and value not in strings:
        return _path(name, parameter, value, strings)
    if parameter in PLAIN.get(slot, ()) or slot_of(slot, name, parameter):
        return None
    if described and component and component.further and described not in component.parameters:
        return None  # a name of one's own, for a whole number
    return f"{name}.{parameter} is {_NOT_YET.format('give it')}"


def _path(name: str, parameter: str, value: str, strings: tuple[str, ...]) -> str:
    allowed = " or ".join([*strings, "null"]) if strings else "a list of values"
    return f"{name}.{parameter} would open the path {value!r}; write {allowed}"
