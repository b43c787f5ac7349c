"""`npz` in a script: numpy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Code, Script, call
from nnrun.export.sources import Read
from nnrun.export.variables import TAKEN, Variables


def npz(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """Arrays by name, a train and a test one behind each other."""
    script.need("import numpy as np")
    stored = f"stored{suffix}"
    script.set(stored, call("np.load", settings["path"]))
    variables = Variables(TAKEN)
    found = {name: variables.of(name, "values") + suffix for name in (*dataset.arrays, *dataset.targets)}
    test = ""
    for name, variable in found.items():
        if not dataset.parts:
            script.set(variable, Code(f'{stored}["{name}"]'))
            continue
        pair = [Code(f'{stored}["{name}_{part}"]') for part in ("train", "test")]
        script.set(variable, call("np.concatenate", pair))
        test = f'np.arange(len({stored}["{name}_train"]), len({variable}))'
    return Read(
        arrays={name: found[name] for name in dataset.arrays},
        targets={name: found[name] for name in dataset.targets},
        test=test,
    )
