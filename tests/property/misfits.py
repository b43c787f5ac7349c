"""Random models of steps that mostly do not fit: any layer and function, any arguments of their kinds, any shapes."""

from __future__ import annotations

import random
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component, Parameter

# Steps of everyday models, which fit more often than what is drawn from the whole catalogue.
USUAL: tuple[Any, ...] = (
    "Flatten", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "BatchNormalization", "LayerNormalization", "Softmax",
    {"Dense": 4}, {"Dense": {"units": 3, "activation": "relu"}}, {"Dropout": 0.5}, {"Reshape": [4, 4]},
    {"Reshape": [-1, 2]},
    {"Reshape": [8]}, {"Permute": [2, 1]}, {"RepeatVector": 3}, {"Embedding": {"input_dim": 7, "output_dim": 3}},
    {"Conv1D": {"filters": 4, "kernel_size": 3}}, {"Conv2D": {"filters": 4, "kernel_size": 3}}, {"MaxPooling2D": 2},
    {"Conv2D": {"filters": 6, "kernel_size": 3, "padding": "same", "groups": 2}}, {"MaxPooling1D": 3},
    {"UpSampling2D": 2},
    {"Conv3D": {"filters": 2, "kernel_size": 2}}, {"Conv2DTranspose": {"filters": 2, "kernel_size": 2, "strides": 2}},
    {"LSTM": 3}, {"GRU": {"units": 3, "return_sequences": True}}, {"LSTM": {"units": 2, "return_state": True}},
    {"Bidirectional": {"LSTM": 2}}, {"TimeDistributed": {"Dense": 2}}, {"ConvLSTM2D": {"filters": 2, "kernel_size": 2}},
    {"Variable": {"shape": [4]}}, {"Constant": {"value": [[1.0, 2.0], [3.0, 4.0]]}}, {"Cropping2D": 3},
    {"ZeroPadding1D": 1},
    {"ops.sum": {"axis": 1}}, {"ops.mean": {"axis": [1, 2], "keepdims": True}}, {"ops.reshape": [-1, 6]}, "ops.squeeze",
    {"ops.transpose": [0, 2, 1]}, {"ops.expand_dims": 1}, {"ops.split": 2}, {"ops.add": 1.0},
    {"ops.repeat": {"repeats": 2}},
    {"ops.concatenate": {"axis": 1}}, "ops.relu", {"ops.max": {"axis": 0}}, {"ops.swapaxes": {"axis1": 1, "axis2": 2}},
)  # fmt: skip

JOINED: tuple[Any, ...] = (
    "Add", "Concatenate", "Multiply", "Average", "Subtract", "Maximum", {"Dot": 1}, {"Dot": [1, 2]}, {"Concatenate": 1},
    {"MultiHeadAttention": {"num_heads": 2, "key_dim": 2}}, "Attention", "AdditiveAttention", "ops.matmul",
    "ops.multiply",
    {"GroupQueryAttention": {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 1}}, "ops.stack", "ops.hstack",
    {"ops.einsum": {"subscripts": "bij,bkj->bik"}}, {"ops.concatenate": {"axis": -1}}, "ops.subtract", "ops.dot",
    "ops.maximum",
    {"ops.where": {}}, {"Bidirectional": {"GRU": 2}}, {"ops.take": {"axis": 1}}, {"ops.tensordot": {"axes": 1}},
    {"Dense": 2},
)  # fmt: skip

BLOCKS: dict[str, Any] = {
    "inner": {
        "parameters": [{"size": 3}],
        "layers": [{"Conv2D": {"filters": "$size", "kernel_size": 3}}, {"Dense": "$size"}],
    },
    "joint": {
        "inputs": ["one", "two"],
        "layers": [{"Concatenate": {"from": ["one", "two"]}}, {"Dense": "$one.channels"}],
    },
    "sized": [{"Dense": {"units": "$input.channels", "name": "same"}}, {"Reshape": ["$input.length", 2]}],
    "recurrent": [{"LSTM": {"units": 2, "return_sequences": True}}, {"Add": {"from": ["previous", "input"]}}],
}
SHAPES: tuple[list[int | None], ...] = (
    [8], [4], [1], [5, 4], [6, 3], [None, 4], [6, 6, 2], [8, 8, 1], [None, None, 3], [4, 4, 4, 2], [3, 6, 6, 2],
    [2, 2, 2, 2, 2],
)  # fmt: skip
NUMBERS = (-2, -1, 0, 1, 1, 2, 2, 3, 4, 8)


class Misfit:
    """Draws one model."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.names: list[str] = []

    def config(self) -> dict[str, Any]:
        draw = self.draw
        inputs = {name: list(draw.choice(SHAPES)) for name in ("first", "second")[: draw.choice([1, 1, 1, 2])]}
        self.names = list(inputs)
        layers: list[Any] = []
        if len(inputs) > 1:
            layers = [{"Identity": {"from": "first"}}, self.joining(["previous", "second"])]
        layers += [self.step() for _ in range(draw.randint(1, 5))]
        if draw.random() < 0.4:
            layers.append("Flatten")
        model: dict[str, Any] = {"inputs": inputs, "layers": layers}
        if draw.random() < 0.5:
            model["outputs"] = {"Dense": 3}
        called = {
            name: BLOCKS[name] for name in BLOCKS if any(isinstance(layer, dict) and name in layer for layer in layers)
        }
        return {"data": {"source": {"sklearn": "digits"}}, "blocks": called, "model": model}

    def step(self) -> Any:
        draw = self.draw
        kind = draw.random()
        if kind < 0.45:
            return self.named(draw.choice(USUAL))
        if kind < 0.6:
            return self.joining(
                ["previous", *(draw.choice([*self.names, "previous"]) for _ in range(draw.choice([1, 1, 2])))]
            )
        if kind < 0.7:
            name = draw.choice(list(BLOCKS))
            words = {"from": ["previous", draw.choice(self.names)]} if name == "joint" else {}
            return {name: words}
        return self.named(self.drawn(draw.choice(("layers", "layers", "ops"))))

    def joining(self, sources: list[str]) -> Any:
        return self.named(self.draw.choice(JOINED), **{"from": sources})

    def named(self, step: Any, **words: Any) -> Any:
        """With a name at times, so that later steps can read it, and called on what is not the step above at times."""
        draw = self.draw
        if draw.random() < 0.3:
            self.names.append(f"s{len(self.names)}")
            words["name"] = self.names[-1]
        if not words:
            return step
        if isinstance(step, str):
            return {step: words}
        ((name, given),) = step.items()
        component = next(filter(None, (catalogue.find(slot, name) for slot in ("layers", "ops"))), None)
        first = catalogue.first_parameter(component) if component else None
        if first is not None and (not isinstance(given, dict) or any(key[:1].isupper() for key in given)):
            given = {first.name: given}
        return {name: {**given, **words}}

    def drawn(self, slot: str) -> Any:
        """Any name of the catalogue, with what it must be given and some of what it may."""
        draw = self.draw
        name = draw.choice([name for name in catalogue.names(slot) if catalogue.judge(slot, name) is None])
        component = catalogue.find(slot, name)
        assert component is not None
        given: dict[str, Any] = {}
        for parameter in component.parameters:
            tensor = slot == "ops" and catalogue.is_tensor(component, parameter)
            refused = catalogue.judge(component.slot, component.name, parameter.name) is not None
            words = parameter.name in ("name", "trainable", "dtype")
            if refused or tensor or words or not (parameter.required or draw.random() < 0.25):
                continue
            value = self.value(component, parameter)
            if value is not None:
                given[parameter.name] = value
        return {name: given} if given else name

    def value(self, component: Component, parameter: Parameter) -> Any:
        draw = self.draw
        family = catalogue.slot_of(component.slot, component.name, parameter.name)
        if family == "layers":
            return draw.choice([{"Dense": 2}, {"LSTM": 2}, {"LSTMCell": 2}, [{"GRUCell": 2}], {"Conv2D": 2}, "Flatten"])
        if family is not None:
            return {"activations": "relu", "initializers": "ones", "regularizers": "L2"}.get(family)
        match parameter.kind:
            case "integer":
                return draw.choice(NUMBERS)
            case "number":
                return draw.choice([0.5, -1, 0, 1, 2.5])
            case "boolean":
                return draw.choice([True, False])
            case "integers" | "shape":
                return draw.choice([2, *([draw.choice(NUMBERS) for _ in range(count)] for count in (1, 2, 2, 3, 4))])
            case "string":
                return draw.choice(
                    ["same", "valid", "channels_first", "bilinear", "mean", "sum", "ij", "bij->bji", "x"]
                )
            case "dtype" | "policy":
                return draw.choice(["float32", "int32", "bool"])
        return 0.5 if parameter.required else None
