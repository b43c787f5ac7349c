"""`npy` in a script: numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script, call
from nnrun.export.sources import Read


def npy(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:  # noqa: ARG001
    """An input and a target."""
    script.need("import numpy as np")
    script.set(f"values{suffix}", call("np.load", settings["x"]))
    script.set(f"targets{suffix}", call("np.load", settings["y"]))
    return Read(arrays={"x": f"values{suffix}"}, targets={"y": f"targets{suffix}"})
