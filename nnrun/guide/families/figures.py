"""Figures of a run."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, diabetes, iris

TITLE = "figure of a run"
PLACE = "a list item of `report.figures`, or `nnrun plot --figure`"
USUAL = ("curves", "confusion")
SETTINGS = False  # what its function takes, nnrun gives


def example(component: Component) -> Config:
    """A run of which only this figure is drawn."""
    data = diabetes if component.name == "residuals" else iris
    return data(report={"figures": [component.name]})
