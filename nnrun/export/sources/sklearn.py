"""`sklearn` in a script: its own loaders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script
from nnrun.export.sources import Read


def sklearn(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A data set that scikit-learn carries."""
    name = settings["name"]
    script.need(f"from sklearn.datasets import load_{name}")
    script.say(f"{name} = load_{name}()")
    if name == "digits":
        script.say(f"image{suffix}, label{suffix} = digits.images[..., None], digits.target")
        return Read(arrays={"image": f"image{suffix}"}, targets={"label": f"label{suffix}"})
    script.need("import pandas as pd")
    assert dataset.columns is not None
    script.set("columns", [str(column) for column in dataset.columns.columns if column != "target"])
    script.say(f"table{suffix} = pd.DataFrame({name}.data, columns=columns)")
    target = f"{name}.target_names.astype(object)[{name}.target]" if dataset.classes else f"{name}.target"
    script.say(f'table{suffix}["target"] = {target}')
    return Read(table=f"table{suffix}")
