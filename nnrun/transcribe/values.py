"""Keras' serialized objects as specs: the names of the catalogue, and the arguments that are not Keras' defaults."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.errors import DataError

# Of a class, what its file says although the constructor would find it out by itself.
_NOT_ASKED = ("name", "quantization_config", "input_axes", "output_axes", "lora_rank", "lora_alpha")
_SLOTS = ("initializers", "regularizers", "constraints", "layers", "activations", "losses", "metrics", "optimizers")


def refused(what: str, hint: str = "") -> DataError:
    """A model, or a part of one, that no config can say."""
    return DataError(f"{what} cannot be written as YAML", hint=hint or "write this part of the config by hand")


def is_object(value: Any) -> bool:
    """Whether a value is a serialized object of a class."""
    return isinstance(value, Mapping) and {"class_name", "config"} <= set(value)


def spec_of(value: Mapping[str, Any], hint_slot: str = "") -> Any:
    """A serialized object as `Name` or `{Name: {arguments}}`."""
    name = str(value["class_name"])
    if name == "function":
        found = str(value["config"])
        if catalogue.find("activations", found) is None:
            raise refused(f"the function {found}")
        return found
    slot = _slot(value, name, hint_slot)
    component = catalogue.find(slot, name)
    if component is None or not isinstance(value["config"], Mapping):
        raise refused(f"{name} of {value.get('module') or 'its own code'}", "only what Keras has is read from a file")
    if catalogue.judge(slot, component.name):
        raise refused(component.name, str(catalogue.judge(slot, component.name)))
    return as_spec(component.name, arguments_of(component, value["config"]))


def as_spec(name: str, arguments: Mapping[str, Any]) -> Any:
    """The shortest form: a name alone, its first parameter's value, or its arguments."""
    return {name: dict(arguments)} if arguments else name


def _slot(value: Mapping[str, Any], name: str, hint: str) -> str:
    """The family, by the public module; what a person registered is of none."""
    module = str(value.get("module") or "")
    slot = next((slot for slot in _SLOTS if module.startswith((f"keras.{slot}", f"keras.src.{slot}"))), "")
    if module == "keras.optimizers.schedules":
        slot = "schedules"
    if not slot:
        if module and not module.startswith("keras") and module != "builtins":
            raise refused(f"{name} of {module}", "only what Keras has is read from a file")
        slot = hint
    return slot


def arguments_of(component: Component, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a constructor that differ from its defaults."""
    defaults, found = component.defaults(), dict[str, Any]()
    for key, value in config.items():
        parameter = component.parameter(str(key))
        if key in _NOT_ASKED or (key == "trainable" and value is True):
            continue
        if key == "dtype":
            policy = _policy(value)
            if policy not in (None, "float32") and parameter is not None:
                found[key] = policy
            continue
        if parameter is None:
            if value in (None, False, [], {}):
                continue
            raise refused(f"{key} of {component.name}")
        slot = catalogue.slot_of(component.slot, component.name, str(key)) or ""
        plain = _plain(parameter, value, slot)
        same = key in defaults and _same(plain, _plain(parameter, defaults[key], slot), slot)
        if not same and not _found_out(str(key), plain, config):
            found[str(key)] = plain
    return _in_order(component, found)


def _in_order(component: Component, arguments: dict[str, Any]) -> dict[str, Any]:
    order = [parameter.name for parameter in component.parameters]
    return dict(sorted(arguments.items(), key=lambda pair: order.index(pair[0])))


def _plain(parameter: Parameter, value: Any, slot: str) -> Any:
    """A value as YAML would write it."""
    if is_object(value):
        return spec_of(value, slot)
    if isinstance(value, list | tuple):
        items = [_plain(parameter, item, slot) for item in value]
        alike = parameter.kind == "integers" and items and all(item == items[0] for item in items)
        return items[0] if alike and not isinstance(items[0], list | bool) else items
    if isinstance(value, Mapping):
        if value.get("class_name") in ("__tuple__", "__list__"):
            return _plain(parameter, value.get("items", []), slot)
        raise refused(f"{parameter.name}: {str(dict(value))[:80]}")
    return round_float(value)


def round_float(value: Any) -> Any:
    """A number that was kept as float32 as it was written: 0.001, and not 0.0010000000474974513."""
    if isinstance(value, float) and abs(value) < float("inf"):
        short = float(f"{value:.7g}")
        return short if abs(short) < 1e38 and struct.unpack("f", struct.pack("f", short))[0] == value else value
    return value


def _policy(value: Any) -> Any:
    if is_object(value):
        inner = value["config"]
        return inner.get("name") if isinstance(inner, Mapping) else None
    return value


def _same(given: Any, default: Any, slot: str) -> bool:
    if given == default and isinstance(given, bool) == isinstance(default, bool):
        return True
    if given == "linear" and default is None:
        return True
    if slot and isinstance(given, str) and isinstance(default, str):
        return catalogue.canonical(slot, given) == catalogue.canonical(slot, default)
    return False


def _found_out(key: str, value: Any, config: Mapping[str, Any]) -> bool:
    """What a layer finds out by itself, and its file says all the same."""
    if key == "data_format":
        return bool(value == "channels_last")
    if key == "strides" and "pool_size" in config:
        return bool(config["strides"] == config["pool_size"])
    if key == "value_dim":
        return bool(value == config.get("key_dim"))
    if key == "axis":
        return bool(value == [-1])  # the default, as a layer keeps it
    if key == "attention_axes":
        return bool(value in (1, [1]))
    if key == "backward_layer":
        return _mirrors(config.get("layer"), config.get("backward_layer"))
    return False


def _mirrors(forward: Any, backward: Any) -> bool:
    """Whether the backward layer is the forward one, the other way round."""
    if not (is_object(forward) and is_object(backward)) or forward["class_name"] != backward["class_name"]:
        return False
    skipped = ("name", "go_backwards")

    def bare(layer: Mapping[str, Any]) -> Any:
        return without_ids({key: value for key, value in layer["config"].items() if key not in skipped})

    return bool(bare(forward) == bare(backward))


def without_ids(value: Any) -> Any:
    """Without the numbers by which a file tells which of its objects are one."""
    if isinstance(value, Mapping):
        return {key: without_ids(item) for key, item in value.items() if key != "shared_object_id"}
    return [without_ids(item) for item in value] if isinstance(value, list) else value
