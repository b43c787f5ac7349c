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
    needed = {item.name: _VALUES[item.name] for item in component.parameters if item.required}
    columns: Any = ["age", "bmi", "bp"]
    given = {component.name: {"columns": columns, **needed} if needed else columns}
    return _WHOLE.get(component.name) or diabetes(data={"features": given})


_VALUES = {"num_bins": 4}
_CATEGORY = {"table": {"normalize": ["age", "bmi"]}, "sex": {"index": "sex"}}
_EMBEDDING = {"input_dim": "$data.sex.vocabulary_size", "output_dim": 2, "from": "sex"}
_WHOLE: dict[str, Any] = {
    "one_hot": diabetes(data={"features": [{"normalize": ["age", "bmi"]}, {"one_hot": "sex"}]}),
    "index": diabetes(
        {"Embedding": _EMBEDDING},
        {"Concatenate": {"from": ["table", "previous"]}},
        {"Dense": {"units": 16, "activation": "relu"}},
        data={"features": _CATEGORY},
    ),
    "impute": houses(data={"features": [{"columns": ["area", "rooms"], "steps": [{"impute": "mean"}, "normalize"]}]}),
}
