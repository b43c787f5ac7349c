"""The steps of a config from the calls of a model: a name where one is needed, `from` where it is not what is above."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.config import STEP_WORDS
from nnrun.config.step_names import RESERVED, means_something
from nnrun.model.graph import snake_case
from nnrun.transcribe import of_applications
from nnrun.transcribe.block import Block
from nnrun.transcribe.calls import Key, Made, Tensor, calls_of, tensors_in
from nnrun.transcribe.functions import function_of, is_function
from nnrun.transcribe.values import arguments_of, refused, without_ids

_MODELS = ("Sequential", "Functional", "Model")
_SEVERAL = ("return_state", "return_attention_scores")  # arguments with which a call gives more than one tensor


@dataclass
class Steps:
    """The steps of one list as plain data, its inputs with their shapes, and the tensors it ends with by name."""

    steps: list[Any] = field(default_factory=list)
    inputs: dict[str, list[int | None]] = field(default_factory=dict)
    dtypes: dict[str, str] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)  # "" for the last step


def is_model(layer: Mapping[str, Any]) -> bool:
    """Whether a serialized object is a model with a graph of its own."""
    return str(layer.get("class_name")) in _MODELS and "layers" in (layer.get("config") or {})


class Transcript:
    """One model's calls as steps; nested models become blocks, which all share `blocks`."""

    def __init__(self, config: Mapping[str, Any], blocks: dict[str, Block], inside: bool = False) -> None:
        self.config, self.blocks, self.inside = config, blocks, inside
        self.calls = calls_of(config)
        self.multiple = {tensor.key for made in self.calls for tensor in made.tensors if tensor.index > 0}
        self.multiple |= {tensor.key for tensor in self._outputs().values() if tensor.index > 0}
        self.multiple |= {made.key for made in self.calls if _gives_several(made)}
        self.names: dict[Key, str] = {}
        self.taken = {snake_case(made.key[0]) for made in self.calls if is_model(made.layer)}  # of blocks
        self.referred: set[Key] = set()

    def steps(self) -> Steps:
        """The whole list."""
        found = Steps()
        for made in self.calls:
            if made.is_input:
                self._input(made, found)
        calls = [made for made in self.calls if not made.is_input]
        if not calls:
            raise refused("a model without layers")
        ends = self._outputs()
        inputs = list(found.inputs)
        above: Tensor | None = Tensor(self._first_input(), 0) if len(inputs) == 1 or self.inside else None
        for made in calls:
            self._refer(made, above)
            above = Tensor(made.key, 0)
        last = calls[-1].key
        only = len(ends) == 1 and next(iter(ends.values())).key == last and last not in self.multiple
        if not only:
            self.referred |= {tensor.key for tensor in ends.values()}
        above = Tensor(self._first_input(), 0) if len(inputs) == 1 or self.inside else None
        for made in calls:
            found.steps.append(self._step(made, above))
            above = Tensor(made.key, 0)
        found.ends = {name: "" if only else self._text(tensor) for name, tensor in ends.items()}
        return found

    def _outputs(self) -> dict[str, Tensor]:
        written = self.config.get("output_layers")
        if written is None:
            return {"": Tensor(self.calls[-1].key, 0)} if self.calls else {}
        if isinstance(written, Mapping):
            return {str(name): _tensor(item) for name, item in written.items()}
        if len(written) == 3 and isinstance(written[0], str):
            return {"": _tensor(written)}
        found = [_tensor(item) for item in written]
        return {"": found[0]} if len(found) == 1 else {tensor.key[0]: tensor for tensor in found}

    def _first_input(self) -> Key:
        return next(made.key for made in self.calls if made.is_input)

    def _input(self, made: Made, found: Steps) -> None:
        config = made.layer["config"]
        shape = config.get("batch_shape")
        if not isinstance(shape, list):
            raise refused(f"the input {made.key[0]!r}, whose shape the file does not say,")
        name = self._name(made.key[0])
        self.names[made.key] = name
        found.inputs[name] = shape[1:]
        found.dtypes[name] = str(config.get("dtype") or "float32")

    def _name(self, wanted: str) -> str:
        """A name that a step may have, near to the one in the file."""
        plain = re.sub(r"[^A-Za-z0-9_-]", "_", wanted)
        plain = plain if re.match(r"[A-Za-z_]", plain) else f"_{plain}"
        bad = means_something(plain)
        name, count = (f"{plain}_step" if bad else plain), 0
        while name in self.taken or name in self.blocks:
            count += 1
            name = f"{plain}_{count}"
        self.taken.add(name)
        return name

    def _refer(self, made: Made, above: Tensor | None) -> None:
        """Notes which steps need a name."""
        if made.key[1] > 0:
            self.referred.add((made.key[0], 0))  # called again, by its name
        if not self._follows(made, above):
            self.referred |= {tensor.key for tensor in made.tensors}

    def _follows(self, made: Made, above: Tensor | None) -> bool:
        """Whether it is called on the step above, and on nothing else."""
        return made.tensors == [above] and above is not None and above.key not in self.multiple and self._plain(made)

    def _plain(self, made: Made) -> bool:
        first = made.places[0] if made.places else next(iter(made.names.values()))
        return isinstance(first, Tensor) or (isinstance(first, list) and len(first) == 1)

    def _text(self, tensor: Tensor) -> str:
        if tensor.key not in self.names:
            self.names[tensor.key] = self._name(tensor.key[0])
        name = self.names[tensor.key]
        return f"{name}.{tensor.index}" if tensor.key in self.multiple else name

    def _step(self, made: Made, above: Tensor | None) -> Any:
        """One step as plain data."""
        own: dict[str, Any] = {}
        if made.key in self.referred:
            self.names.setdefault(made.key, self._name(made.key[0]))
            own["name"] = self.names[made.key]
        again = made.key[1] > 0
        if is_function(made.layer):
            called, arguments, tensors = function_of(made.layer, made.places, made.names)
            sources = list(tensors.values())
            given: Any = [self._text(t) for item in sources for t in tensors_in(item)]
        else:
            called, arguments, given = self._layer(made)
        if again:
            called, arguments = self.names[made.key[0], 0], {}
        if not self._follows(made, above):
            own["from"] = given[0] if isinstance(given, list) and len(given) == 1 else given
        both = {**arguments, **own}
        return {called: both} if both else called

    def _layer(self, made: Made) -> tuple[str, dict[str, Any], Any]:
        """What a step calls, its arguments, and its tensors: in order, or by name where the call has names."""
        layer = made.layer
        component: Component | None = None
        arguments: dict[str, Any] = {}
        if is_model(layer):
            called = self._block(made)
        elif _is_of_applications(layer, "LayerScale"):
            called, arguments = of_applications.scale(layer["config"])
        elif _is_of_applications(layer, "CustomScaleLayer"):
            called, arguments = of_applications.residual(layer["config"], self.blocks)
        else:
            called, component, arguments = _catalogued(layer)
        others = {}
        by_name: dict[str, Any] = {}
        order = [item.name for item in component.call] if component else []
        for number, item in enumerate(made.places):
            name = order[number] if number < len(order) else ""
            if tensors_in(item):
                by_name[name or f"#{number}"] = item
            elif item is not None and name:
                others[name] = item
        for name, item in made.names.items():
            if tensors_in(item):
                by_name[name] = item
            elif item is not None and name not in ("training", "mask"):
                others[name] = item
        if component is not None:
            known = {parameter.name for parameter in component.call}
            strange = next((name for name in others if name not in known), None)
            if strange is not None:
                raise refused(f"{strange} in a call of {called}")
            defaults = {item.name: item.default for item in component.call if not item.required}
            others = {n: v for n, v in others.items() if n not in defaults or defaults[n] != v}
        clash = set(others) & {*arguments, *STEP_WORDS}
        if clash:
            raise refused(f"{clash.pop()} of {called}")
        return called, {**arguments, **others}, self._sources(by_name, order)

    def _sources(self, by_name: Mapping[str, Any], order: Sequence[str]) -> Any:
        listed = list(by_name) == list(order[: len(by_name)]) or not order
        flat = [self._text(tensor) for item in by_name.values() for tensor in tensors_in(item)]
        if len(by_name) == 1 or (listed and all(isinstance(item, Tensor) for item in by_name.values())):
            return flat
        found = {}
        for name, item in by_name.items():
            texts = [self._text(tensor) for tensor in tensors_in(item)]
            found[name] = texts if isinstance(item, list) else texts[0]
        return found

    def _block(self, made: Made) -> str:
        """A nested model as a block, written once."""
        name, config = snake_case(made.key[0]), without_ids(made.layer["config"])
        while name in RESERVED or (name in self.blocks and self.blocks[name].config != config):
            name = f"{name}_block"
        if name in self.blocks:
            return name
        self.blocks[name] = Block(config, [])  # its name is taken while it is written
        inner = Transcript(made.layer["config"], self.blocks, inside=True).steps()
        if len(inner.ends) != 1:
            raise refused(f"the nested model {made.key[0]!r}, which gives {len(inner.ends)} tensors,")
        end = next(iter(inner.ends.values()))
        steps = [*inner.steps, *([{"Identity": {"from": end}}] if end else [])]
        steps = repeated(steps)
        del self.blocks[name]  # blocks that it calls stand above it
        bare = len(inner.inputs) == 1 and not _mentions(steps, inner.inputs)
        self.blocks[name] = Block(config, steps, () if bare else tuple(inner.inputs))
        return name


def _mentions(steps: Sequence[Any], names: Mapping[str, Any]) -> bool:
    return any(repr(name) in repr(steps) for name in names)


def _tensor(item: Sequence[Any]) -> Tensor:
    return Tensor((str(item[0]), int(item[1])), int(item[2]))


def _gives_several(made: Made) -> bool:
    config = made.layer["config"]
    return any(config.get(word) or made.names.get(word) for word in _SEVERAL)


def _is_of_applications(layer: Mapping[str, Any], name: str) -> bool:
    registered = str(layer.get("module") or "").startswith("keras.src.applications")
    return layer["class_name"] == name and registered


def _catalogued(layer: Mapping[str, Any]) -> tuple[str, Component, dict[str, Any]]:
    """A layer of Keras by its name, with its arguments; what a person wrote, and Lambda, is refused by name."""
    name, config = str(layer["class_name"]), layer["config"]
    module = str(layer.get("module") or "keras.layers")
    component = catalogue.find("layers", name) if module.startswith("keras") else None
    told = catalogue.judge("layers", name) if component else "only what Keras has is read from a file"
    if component is None or told:
        raise refused(f"the layer {layer.get('name') or config.get('name')!r} of the class {name}", told or "")
    return component.name, component, arguments_of(component, config)


def repeated(steps: Sequence[Any]) -> list[Any]:
    """Equal steps one after another as one, with `repeat`."""
    found: list[Any] = []
    for step in steps:
        before = found[-1] if found else None
        bare = _without_repeat(before)
        if before is not None and bare == step and _may_repeat(step):
            count = before[next(iter(before))].get("repeat", 1) if isinstance(before, dict) else 1
            called = step if isinstance(step, str) else next(iter(step))
            arguments = {} if isinstance(step, str) else step[called]
            found[-1] = {called: {**arguments, "repeat": count + 1}}
        else:
            found.append(step)
    return found


def _without_repeat(step: Any) -> Any:
    if not isinstance(step, dict):
        return step
    called = next(iter(step))
    arguments = {key: value for key, value in step[called].items() if key != "repeat"}
    return {called: arguments} if arguments else called


def _may_repeat(step: Any) -> bool:
    return isinstance(step, str) or not {"name", "from"} & set(next(iter(step.values())))
