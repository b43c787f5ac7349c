"""Configs that a grammar of the language writes: any graph that its words allow, most of them right."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

Steps = list[Any]

# What a step may be, by the rank of its rows; the rank stays.
KEPT: dict[int, tuple[Any, ...]] = {
    1: (
        {"Dense": 8}, {"Dense": {"units": "$width", "activation": "relu"}}, {"Dropout": "$rate"}, "BatchNormalization",
        {"Dense": {"units": "$(width * 2 + 1)", "kernel_regularizer": {"L2": 0.001}}}, {"ops.add": 0.5}, "ops.relu",
        {"Dense": {"units": "$previous.channels"}}, {"Activation": "gelu"}, "LayerNormalization",
        {"ops.multiply": "$rate"},
        {"SpectralNormalization": {"Dense": 4}},
    ),
    2: (
        {"LSTM": {"units": 4, "return_sequences": True}},
        {"Conv1D": {"filters": "$width", "kernel_size": 3, "padding": "same"}},
        {"Dense": "$input.channels"}, {"Bidirectional": {"GRU": {"units": 3, "return_sequences": True}}},
        "LayerNormalization",
        {"TimeDistributed": {"Dense": {"units": 5, "activation": "relu"}}}, "position_embedding", {"ops.softmax": -1},
        {"MultiHeadAttention": {"num_heads": 2, "key_dim": 2, "from": ["previous", "previous"]}},
    ),
    3: (
        {"Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same"}},
        {"SeparableConv2D": {"filters": "$width", "kernel_size": 1}},
        {"DepthwiseConv2D": {"kernel_size": 3, "padding": "same"}}, "BatchNormalization", {"ops.maximum": 0.0},
        "residual_like",
        {"Conv2D": {"filters": "$(min(width, 4))", "kernel_size": 1, "activation": {"leaky_relu": 0.1}}},
        {"Conv2D": {"filters": "$(previous.channels + 1)", "kernel_size": [3, 1], "padding": "same"}},
    ),
}  # fmt: skip

# A way from one rank to another.
TURNED: dict[tuple[int, int], tuple[Any, ...]] = {
    (1, 2): ({"Reshape": [-1, 1]}, {"RepeatVector": 3}),
    (1, 3): ({"Reshape": [-1, 1, 1]}, {"Reshape": ["$previous.channels", 1, 1]}),
    (2, 1): ("GlobalAveragePooling1D", "Flatten", {"GRU": 4}, {"ops.mean": {"axis": 1}}),
    (2, 3): ({"ops.expand_dims": -1}, {"Reshape": ["$previous.length", "$previous.channels", 1]}),
    (3, 1): ("GlobalMaxPooling2D", "Flatten", {"ops.max": {"axis": [1, 2]}}),
    (3, 2): ({"Reshape": [-1, "$previous.channels"]}, {"Reshape": ["$(previous.height * previous.width)", -1]}),
}  # fmt: skip

DATA: tuple[tuple[dict[str, Any], int], ...] = (
    ({"source": {"sklearn": "digits"}}, 3),
    ({"source": {"sklearn": "digits"}, "split": {"validation": 0.1, "test": "$(rate / 2)"}}, 3),
    ({"source": {"sklearn": "wine"}, "split": {"validation": "$(1 / 5)"}}, 1),
    ({"source": {"sklearn": "iris"}, "split": {"validation": 0.2}}, 1),
)

LIKE_RESIDUAL = {
    "parameters": [{"size": 3}],
    "layers": [
        {"Conv2D": {"filters": "$input.channels", "kernel_size": "$size", "padding": "same", "name": "inner"}},
        {"Add": {"from": ["previous", "input"]}},
    ],
}


class Inventor:
    """Draws one config."""

    def __init__(self, draw: random.Random) -> None:
        self.draw = draw
        self.blocks: dict[str, Any] = {}
        self.ranks: dict[str, int] = {}  # of the blocks
        self.count = 0

    def config(self) -> dict[str, Any]:
        draw = self.draw
        data, rank = draw.choice(DATA)
        for _ in range(draw.randint(0, 2)):
            self.block()
        layers, rank = self.steps(rank, draw.randint(1, 6), named=True)
        if rank != 1:
            layers.append(self.turned(rank, 1))
        model: dict[str, Any] = {"layers": layers}
        if draw.random() < 0.5:
            model["outputs"] = {"Dense": {"units": "$data.num_classes", "activation": "softmax"}}
        if draw.random() < 0.2:
            model["losses"] = {"small": {"ops.square": {"from": "previous"}}}
            layers.append({"Dense": {"units": 4, "name": "penalised"}})
            model["losses"]["small"]["ops.square"]["from"] = "penalised"
        written: dict[str, Any] = {
            "variables": {"width": draw.choice([4, 6, 8]), "rate": 0.25, "deep": "$(width // 2)", "many": [2, 3]},
            "data": dict(data),
            "model": model,
        }
        used = {
            name for name in self.blocks if _calls(layers, name) or any(_calls(b, name) for b in self.blocks.values())
        }
        if used:
            written["blocks"] = {name: self.blocks[name] for name in self.blocks if name in used}
        if draw.random() < 0.4:
            written["compile"] = {"optimizer": {draw.choice(["Adam", "SGD"]): {"learning_rate": "$(rate / 100)"}}}
        if draw.random() < 0.4:
            written["fit"] = {"epochs": "$deep", "callbacks": [{"EarlyStopping": {"patience": 2}}]}
        if draw.random() < 0.2:
            written["extends"] = draw.choice(["unet", "sequences", ["residual", "mixer"]])
        variables = written["variables"]
        for name in ("many", "rate", "deep", "width"):  # one that nothing reads is a mistake; `deep` reads `width`
            others = {**written, "variables": {other: value for other, value in variables.items() if other != name}}
            if not re.search(rf"\$[^'\"]*\b{name}\b", str(others)):
                del variables[name]
        return copy.deepcopy(written)

    def name(self) -> str:
        self.count += 1
        return f"{self.draw.choice(['encoder', 'branch', 'skip', 'part'])}_{self.count}"

    def turned(self, before: int, after: int) -> Any:
        return copy.deepcopy(self.draw.choice(TURNED[before, after]))

    def plain(self, rank: int) -> Any:
        """A step that keeps the rank."""
        step = copy.deepcopy(self.draw.choice(KEPT[rank]))
        if step == "residual_like":
            self.blocks["residual_like"] = LIKE_RESIDUAL
            self.ranks["residual_like"] = 3
        return step

    def block(self) -> None:
        """A block that keeps the rank of its rows, with parameters, and with two inputs at times."""
        draw, name = self.draw, self.name()
        rank = draw.choice([1, 2, 3])
        layers, after = self.steps(rank, draw.randint(1, 3), named=False)
        if after != rank:
            layers.append(self.turned(after, rank))
        unit = {"Dense": {"units": "$size"}} if draw.random() < 0.5 else {"Dense": "$(size + input.channels)"}
        body: dict[str, Any] = {"parameters": draw.choice([["size"], [{"size": 3}]]), "layers": [*layers, unit]}
        if draw.random() < 0.3:
            body["inputs"] = ["input", "other"]
            body["layers"].append({"Concatenate": {"from": ["previous", "other"]}})
            body["layers"].insert(0, {"Activation": {"activation": "relu", "from": "other", "name": "seen"}})
            body["layers"].insert(1, {"Activation": {"activation": "relu", "from": "input"}})
            if rank != 1 or after != rank or len(layers) > 1:
                body["layers"] = [*body["layers"][:2], unit, {"Concatenate": {"from": ["previous", "other"]}}]
        self.blocks[name], self.ranks[name] = body, rank

    def steps(self, rank: int, count: int, *, named: bool) -> tuple[Steps, int]:
        """Steps, each with words of ours at times, and the rank of the last one's rows."""
        made: Steps = []
        for _ in range(count):
            kind = self.draw.random()
            if kind < 0.25 and rank in self.ranks.values():
                made.append(self.call(rank))
            elif kind < 0.4:
                after = self.draw.choice([other for other in (1, 2, 3) if other != rank])
                made.append(self.turned(rank, after))
                rank = after
            elif kind < 0.5:
                made += self.side_by_side(rank)
            elif kind < 0.6 and named:
                made += self.passed_by(rank)
            elif kind < 0.66 and rank == 1 and named:
                made += self.shared()
            elif kind < 0.7 and rank == 1:
                made += [
                    {"Variable": {"shape": [4], "name": (name := self.name())}},
                    {"Dense": {"units": 4, "from": name}},
                ]
                made[-2:] = self.joined(made[-2:])
            else:
                made.append(self.with_words(self.plain(rank)))
        return made, rank

    def joined(self, steps: Steps) -> Steps:
        """A variable beside the step above, which needs a name."""
        name = self.name()
        variable = _with(steps[0], name=self.name())
        return [
            {"Dense": {"units": 4, "name": name}},
            variable,
            {"Add": {"from": [name, variable["Variable"]["name"]]}},
        ]

    def with_words(self, step: Any) -> Any:
        match self.draw.randrange(8):
            case 0:
                return _with(step, repeat=self.draw.choice([1, 2, 3, "$(deep - 1)"]))
            case 1:
                return _with(step, **{"if": self.draw.choice([True, "$(width > 4)", "$(not (width == 6))"])})
            case 2:
                return _with(step, name=self.name())
            case _:
                return step

    def call(self, rank: int) -> Any:
        name = self.draw.choice([name for name, of in self.ranks.items() if of == rank])
        words: dict[str, Any] = {
            "size": 3 if name == "residual_like" else self.draw.choice([2, "$width", "$(deep * 2)"])
        }
        if "inputs" in self.blocks[name]:
            words["from"] = self.draw.choice([["previous", "previous"], {"input": "previous", "other": "previous"}])
        elif self.draw.random() < 0.3 and name != "residual_like":
            words = {"repeat": {"size": self.draw.choice([[2, 3], [1, "$width"], "$many"])}}
        return {name: words}

    def side_by_side(self, rank: int) -> Steps:
        """`each`, and what joins its list."""
        arguments = {1: {"units": [2, 3]}, 2: {"units": [2, "$width"]}, 3: {"units": "$many"}}[rank]
        return [
            {"Dense": {"each": arguments, "name": (name := self.name())}},
            {"Concatenate": {"from": [f"{name}.0", f"{name}.1"]}},
        ]

    def passed_by(self, rank: int) -> Steps:
        """A skip past a step, from a name."""
        first, inner = self.name(), self.with_words(self.plain(rank))
        return [
            {"Activation": {"activation": "relu", "name": first}},
            inner,
            {"Concatenate": {"from": ["previous", first]}},
        ]

    def shared(self) -> Steps:
        """One layer, called twice, its inputs made alike before."""
        first, again = self.name(), self.name()
        return [
            {"Dense": {"units": 5}},
            {"Dense": {"units": 5, "name": first}},
            {first: {"name": again}},
            {"Add": {"from": [first, again]}},
        ]


def _with(step: Any, **words: Any) -> dict[str, Any]:
    """A step with further words inside it."""
    if isinstance(step, str):
        return {step: words}
    ((name, given),) = step.items()
    if not isinstance(given, dict) or (len(given) == 1 and next(iter(given))[:1].isupper()):
        first = {
            "Dense": "units", "Dropout": "rate", "Activation": "activation", "ops.add": "x2", "ops.multiply": "x2",
            "ops.maximum": "x2", "ops.softmax": "axis", "Reshape": "target_shape", "SpectralNormalization": "layer",
            "Bidirectional": "layer", "TimeDistributed": "layer",
        }[name]  # fmt: skip
        given = {first: given}
    return {name: {**given, **words}}


def _calls(data: Any, name: str) -> bool:
    if isinstance(data, dict):
        return name in data or any(_calls(item, name) for item in data.values())
    return any(_calls(item, name) for item in data) if isinstance(data, list) else data == name
