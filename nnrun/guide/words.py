"""The words of a config, each with its text and an example: the pages in the folder `words`, a heading for each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from nnrun.catalogue import Component
from nnrun.config.config import STEP_WORDS
from nnrun.config.mistakes import home as belongs

_HEADING = re.compile(r"^## (.+)$", re.M)
_FENCE = re.compile(r"```yaml\n(.*?)```", re.S)

# What an example lacks to be a whole config.
_BASE = {"data": "data: {source: {sklearn: iris}}\n", "model": "model: {layers: [{Dense: 16}]}\n"}


@dataclass(frozen=True)
class _Word:
    text: str
    example: str


@cache
def words() -> Mapping[str, _Word]:
    """Every word by its path: `fit`, `fit.keep`, `from`."""
    found = {}
    for page in sorted(Path(__file__).with_name("words").glob("*.md")):
        parts = _HEADING.split(page.read_text(encoding="utf-8"))[1:]
        for heading, body in zip(parts[::2], parts[1::2], strict=True):
            fence = _FENCE.search(body)
            example = fence[1] if fence else ""
            found[heading.strip()] = _Word(_FENCE.sub("", body).strip(), example)
    return MappingProxyType(found)


def component(name: str) -> Component | None:
    """A word as every other name is told."""
    found = words().get(name)
    return Component(name, "words", "", doc=found.text) if found else None


def ending(last: str) -> list[str]:
    """The words whose last part is this: `keep` is `fit.keep`."""
    return [name for name in words() if name.rpartition(".")[2] == last]


def description(name: str) -> str:
    """The text of a word in one line, for an editor; empty for a word that has no page."""
    found = words().get(name)
    return " ".join(found.text.split("\n\n")[0].split()) if found else ""


def example(name: str) -> str:
    """The example of a word as a whole config."""
    text = words()[name].example
    there = f"\n{text}".replace("\nmodels:", "\nmodel:")
    return "".join(base for key, base in _BASE.items() if f"\n{key}:" not in there) + text


def place(name: str) -> str:
    """Where the word stands."""
    section, _, _ = name.rpartition(".")
    if name in STEP_WORDS:
        return "inside a step of `model.layers`, beside its arguments"
    return f"under `{section}`" if section else "at the left margin"


def home(word: str) -> str:
    """Where a word belongs that stands elsewhere or that other programs have."""
    return belongs(word, "")
