"""`keras` in a script: its own loaders."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script
from nnrun.export.sources import Read


def keras(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A public data set, the rows of its test part behind the rest."""
    script.need("import keras", "import numpy as np")
    script.say(f"(first, answers), (second, others) = keras.datasets.{settings['name']}.load_data()")
    test = "np.arange(len(first), len(first) + len(second))" if dataset.parts else ""
    if dataset.columns is not None:
        script.need("import pandas as pd")
        columns = [str(column) for column in dataset.columns.columns if column != "price"]
        script.set("columns", columns)
        script.say(f"table{suffix} = pd.DataFrame(np.concatenate([first, second]), columns=columns)")
        script.say(f'table{suffix}["price"] = np.concatenate([answers, others]).ravel()')
        return Read(table=f"table{suffix}", test=test)
    shape = dataset.arrays["image"].shape[1:]
    script.say(f"image{suffix} = np.concatenate([first, second]).reshape({(-1, *shape)})")
    script.say(f"label{suffix} = np.concatenate([answers, others]).ravel()")
    return Read(arrays={"image": f"image{suffix}"}, targets={"label": f"label{suffix}"}, test=test)
