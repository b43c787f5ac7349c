"""Words of a config; their texts and examples are the pages of the folder `words`."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.config.loader import load_text
from nnrun.guide import words
from nnrun.guide.example import Config

TITLE = "word of a config"
PLACE = ""
USUAL = ("fit", "data.split", "from", "repeat")


def example(component: Component) -> Config:
    """The example of the page as plain data."""
    data: Config = load_text(words.example(component.name), component.name).data
    return data
