"""`idx` in a script: the bytes behind the header."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Code, Script, call, written
from nnrun.export.sources import Read

SOURCE = '''
def read_idx(path):
    """An array of bytes in MNIST's own format, packed with gzip or not."""
    data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    shape = np.frombuffer(data, ">u4", count=data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
'''


def idx(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:  # noqa: ARG001
    """Grey pictures and their classes."""
    script.need("import gzip", "import numpy as np")
    script.function("read_idx", SOURCE)
    script.set(f"image{suffix}", call("read_idx", settings["images"]))
    script.say(f"image{suffix} = image{suffix}[..., None]")
    script.set(f"label{suffix}", call("read_idx", settings["labels"]))
    classes, first = settings.get("classes"), settings.get("first")
    if classes is not None or first is not None:
        known = f"np.isin(label{suffix}, {written(list(classes))})" if classes is not None else f"label{suffix} >= 0"
        script.set(f"rows{suffix}", Code(f"np.flatnonzero({known})"))
        script.say(f"rows{suffix} = rows{suffix}[:{first}]")
        script.say(f"image{suffix}, label{suffix} = image{suffix}[rows{suffix}], label{suffix}[rows{suffix}]")
    return Read(arrays={"image": f"image{suffix}"}, targets={"label": f"label{suffix}"})
