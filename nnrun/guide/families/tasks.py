"""Tasks."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, cancer, diabetes, houses, iris, masks

TITLE = "task"
PLACE = "`task`, alone or by output"
USUAL = ("regression", "binary", "multiclass")
SETTINGS = False  # what its function takes, nnrun gives


def example(component: Component) -> Config:
    """The task said by hand, on data that it suits."""
    if component.name == "multilabel":
        return houses(task="multilabel", data={"target": ["garden", "garage", "pool"]})
    if component.name == "segmentation":
        return masks({"Conv2D": {"filters": 16, "kernel_size": 3, "padding": "same"}}, task=component.name)
    if component.name == "masked_token":
        return houses(
            {"Embedding": {"input_dim": "$data.words.vocabulary_size", "output_dim": 8}},
            {"Bidirectional": {"layer": {"LSTM": {"units": 8, "return_sequences": True}}}},
            task=component.name,
            data={"features": {"words": {"text": "review"}}, "target": {"masked": "words"}},
        )
    if component.name == "next_token":
        return houses(
            {"Embedding": {"input_dim": "$data.words.vocabulary_size", "output_dim": 8}},
            {"LSTM": {"units": 16, "return_sequences": True}},
            task=component.name,
            data={
                "features": {"words": {"text": {"columns": "review", "output_sequence_length": 20}}},
                "target": {"next": "words"},
            },
        )
    data = {"binary": cancer, "regression": diabetes}.get(component.name, iris)
    return data(task=component.name)
