"""`arrays` in a script: numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Code, Script, call
from nnrun.export.sources import Read
from nnrun.export.variables import TAKEN, Variables


def arrays(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """Arrays by the names of their files."""
    script.need("import numpy as np")
    script.set(f"folder{suffix}", settings["path"])
    variables = Variables(TAKEN)
    found = {name: variables.of(name, "values") + suffix for name in (*dataset.arrays, *dataset.targets)}
    for name, variable in found.items():
        script.set(variable, call("np.load", Code(f'folder{suffix} / "{name}.npy"')))
    return Read(
        arrays={name: found[name] for name in dataset.arrays},
        targets={name: found[name] for name in dataset.targets},
    )
