"""Sources of data."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, digits, iris
from nnrun.guide.families import recipes

TITLE = "source of data"
PLACE = "`data.source`, `data.test` or `data.validation`"
USUAL = ("csv", "images", "sklearn")

_USUAL: dict[str, Any] = {
    "addition": {"digits": 2, "rows": 4000},
    "arff": "flowers.arff",
    "arrays": "recordings",
    "csv": {"path": "houses.csv", "na_values": ["?"]},
    "excel": {"path": "houses.xlsx", "sheet": "sold"},
    "files": {"path": "sounds", "pattern": "{digit}_{speaker}_{take}.wav"},
    "idx": {"images": "train-images-idx3-ubyte.gz", "labels": "train-labels-idx1-ubyte.gz"},
    "image_masks": {"images": "cells.zip/images", "masks": "cells.zip/masks", "values": [0, 255]},
    "images": {"path": "pictures", "image_size": [64, 64]},
    "json": {"path": "houses.json", "pointer": "/sold"},
    "jsonl": "houses.jsonl",
    "keras": "fashion_mnist",
    "npy": {"x": "signals.npy", "y": "answers.npy"},
    "npz": "signals.npz",
    "parquet": {"path": "houses.parquet", "columns": ["area", "rooms", "price"]},
    "sine": {"rows": 1000, "periods": [50, 8]},
    "sklearn": "wine",
    "synthetic": "moons",
    "tables": {"path": "chorales", "pattern": "{part}/{piece}.csv", "melt": "note"},
    "texts": "reviews",
    "tfrecord": {
        "path": "digits.tfrecord",
        "features": {"image": {"shape": [28, 28, 1], "dtype": "uint8"}, "label": "int64"},
        "target": "label",
    },
    "tokens": {"path": "plays.txt", "split": "word"},
    "ts": "GunPoint_TRAIN.ts",
    "unpaired_images": {"first": "horses", "second": "zebras", "names": ["horse", "zebra"], "image_size": [64, 64]},
}

_PIXELS = {"Conv2D": {"filters": 16, "kernel_size": 3, "padding": "same", "activation": "relu"}}
_LETTERS = {"split": "character", "standardize": "none"}
# What is not a table of numbers with a target of its own: the layers, and what stands beside the source.
_BY_HAND: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "addition": (
        [
            {"Embedding": {"input_dim": "$data.question.vocabulary_size", "output_dim": 16}},
            {"LSTM": 64},
            {"RepeatVector": 3},
            {"LSTM": {"units": 64, "return_sequences": True}},
        ],
        {
            "features": {"question": {"text": {"columns": "question", **_LETTERS}}},
            "target": {"text": {"columns": "answer", **_LETTERS}},
        },
    ),
    "files": (
        [{"Reshape": [8000, 1]}, {"Conv1D": {"filters": 16, "kernel_size": 80, "strides": 16}}, "GlobalMaxPooling1D"],
        {
            "features": {
                "sound": {"audio": {"columns": "path", "sampling_rate": 8000, "output_sequence_length": 8000}}
            },
            "target": "digit",
        },
    ),
    "image_masks": ([_PIXELS], {}),
    "sine": (
        [{"LSTM": 16}],
        {"windows": {"length": 20, "horizon": 1}, "features": {"series": {"normalize": "value"}}},
    ),
    "tables": (
        [
            {"Embedding": {"input_dim": "$data.notes.vocabulary_size", "output_dim": 8}},
            {"LSTM": {"units": 64, "return_sequences": True}},
        ],
        {
            "windows": {"length": 132, "stride": 64, "group": "piece"},
            "features": {"notes": {"index": "note"}},
            "target": {"next": "notes"},
            "split": {"column": "part", "validation": ["valid"], "test": ["test"]},
        },
    ),
    "texts": (
        [{"Embedding": {"input_dim": "$data.words.vocabulary_size", "output_dim": 16}}, "GlobalAveragePooling1D"],
        {"features": {"words": {"text": {"columns": "text", "output_sequence_length": 200}}}},
    ),
    "tokens": (
        [{"Embedding": {"input_dim": "$data.words.vocabulary_size", "output_dim": 16}}, {"LSTM": 64}],
        {"windows": {"length": 30, "horizon": 1}, "features": {"words": {"index": "token"}}, "target": "token"},
    ),
}


def example(component: Component) -> Config:
    """A network that fits what the source gives; the files are those of the reader."""
    source: Any = {component.name: _USUAL[component.name]}
    if component.name == "unpaired_images":  # which one recipe alone learns from
        return recipes.CYCLEGAN
    if component.name in _BY_HAND:
        layers, sections = _BY_HAND[component.name]
        return iris(*layers, data={"source": source, **sections})
    if component.name in ("idx", "images", "keras", "tfrecord"):
        return digits(
            {"Conv2D": {"filters": 16, "kernel_size": 3, "activation": "relu"}}, "Flatten", data={"source": source}
        )
    if component.name == "ts":
        series = {"Conv1D": {"filters": 16, "kernel_size": 8, "activation": "relu"}}
        return iris(series, "GlobalAveragePooling1D", data={"source": source})
    if any(parameter.name == "where" for parameter in component.parameters):  # a table
        return iris(data={"source": source, "target": "price"})
    return iris(data={"source": source})
