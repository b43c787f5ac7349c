"""What a person most likely meant by a name or argument that does not exist: the sentence that mends it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config.sections import COMPILE, FIT
from nnrun.errors import did_you_mean, nearest

# What other programs write beside an object's arguments to say which object it is.
_NAME_KEYS = ("type", "name", "class_name", "class", "kind")
_USUAL = {
    "optimizers": ("Adam", "SGD", "RMSprop"),
    "layers": ("Dense", "Conv2D", "MaxPooling2D", "Dropout", "Embedding"),
    "callbacks": ("EarlyStopping", "ReduceLROnPlateau"),
    "schedules": ("CosineDecay", "ExponentialDecay", "PiecewiseConstantDecay"),
}
_BLANK = re.compile(r"(\w+):(\S+)")


def flow(value: Any) -> str:
    """A value in one line of YAML, as a person would write it."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def spec_name(slot: str, name: str) -> str:
    """What may stand in the place of a name that the family does not have; an empty text without an idea."""
    past = catalogue.past_name(slot, name)
    if past:
        return past if " " in past else f"today it is {past}"
    if _BLANK.fullmatch(name):
        return "put a blank after the colon"
    first, _, rest = name.partition(" ")
    called = re.fullmatch(r"(\w+)\(.*\)", name)
    if called and catalogue.find(slot, called[1]):
        return f"a config holds no calls: `{called[1]}: {{argument: value}}`"
    if rest and catalogue.find(slot, first):
        return f"put a colon after the name: `{first}: {rest.strip()}`"
    last = name.rpartition(".")[2]
    if last != name and catalogue.find(slot, last):
        return f"write the name alone, `{last}`"
    near = _near_name(slot, name) or (_near_name("losses", name) if slot == "layers" else "")  # which may be a step
    elsewhere = [other for other in catalogue.slots_of(name) if other != slot]
    if elsewhere:
        article = "an" if elsewhere[0][0] in "aeiou" else "a"
        return f"{name} is {article} {singular(elsewhere[0])}"
    return near


def singular(slot: str) -> str:
    """One member of a family, in words: `layers`, `layer`."""
    return {"losses": "loss", "sources": "source of data"}.get(slot, slot.removesuffix("s"))


def _near_name(slot: str, name: str) -> str:
    """The nearest name, first among those that begin like it with a capital or a small letter."""
    if slot == "ops":  # the function's own name counts: `ops.resize` is ops.image.resize
        functions = {known.rpartition(".")[2]: known for known in catalogue.names(slot)}
        near = nearest(name.rpartition(".")[2], functions)
        return f"did you mean {functions[near]!r}?" if near else ""
    known = (*catalogue.names(slot), *catalogue.aliases(slot))
    alike = [other for other in known if other[:1].isupper() == name[:1].isupper()]
    return did_you_mean(name, alike) or did_you_mean(name, known)


def argument(component: Component, key: str) -> str:
    """What may stand in the place of an argument that a component does not have."""
    past = catalogue.past(component.slot, component.name, key)
    if past:
        return f"today it is {past}" if past.isidentifier() else past
    if _BLANK.fullmatch(key):
        return "put a blank after the colon"
    if key in ("from", "repeat", "each", "if"):
        return f"{key} is a word of the step, and no step stands inside of another"
    of_call = [parameter.name for parameter in component.call if not catalogue.is_tensor(component, parameter)]
    close = did_you_mean(key, [*(parameter.name for parameter in component.parameters), *of_call])
    if close:
        return close
    for section, keys in (("fit", FIT), ("compile", COMPILE)):
        if key in keys:
            return f"{key} belongs under `{section}`"
    return ""


def parameter_meant(component: Component, key: str) -> str | None:
    """The parameter that an unknown argument most likely stands for."""
    past = catalogue.past(component.slot, component.name, key)
    blank = _BLANK.fullmatch(key)
    known = [parameter.name for parameter in component.parameters]
    if past in known:
        return past
    return nearest(blank[1] if blank else key, known)


def cut_at_comma(given: Mapping[Any, Any], key: Any) -> str:
    """The hint for a text in braces that YAML cut at its comma, or an empty text."""
    keys = list(given)
    before = keys[keys.index(key) - 1] if keys.index(key) else None
    if given[key] is not None or before is None or not isinstance(given[before], str):
        return ""
    return f'a comma ends a value inside braces; put quotes around it: `{before}: "{given[before]},{key}"`'


def is_cut_expression(given: Mapping[Any, Any], key: Any) -> bool:
    """Whether a key is what a comma cut from an expression in braces: `units: $(max(width, 8))`."""
    keys = list(given)
    before = given[keys[keys.index(key) - 1]] if keys.index(key) else None
    return given[key] is None and isinstance(before, str) and before.count("(") > before.count(")") and "$(" in before


def by_name(component: Component, values: Iterable[Any]) -> str:
    """`Conv2D: {filters: 64, kernel_size: 3}` for values that were written without the arguments' names."""
    pairs = zip((parameter.name for parameter in component.parameters), values, strict=False)
    return f"`{component.name}: {flow(dict(pairs))}`"


def _takes(slot: str, name: str, keys: Iterable[str]) -> bool:
    component = catalogue.find(slot, name)
    return component is not None and all(component.parameter(key) for key in keys)


def without_name(slot: str, value: Mapping[Any, Any]) -> str:
    """The hint for arguments that stand without the name that takes them, or an empty text."""
    keys = [str(key) for key in value]
    if not all(key in (*_NAME_KEYS, "lr") or catalogue.judge(slot, "", key) is None for key in keys):
        return ""
    named = next((value[key] for key in _NAME_KEYS if isinstance(value.get(key), str)), None)
    found = catalogue.canonical(slot, named) if named else None
    inside = {
        "learning_rate" if key == "lr" else key: item
        for key, item in value.items()
        if found is None or value[key] != named
    }
    usual = (found,) if found else _USUAL.get(slot, ())
    name = next((name for name in usual if name and _takes(slot, name, inside)), found)
    if name is None:
        return ""
    return f"the name comes first, its arguments inside it: `{name}: {flow(inside)}`"
