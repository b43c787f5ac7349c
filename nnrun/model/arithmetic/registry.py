"""The rules by layer: which names the arithmetic covers, and the three questions that can be asked of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.operations import OPERATIONS
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size

Output = Shape | list[Shape] | None
ShapeRule = Callable[[Call], Output]
WeightRule = Callable[[Call], Size]


@dataclass(frozen=True)
class Rule:
    """How to reckon one layer; `least` and `most` bound its number of input tensors (None: no bound)."""

    shape: ShapeRule
    weights: WeightRule | None
    least: int
    most: int | None


RULES: dict[str, Rule] = {}


def layer(
    *names: str, weights: WeightRule | None = None, inputs: tuple[int, int | None] = (1, 1)
) -> Callable[[ShapeRule], ShapeRule]:
    """Make a function the shape rule of the named layers; without `weights` they have none."""

    def keep(rule: ShapeRule) -> ShapeRule:
        RULES.update({name: Rule(rule, weights, *inputs) for name in names})
        return rule

    return keep


def covers(name: str) -> bool:
    """Whether the arithmetic knows the layer or function at all."""
    return name in OPERATIONS or name in RULES


def output_shape(name: str, arguments: Mapping[str, Any], shapes: Sequence[Shape | None]) -> Output:
    """The shape of a layer's rows, a list of shapes where it returns several tensors.

    `arguments` are all of the layer's parameters with their defaults; a wrapped layer is a `Spec`. `shapes`
    holds one row shape per input tensor. None is the answer for a layer beyond the arithmetic, and where
    the whole shape of an input is unknown. Raises ShapeError where Keras would refuse.
    """
    rule = RULES.get(name)
    if rule is None:
        return None
    _count(name, rule, len(shapes))
    known = _known(shapes)
    return None if known is None else rule.shape(Call(name, arguments, known))


def parameters(name: str, arguments: Mapping[str, Any], shapes: Sequence[Shape | None]) -> int | None:
    """The number of values in a layer's weights, trainable or not, as Keras' `count_params` gives it.

    None where it cannot be told: an unknown layer, an unknown axis that a weight needs, quantized weights.
    Raises ShapeError like `output_shape`.
    """
    rule = RULES.get(name)
    if rule is None:
        return None
    _count(name, rule, len(shapes))
    if rule.weights is None:
        return 0
    known = _known(shapes)
    if known is None or _quantized(arguments):
        return None
    call = Call(name, arguments, known)
    rule.shape(call)  # refuses what does not fit, so that a weight is never counted on a wrong rank
    return rule.weights(call)


def _count(name: str, rule: Rule, given: int) -> None:
    if rule.least <= given and (rule.most is None or given <= rule.most):
        return
    if rule.most is None:
        needs = f"{rule.least} or more tensors"
    elif rule.most == rule.least:
        needs = "one tensor" if rule.least == 1 else f"{rule.least} tensors"
    else:
        needs = f"{rule.least} to {rule.most} tensors"
    if given < rule.least:
        hint = "name what it is called on: from: [first, second]"
    else:
        hint = "join them before it, with Concatenate or Add"
    raise ShapeError(f"{name} is called on {needs}; got {given}", hint)


def _known(shapes: Sequence[Shape | None]) -> tuple[Shape, ...] | None:
    known = tuple(tuple(shape) for shape in shapes if shape is not None)
    return known if len(known) == len(shapes) else None


def _quantized(arguments: Mapping[str, Any]) -> bool:
    """Quantized layers pack their weights and keep scales beside them: a count of another kind."""
    policy = arguments.get("dtype")
    kinds = ("int4", "int8", "float8", "gptq", "awq")
    packed = isinstance(policy, str) and policy.startswith(kinds)
    return packed or arguments.get("quantization_config") is not None
