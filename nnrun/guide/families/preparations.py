"""Preparations of columns."""

from __future__ import annotations

from typing import Any

from nnrun.catalogue import Component
from nnrun.guide.example import Config, diabetes, houses

TITLE = "preparation of columns"
PLACE = "`data.features`; its value is the columns"
USUAL = ("normalize", "one_hot", "index")


def example(component: Component) -> Config:
    """The preparation on columns that suit it."""
    if component.name in _WHOLE:
        return _WHOLE[component.name]
    needed = {item.name: _VALUES[item.name] for item in component.parameters if item.required}
    columns: Any = ["age", "bmi", "bp"]
    given = {component.name: {"columns": columns, **needed} if needed else columns}
    return diabetes(data={"features": given})


_VALUES = {"num_bins": 4}
_POOLED = ("GlobalAveragePooling1D",)


def _words(name: str, settings: dict[str, Any], *steps: Any) -> Config:
    return houses(*steps, data={"features": {name: settings}})


_CATEGORY = {"table": {"normalize": ["age", "bmi"]}, "sex": {"index": "sex"}}
_EMBEDDING = {"input_dim": "$data.sex.vocabulary_size", "output_dim": 2, "from": "sex"}
_WHOLE: dict[str, Config] = {
    "one_hot": diabetes(data={"features": [{"normalize": ["age", "bmi"]}, {"one_hot": "sex"}]}),
    "index": diabetes(
        {"Embedding": _EMBEDDING},
        {"Concatenate": {"from": ["table", "previous"]}},
        {"Dense": {"units": 16, "activation": "relu"}},
        data={"features": _CATEGORY},
    ),
    "audio": houses(
        {"Reshape": [8000, 1]},
        {"Conv1D": {"filters": 16, "kernel_size": 80, "strides": 16, "activation": "relu"}},
        *_POOLED,
        data={
            "features": {"sound": {"audio": {"columns": "file", "sampling_rate": 8000, "output_sequence_length": 8000}}}
        },
    ),
    "clip": houses(data={"features": [{"columns": ["area"], "steps": [{"clip": {"maximum": 500}}, "normalize"]}]}),
    "date": houses(
        data={"features": {"table": [{"normalize": "area"}, {"columns": ["built"], "steps": ["date", "normalize"]}]}}
    ),
    "hash": _words(
        "city", {"hash": {"columns": "city", "num_bins": 32}}, {"Embedding": {"input_dim": 32, "output_dim": 4}}
    ),
    "image": houses(
        {"Conv2D": {"filters": 16, "kernel_size": 3, "activation": "relu"}},
        "GlobalAveragePooling2D",
        data={"features": {"picture": {"image": {"columns": "file", "image_size": [64, 64]}}}},
    ),
    "log": houses(data={"features": {"columns": ["area"], "steps": ["log", "normalize"]}, "target": {"log": "price"}}),
    "ratio": houses(data={"features": [{"columns": ["area", "rooms"], "steps": ["ratio", "normalize"]}]}),
    "rescale": houses(data={"target": {"rescale": {"columns": "price", "scale": 0.001}}}),
    "sequence": houses(
        {"LSTM": 16}, data={"features": {"series": {"sequence": ["january", "february", "march", "april"]}}}
    ),
    "text": _words(
        "review",
        {"text": {"columns": "review", "max_tokens": 2000, "output_sequence_length": 50}},
        {"Embedding": {"input_dim": "$data.review.vocabulary_size", "output_dim": 16}},
        *_POOLED,
    ),
    "impute": houses(data={"features": [{"columns": ["area", "rooms"], "steps": [{"impute": "mean"}, "normalize"]}]}),
}
