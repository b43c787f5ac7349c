"""`data.augment`: what is done to training rows at random, by input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import augmentations as known
from nnrun.config.kinds import is_number, shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.own import checked
from nnrun.config.references import Reference
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean, listing

Augment = Mapping[str, tuple[Spec, ...]]  # by input; the only one has no name here

_EXPECTED = "a list, such as `[RandomFlip, {RandomRotation: 0.1}]`"
_PATH: Path = ("data", "augment")
_UNIT = (0.0, 1.0)  # the values of pictures, where Keras takes 0 to 255
_MEANT = {
    "Jitter": "Keras has it: write GaussianNoise, with its standard deviation",
    "Noise": "write GaussianNoise, with its standard deviation",
    "SpecAugment": "write TimeMasking and FrequencyMasking",
    "Rescaling": "what every row needs is no augmentation: write it under data.features, or first in model.layers",
    "Resizing": "what every row needs is no augmentation: write image_size at the source, or it first in model.layers",
    "ZeroPadding2D": "RandomTranslation moves pictures and fills what is left open",
}


def augment(names: Names, value: Any) -> Augment:
    """A list of augmentations, or a list for each input; problems are noted in `names`."""
    if value is None:
        return {}
    if isinstance(value, list):
        return {"": _steps(names, value, _PATH)} if value else {}
    if isinstance(value, dict) and value and not any(_is_name(key) for key in value):
        return {str(name): _steps(names, inner, (*_PATH, name)) for name, inner in value.items()}
    hint = "give each an item of its own, which begins with `- `" if isinstance(value, dict) else ""
    names.problem(_PATH, f"augment is {shown(value)}", f"{_EXPECTED}, or such a list for each input", hint)
    return {}


def _is_name(key: Any) -> bool:
    return known.find_augmentation(str(key)) is not None or catalogue.find("layers", str(key)) is not None


def _steps(names: Names, items: Any, path: Path) -> tuple[Spec, ...]:
    if not isinstance(items, list):
        names.problem(path, f"augment is {shown(items)}", _EXPECTED)
        return ()
    read = [_step(names, item, (*path, index)) for index, item in enumerate(items)]
    return tuple(spec for spec in read if spec is not None)


def _step(names: Names, value: Any, path: Path) -> Spec | None:
    parted = names.parted(value, path, known.SLOT, _is_name)
    if parted is None:
        return None
    name, given, inner = parted
    component = known.find_augmentation(name)
    if component is None:
        _refuse(names, name, inner)
        return None
    if component.slot == known.SLOT:
        first = component.parameters[0].name
        arguments = given if isinstance(given, Mapping) else {} if given is None else {first: given}
        return checked(names, component, arguments, inner)
    own = [item for item in component.parameters if item.name not in known.NO_ARGUMENTS]
    spec = names.complete(replace(component, parameters=tuple(own)), given, inner)
    _factors(names, spec, given, inner)
    return _of_unit_values(spec)


def _factors(names: Names, spec: Spec, given: Any, path: Path) -> None:
    """How far an augmentation goes: Keras takes one number, or two ends."""
    for name, value in spec.arguments.items():
        ends = value if isinstance(value, list) and len(value) == 2 else [value]
        plain = name.endswith("factor") and not isinstance(value, Reference | type(None))
        if plain and not all(is_number(end) for end in ends):
            place = (*path, name) if isinstance(given, dict) else path
            names.problem(place, f"{name} of {spec.name} is {shown(value)}", "a number, or a list of two: [-0.1, 0.2]")


def _refuse(names: Names, name: str, path: Path) -> None:
    where = names.document.name(path, name)
    if name in _MEANT:
        names.at(where, f"{name} is no augmentation", hint=_MEANT[name])
    elif catalogue.find("layers", name):
        names.at(where, f"{name} is no augmentation", hint=known.not_an_augmentation(name))
    else:
        every = known.augmentations()
        hint = did_you_mean(name, every)
        names.at(where, f"there is no augmentation {name!r}", "" if hint else f"one of {listing(every)}", hint)


def _of_unit_values(spec: Spec) -> Spec:
    """Pictures reach the model as 0 to 1, and so they are augmented, where nothing else is written."""
    component = catalogue.find("layers", spec.name)
    if component is None or component.parameter("value_range") is None or "value_range" in spec.arguments:
        return spec
    return replace(spec, arguments={**spec.arguments, "value_range": list(_UNIT)})
