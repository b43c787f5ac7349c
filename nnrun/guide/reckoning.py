"""The arithmetic of an example: the rule of the textbook, its numbers, and the result that nnrun reckons with.

The results come from `model.arithmetic`; here is only how a person would write them down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from nnrun.model import arithmetic
from nnrun.model.shapes import Row, complete

Shape = tuple[int | None, ...]
NOTES = {
    "output size": "n: size before, f: size of the window, s: stride, p: padding at each end; [ ] rounds down",
    "receptive field": "r: the field before this layer, j: the strides before it, multiplied",
}
_CONV = re.compile(r"(Separable|Depthwise)?Conv(LSTM)?(\d)D(Transpose)?")


@dataclass(frozen=True)
class Line:
    """One result: its rule in letters, the numbers that stand for the letters, and what comes out."""

    what: str
    rule: str
    values: Mapping[str, int | float]
    result: int
    floor: bool = False  # rounded down, which the notes write as [ ]

    @property
    def numbers(self) -> str:
        """The rule with its numbers."""
        return re.sub(r"[a-z]\w*", lambda letter: f"{self.values[letter[0]]:g}", self.rule)

    def __str__(self) -> str:
        left, right = (f"[{text}]" if self.floor else text for text in (self.rule, self.numbers))
        return f"{left} = {right} = {self.result:,}".replace(" * ", "·").replace("2·p", "2p")


def covers(layer: str) -> bool:
    """Whether there is a rule for the layer."""
    return layer in _RULES or bool(_CONV.fullmatch(layer)) or "Pooling" in layer


def lines(row: Row, shape: Shape) -> list[Line]:
    """What can be reckoned by hand of one layer called on rows of `shape`; nothing for a layer without a rule."""
    found = [*_sizes(row, shape)]
    parameters = _parameters(row, shape)
    return [*found, parameters] if parameters else found


def _sizes(row: Row, shape: Shape) -> Iterator[Line]:
    """The length of the first axis of space, and how far one value of the output sees."""
    arguments = complete(row.spec)
    windows = arithmetic.receptive(row.layer, arguments)
    n, result = shape[0] if shape else None, row.shape[0] if isinstance(row.shape, tuple) and row.shape else None
    if windows and n is not None and result is not None:
        f, s = windows[0].kernel or 1, windows[0].stride or 1
        if windows[0].transposed:
            yield Line("output size", "(n - 1) * s + f", {"n": n, "s": s, "f": f}, result)
            return
        rule = "1 + (n + 2 * p - f) / s"
        yield Line("output size", rule, {"n": n, "p": 0, "f": f, "s": s}, result, floor=True)
        if s == 1:
            same = arithmetic.window(n, f, s, "same") or 0
            yield Line("with padding: same", rule, {"n": n, "p": (f - 1) / 2, "f": f, "s": s}, same, floor=True)
        yield Line("receptive field", "r + (f - 1) * j", {"r": 1, "f": f, "j": 1}, f)


def _parameters(row: Row, shape: Shape) -> Line | None:
    """The weights by formula; None where there is none, or where an axis is not known."""
    if not row.parameters:
        return None
    given = {key: value for key, value in complete(row.spec).items() if isinstance(value, int)}
    values: dict[str, int | None] = {
        **given,
        "features": shape[-1] if shape else 1,
        "channels": shape[-1] if shape else 1,
    }
    values["values"] = prod(size or 0 for size in shape)
    windows = complete(row.spec).get("kernel_size")
    values["f"] = windows if isinstance(windows, int) else windows[0] if windows else 0
    rule = _convolution(row.layer) or _RULES.get(row.layer, "")
    letters = set(re.findall(r"[a-z]\w*", rule))
    known = {letter: value for letter in letters if (value := values.get(letter)) is not None}
    return Line("parameters", rule, known, row.parameters) if rule and len(known) == len(letters) else None


def _convolution(layer: str) -> str:
    found = _CONV.fullmatch(layer)
    if found is None:
        return ""
    kind, recurrent, rank, _ = found.groups()
    window = " * ".join("f" * int(rank))
    if recurrent:
        return f"4 * ({window} * (channels + filters) + 1) * filters"
    if kind == "Depthwise":
        return f"({window} + 1) * channels * depth_multiplier"
    if kind == "Separable":
        return f"{window} * channels * depth_multiplier + channels * depth_multiplier * filters + filters"
    return f"({window} * channels + 1) * filters"


# With the arguments of the examples, which are Keras' defaults.
_RULES = {
    "Dense": "(features + 1) * units",
    "Embedding": "input_dim * output_dim",
    "SimpleRNN": "(features + units + 1) * units",
    "LSTM": "4 * (features + units + 1) * units",
    "GRU": "3 * (features + units + 2) * units",
    "BatchNormalization": "4 * features",
    "LayerNormalization": "2 * features",
    "GroupNormalization": "2 * features",
    "PReLU": "values",
    "MultiHeadAttention": ("3 * (features + 1) * num_heads * key_dim + (num_heads * key_dim + 1) * features"),
}
