"""What can be asked: every name of the catalogue, every thing of our own folders, every word of a config.

A family of names is a file in `families`, which says what it is, where it may stand, and how an example is made.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType, ModuleType

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter
from nnrun.config.sections import ELSEWHERE
from nnrun.errors import UsageError, did_you_mean, nearest
from nnrun.guide import shipped, words
from nnrun.guide.example import by_hand, written


@dataclass(frozen=True)
class Topic:
    """One meaning of a name: `relu` is an activation and a function of ops. `parameter` asks for one of it."""

    component: Component
    refused: str = ""  # why a config may not give it
    parameter: Parameter | None = None

    @property
    def name(self) -> str:
        return self.component.name

    @property
    def family(self) -> str:
        return self.component.slot

    @property
    def title(self) -> str:
        """What it is: `a layer`."""
        return title(self.family)

    @property
    def place(self) -> str:
        """Where a config may write it."""
        return words.place(self.name) if self.family == "words" else str(_module(self.family).PLACE)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What a config may give to it: neither tensors nor what is refused."""
        if not getattr(_module(self.family), "SETTINGS", True):
            return ()
        if self.family not in catalogue.SLOTS:
            return self.component.parameters
        mine = (*self.component.parameters, *self.component.call)
        return tuple(item for item in mine if catalogue.judge(self.family, self.name, item.name) is None)

    @property
    def withheld(self) -> dict[str, str]:
        """What it takes and a config may not give, with the reason; tensors come with `from`."""
        if self.family not in catalogue.SLOTS:
            return {}
        others = [
            item for item in self.component.parameters if item not in self.parameters and not self.is_tensor(item)
        ]
        why = {item.name: catalogue.judge(self.family, self.name, item.name) or "" for item in others}
        return {name: told.removeprefix(f"{self.name}.{name}: ") for name, told in why.items()}

    def is_tensor(self, parameter: Parameter) -> bool:
        """Whether a parameter comes with `from`."""
        return catalogue.is_tensor(self.component, parameter)

    @property
    def example(self) -> str:
        """A whole config with it that `nnrun check` accepts; empty for what no config may name."""
        if self.refused:
            return ""
        if self.family == "words":
            return words.example(self.name)
        made = by_hand(self.family).get(self.name) or _module(self.family).example(self.component)
        return written(made)


def title(family: str) -> str:
    """What one name of a family is: `layer`."""
    return str(_module(family).TITLE)


def later(family: str) -> str:
    """Why no config can hold a family yet; empty for every other."""
    return str(getattr(_module(family), "LATER", ""))


@cache
def families() -> tuple[str, ...]:
    """Every family: Keras' in the order of the catalogue, ours, and the words of a config."""
    found = {path.stem for path in (Path(__file__).parent / "families").glob("[!_]*.py")}
    known = [slot for slot in catalogue.SLOTS if slot in found]
    return (*known, *sorted(found - {*known, "words"}), "words")


@cache
def names(family: str) -> tuple[str, ...]:
    """Every name of a family that a config may write, sorted."""
    if family == "words":
        return tuple(words.words())
    if family in catalogue.SLOTS:
        return () if later(family) else tuple(name for name in catalogue.names(family) if not _refused(family, name))
    return tuple(_own(family))


def usual(family: str) -> tuple[str, ...]:
    """Some of its names that most people know."""
    return tuple(_module(family).USUAL)


def topics(asked: str, *, or_none: bool = False) -> list[Topic]:
    """Every meaning of a name; raises UsageError for a name that nothing has, unless none is an answer."""
    found = [topic for family in families() for topic in of(family, asked)]
    if not found and "." in asked:
        name, _, parameter = asked.rpartition(".")
        found = [part for family in families() for topic in of(family, name) for part in _part(topic, parameter)]
    if not found:
        found = [topic for word in words.ending(asked) for topic in of("words", word)]
    if not found and not asked[:1].isupper():  # conv2d, and no section of the name
        close = {name.lower(): name for family in families() for name in _spellings(family)}.get(asked.lower())
        found = [topic for family in families() for topic in of(family, close)] if close else []
    if not found and not or_none:
        raise UsageError(f"there is no help for {asked!r}", hint=_meant(asked))
    return found


def _spellings(family: str) -> Iterator[str]:
    """Every name and alias of a family, the names last."""
    yield from catalogue.aliases(family)
    yield from names(family)


def of(family: str, name: str) -> list[Topic]:
    """The topic of a family by this name, `layers.Dense` too; also what Keras has and a config may not write."""
    name = name.removeprefix(f"{family}.") if family != "ops" else name
    if family == "words":
        component = words.component(name)
        return [Topic(component)] if component else []
    if family not in catalogue.SLOTS:
        own = _own(family).get(name)
        return [Topic(own)] if own else []
    found = catalogue.find(family, name)
    refused = _refused(family, found.name if found else name)
    if found is not None:
        refused = refused or later(family)
    elif refused:
        found = Component(name, family, "keras")
    return [Topic(found, refused)] if found else []


def _refused(family: str, name: str) -> str:
    told = ELSEWHERE.get((family, name)) or catalogue.judge(family, name) or ""
    return told.removeprefix(f"{name} cannot be used here: ")


def _part(topic: Topic, parameter: str) -> list[Topic]:
    """The topic of one parameter: `Conv2D.padding`."""
    found = next((item for item in topic.parameters if item.name == parameter), None)
    return [Topic(topic.component, topic.refused, found)] if found else []


@cache
def _own(family: str) -> Mapping[str, Component]:
    """Our own names of a family: the folder of that name in one of our rooms, or a room of that name."""
    if family == "blocks":
        return shipped.blocks()
    inside = {name: catalogue.own_find(family, name) for name in catalogue.own_names(family)}
    found = {name: component for name, component in inside.items() if component is not None}
    return MappingProxyType(found or dict(catalogue.own(f"nnrun.{family}")))


@cache
def _module(family: str) -> ModuleType:
    return importlib.import_module(f"nnrun.guide.families.{family}")


def _meant(asked: str) -> str:
    """What a person most likely meant, among all names."""
    for family in catalogue.SLOTS:
        past = catalogue.past_name(family, asked)
        if past:
            return past if " " in past else f"today it is {past}: `nnrun help {past}`"
    told = words.home(asked)
    known = [*(name for family in families() for name in names(family)), *families()]
    near = nearest(asked, known)
    return told or (f"{did_you_mean(asked, known)} `nnrun help {near}`" if near else "`nnrun help` lists what there is")
