"""Which tensor goes to which place of a call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.config.config import Block
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean, listing
from nnrun.model.graph import Given

# What a loss compares, by the names that Keras has for it.
_COMPARED = tuple(Parameter(name, True, None, "tensor", "", "") for name in ("y_true", "y_pred"))


@dataclass(frozen=True)
class Group:
    """The tensors of one name in `from`; `several` where `from` was written as a list."""

    tensors: tuple[str, ...]
    parameter: str = ""
    several: bool = False


@dataclass(frozen=True)
class Wrong:
    """Tensors that do not fit the call."""

    what: str
    expected: str = ""
    hint: str = ""


def given(spec: Spec, groups: Sequence[Group]) -> tuple[tuple[Given, ...], Wrong | None]:
    """The places of a call, filled in order; a list goes as a list where the call wants one thing."""
    if not groups:
        return (), None
    component = catalogue.find(spec.slot, spec.name)
    if any(group.parameter for group in groups):
        return _by_name(spec, component, groups)
    tensors = tuple(tensor for group in groups for tensor in group.tensors)
    several = len(tensors) > 1
    if component is None or spec.slot == "applications":
        return (Given(tensors, several=several),), None
    if component.variadic:
        return (Given(tensors, several=several),), None
    places = _places(component)
    open_places = [place for place in places if place.name not in spec.arguments]
    required = [place for place in open_places if place.required]
    if spec.slot == "ops":
        return _of_function(spec, open_places, required, tensors)
    if len(tensors) < len(required):
        return (), _too_few(spec, [place.name for place in required], len(tensors))
    if len(required) > 1 and several:
        if len(tensors) > len(open_places):
            names = ", ".join(place.name for place in open_places)
            return (), Wrong(f"{spec.name} is called on {len(tensors)} tensors", f"at most {len(open_places)}: {names}")
        return tuple(Given((tensor,)) for tensor in tensors), None
    return (Given(tensors, several=several),), None


def _places(component: Component) -> list[Parameter]:
    """The parameters of the call that take tensors, in order; those that must be given, whatever they are called."""
    if component.slot == "losses":
        return list(_COMPARED)
    if component.slot == "ops":
        return [parameter for parameter in component.parameters if catalogue.is_tensor(component, parameter)]
    return [place for place in component.call if place.required or catalogue.is_tensor(component, place)]


def _of_function(
    spec: Spec, places: Sequence[Parameter], required: Sequence[Parameter], tensors: tuple[str, ...]
) -> tuple[tuple[Given, ...], Wrong | None]:
    """The first places of a function of ops, by name, since arguments may stand before them."""
    if places and places[0].kind == "tensors":
        return (Given(tensors, places[0].name, several=True),), None
    if len(tensors) < len(required):
        names = [place.name for place in required]
        told = f"{spec.name} is called on {len(tensors)} tensor{'s' * (len(tensors) > 1)}"
        hint = f"`from: [{', '.join(names)}]`, or `{names[-1]}: 0.5` for a plain value"
        return (), Wrong(told, f"{len(names)}: {', '.join(names)}", hint)
    if len(tensors) > len(places):
        names = [place.name for place in places]
        return (), Wrong(f"{spec.name} is called on {len(tensors)} tensors", f"at most {len(names)}: {listing(names)}")
    return tuple(Given((tensor,), place.name) for tensor, place in zip(tensors, places, strict=False)), None


def _by_name(
    spec: Spec, component: Component | None, groups: Sequence[Group]
) -> tuple[tuple[Given, ...], Wrong | None]:
    known = [place.name for place in _places(component)] if component else []
    for group in groups:
        if group.parameter not in known and not (component and component.slot == "layers" and not component.call):
            hint = did_you_mean(group.parameter, known)
            what = f"{spec.name} is called on no tensor {group.parameter!r}"
            return (), Wrong(what, listing(known), hint)
    named = [group.parameter for group in groups]
    required = [place.name for place in _places(component) if place.required] if component else []
    if any(name not in (*named, *spec.arguments) for name in required):
        missing = [name for name in required if name not in named]
        return (), Wrong(f"{spec.name} is called on no {' and no '.join(missing)}", f"both of {' and '.join(required)}")
    return tuple(
        Given(group.tensors, group.parameter, len(group.tensors) > 1 or group.several) for group in groups
    ), None


def _too_few(spec: Spec, names: Sequence[str], count: int) -> Wrong:
    told = f"{spec.name} is called on {count} tensor{'s' * (count > 1)}"
    listed = ", ".join(names)
    return Wrong(told, f"{len(names)}: {listed}", f"`from: [{listed}]`; one tensor may stand there twice")


def block_inputs(block: Block, groups: Sequence[Group]) -> tuple[dict[str, tuple[str, ...]], Wrong | None]:
    """The tensors of each input of a block: by name, or in order."""
    names = block.inputs
    if any(group.parameter for group in groups):
        found = {group.parameter: group.tensors for group in groups}
        strange = next((name for name in found if name not in names), None)
        if strange is not None:
            hint = did_you_mean(strange, names)
            return {}, Wrong(f"the block {block.name!r} has no input {strange!r}", listing(names), hint)
    elif len(names) == 1:
        found = {names[0]: tuple(tensor for group in groups for tensor in group.tensors)}
    elif len(groups) == len(names):
        found = {name: group.tensors for name, group in zip(names, groups, strict=True)}
    else:
        flat = [tensor for group in groups for tensor in group.tensors]
        found = {name: (tensor,) for name, tensor in zip(names, flat, strict=False)} if len(flat) == len(names) else {}
    if set(found) != set(names):
        count = sum(len(group.tensors) for group in groups)
        told = f"the block {block.name!r} has {len(names)} inputs, and is called on {count}"
        return {}, Wrong(told, f"`from: [{', '.join(names)}]`")
    return found, None
