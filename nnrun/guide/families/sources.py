"""Sources of data."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits, iris

TITLE = "source of data"
PLACE = "`data.source`, `data.test` or `data.validation`"
USUAL = ("csv", "images", "sklearn")

_USUAL: dict[str, Any] = {
    "csv": {"path": "houses.csv", "na_values": ["?"]},
    "idx": {"images": "train-images-idx3-ubyte.gz", "labels": "train-labels-idx1-ubyte.gz"},
    "images": {"path": "pictures", "image_size": [64, 64]},
    "keras": "fashion_mnist",
    "npy": {"x": "signals.npy", "y": "answers.npy"},
    "npz": "signals.npz",
    "sklearn": "wine",
}


def example(component: Component) -> Config:
    """A network that fits what the source gives; the files are those of the reader."""
    source: Any = {component.name: _USUAL[component.name]}
    if component.name in ("idx", "images", "keras"):
        return digits(
            {"Conv2D": {"filters": 16, "kernel_size": 3, "activation": "relu"}}, "Flatten", data={"source": source}
        )
    if component.name == "csv":
        return iris(data={"source": source, "target": "price"})
    return iris(data={"source": source})
