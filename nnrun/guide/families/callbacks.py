"""Callbacks, each with what it is mostly set to."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "callback"
PLACE = "a list item of `fit.callbacks`"
USUAL = ("EarlyStopping", "ReduceLROnPlateau")

_USUAL: dict[str, dict[str, Any]] = {
    "EarlyStopping": {"patience": 5, "restore_best_weights": True},
    "ReduceLROnPlateau": {"factor": 0.5, "patience": 3},
}
_WITH_AVERAGES = {"optimizer": {"Adam": {"use_ema": True}}}


def example(component: Component) -> Config:
    """A training that the callback looks on."""
    usual = _USUAL.get(component.name)
    sections: dict[str, Any] = {"compile": _WITH_AVERAGES} if component.name == "SwapEMAWeights" else {}
    return iris(**sections, fit={"epochs": 50, "callbacks": [{component.name: usual} if usual else component.name]})
