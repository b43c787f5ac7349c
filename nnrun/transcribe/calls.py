"""The calls of a functional model in an order in which each comes behind what it is called on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnrun.errors import DataError
from nnrun.transcribe.values import is_object, refused

Key = tuple[str, int]  # a layer's name, and which of its calls


@dataclass(frozen=True)
class Tensor:
    """One of the tensors that a call gives."""

    key: Key
    index: int


@dataclass(frozen=True)
class Made:
    """One call: of a serialized layer or function, on arguments in which tensors stand for tensors."""

    key: Key
    layer: Mapping[str, Any]
    places: tuple[Any, ...] = ()
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tensors(self) -> list[Tensor]:
        """Every tensor that it is called on."""
        return [*tensors_in(list(self.places)), *tensors_in(dict(self.names))]

    @property
    def is_input(self) -> bool:
        return self.layer.get("class_name") == "InputLayer"


def calls_of(config: Mapping[str, Any]) -> list[Made]:
    """Every call of a model, inputs first where they are read first."""
    if "output_layers" not in config:
        return _chain(config)
    waiting = [made for layer in config["layers"] for made in _calls(layer)]
    done: dict[Key, Made] = {}
    while waiting:
        late: list[Made] = []
        for made in waiting:
            if all(tensor.key in done for tensor in made.tensors):
                done[made.key] = made
            else:
                late.append(made)
        if len(late) == len(waiting):
            raise refused(f"the layer {late[0].key[0]!r}, which is called on something that is not in the file,")
        waiting = late
    return list(done.values())


def _chain(config: Mapping[str, Any]) -> list[Made]:
    """The layers of a Sequential, each on the one above."""
    found: list[Made] = []
    layers = list(config.get("layers", []))
    if not layers or layers[0].get("class_name") != "InputLayer":
        shape = config.get("build_input_shape")
        first = {"class_name": "InputLayer", "config": {"batch_shape": shape, "name": "input_layer"}}
        layers.insert(0, first)
    for layer in layers:
        name = str(layer["config"].get("name", layer["class_name"]))
        above = (Tensor(found[-1].key, 0),) if found else ()
        found.append(Made((name, 0), layer, above))
    return found


def _calls(layer: Mapping[str, Any]) -> Iterator[Made]:
    name = str(layer.get("name") or layer["config"]["name"])
    nodes = layer.get("inbound_nodes", [])
    if layer["class_name"] == "InputLayer":
        yield Made((name, 0), layer)
        return
    for number, node in enumerate(nodes):
        if not isinstance(node, Mapping):
            raise refused("a model that Keras 2 saved", "load it with Keras 3 and save it again")
        try:
            places, names = _read(node.get("args", [])), _read(node.get("kwargs", {}))
        except DataError as error:
            what = error.problems[0].what.removesuffix(" cannot be written as YAML")
            hint = "write ops.take, with indices and axis" if layer["class_name"] == "GetItem" else ""
            raise refused(f"the step {name!r} ({layer['class_name']}) with {what}", hint) from None
        yield Made((name, number), layer, tuple(places), names)


def _read(value: Any) -> Any:
    """Arguments of a call, with tensors in the place of their descriptions."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, node, index = value["config"]["keras_history"]
            return Tensor((str(name), int(node)), int(index))
        if value.get("class_name") in ("__tuple__", "__list__"):
            return [_read(item) for item in value["items"]]
        if str(value.get("class_name", "")).startswith("__"):
            raise refused(f"{value['class_name'].strip('_')} as an argument")
        if is_object(value):
            return value
        return {str(key): _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value


def tensors_in(value: Any) -> list[Tensor]:
    """The tensors in an argument, at any depth."""
    if isinstance(value, Tensor):
        return [value]
    items: Sequence[Any] = list(value.values()) if isinstance(value, Mapping) else value
    return [tensor for item in items for tensor in tensors_in(item)] if isinstance(items, list) else []
