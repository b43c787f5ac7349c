"""`synthetic` in a script: scikit-learn's makers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.data.sources.synthetic import arguments
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read


def synthetic(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:  # noqa: ARG001
    """A table that is drawn at random."""
    if settings["make"] == "spirals":
        raise ConfigError([Problem("the spirals of synthetic are nnrun's own, and a script cannot draw them")])
    maker, given = arguments(**settings)
    script.need(f"from sklearn.datasets import {maker}", "import pandas as pd")
    script.set(f"x{suffix}, y{suffix}", Call(maker, (), given))
    script.say(f'table{suffix} = pd.DataFrame(x{suffix}, columns=[f"x{{n}}" for n in range(x{suffix}.shape[1])])')
    script.say(f'table{suffix}["target"] = y{suffix}')
    return Read(table=f"table{suffix}")
