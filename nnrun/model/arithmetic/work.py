"""The work of a layer: the multiply-adds that one row costs, a multiplication and the addition of its product.

Counted are products with weights and of tensors with each other: convolutions, dense and recurrent layers, attention,
`ops.matmul` and its kin. What goes over each value once (activations, normalizations, sums) counts as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nnrun.config.spec import Spec
from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.operations import Operation, UnknownError
from nnrun.model.arithmetic.product_operations import einsum_sizes
from nnrun.model.arithmetic.recurrent import CONVOLUTIONAL, GATES
from nnrun.model.arithmetic.registry import Output, covers, output_shape
from nnrun.model.arithmetic.shape import Shape, Size, product, total

WorkRule = Callable[[Operation, Shape], Size]
_RULES: dict[str, WorkRule] = {}


def _work(*names: str) -> Callable[[WorkRule], WorkRule]:
    def keep(rule: WorkRule) -> WorkRule:
        _RULES.update(dict.fromkeys(names, rule))
        return rule

    return keep


def multiply_adds(name: str, arguments: Mapping[str, Any], shapes: Sequence[Shape | None], output: Output) -> Size:
    """The multiply-adds of one row; None where they are not known.

    `arguments` and `shapes` are those of `output_shape` (of `result` for a function of ops), `output` is its answer.
    """
    rule = _RULES.get(name)
    if rule is None:
        return 0 if covers(name) else None
    first = output[0] if isinstance(output, list) else output
    if first is None or any(shape is None for shape in shapes):
        return None
    known = tuple(shape for shape in shapes if shape is not None)
    try:
        return rule(Operation(name, arguments, known), first)
    except UnknownError:
        return None


def _kernel(call: Call) -> Size:
    return product(*call.sizes("kernel_size", call.rank))


@_work("Conv1D", "Conv2D", "Conv3D")
def _convolution(call: Call, output: Shape) -> Size:
    channels, groups = call.space()[1], call.size("groups")
    seen = None if channels is None or groups is None else channels // groups
    return product(*output, _kernel(call), seen)


@_work("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def _transposed(call: Call, output: Shape) -> Size:  # noqa: ARG001 - it steps over the input
    return product(*call.shape, _kernel(call), call.size("filters"))


@_work("DepthwiseConv1D", "DepthwiseConv2D")
def _depthwise(call: Call, output: Shape) -> Size:
    return product(*output, _kernel(call))


@_work("SeparableConv1D", "SeparableConv2D")
def _separable(call: Call, output: Shape) -> Size:
    deep = product(call.space()[1], call.size("depth_multiplier"))
    places = product(*call.space(output)[0])
    return total(product(places, deep, _kernel(call)), product(places, deep, call.size("filters")))


@_work("Dense")
def _dense(call: Call, output: Shape) -> Size:
    return product(call.shape[-1], *output)


@_work(*GATES)
def _recurrent(call: Call, output: Shape) -> Size:  # noqa: ARG001 - the last step costs like all of them
    units = call.size("units")
    return product(call.shape[0], total(call.shape[-1], units), units, GATES[call.name])


@_work(*CONVOLUTIONAL)
def _convolutional(call: Call, output: Shape) -> Size:
    state = output[1:] if call.flag("return_sequences") else output
    channels = call.space(call.shape[1:])[1]
    return product(call.shape[0], *state, _kernel(call), total(channels, call.size("filters")), 4)


@_work("Bidirectional")
def _bidirectional(call: Call, output: Shape) -> Size:  # noqa: ARG001 - of both directions together
    forward = call.arguments.get("layer")
    backward = call.arguments.get("backward_layer") or forward
    return total(*(_inner(spec, call.shape) for spec in (forward, backward)))


@_work("TimeDistributed")
def _time_distributed(call: Call, output: Shape) -> Size:  # noqa: ARG001 - of every step
    return product(call.shape[0], _inner(call.arguments.get("layer"), call.shape[1:]))


def _inner(spec: Any, shape: Shape) -> Size:
    if not isinstance(spec, Spec):
        return None
    return multiply_adds(spec.name, spec.arguments, [shape], output_shape(spec.name, spec.arguments, [shape]))


@_work("MultiHeadAttention")
def _multi_head(call: Call, output: Shape) -> Size:
    query, value, key = call.shapes[0], call.shapes[1], call.shapes[-1] if len(call.shapes) > 2 else call.shapes[1]
    if call.arguments.get("attention_axes") is not None and len(query) > 2:
        return None
    heads, key_dim = call.size("num_heads"), call.size("key_dim")
    keys = product(heads, key_dim)
    values = product(heads, call.size("value_dim") if call.arguments.get("value_dim") else key_dim)
    asking, asked = product(*query[:-1]), product(*key[:-1])
    return total(
        product(*query, keys, 1),
        product(*key, keys),
        product(*value, values),
        product(asking, asked, keys),  # every place asks every other
        product(asking, asked, values),
        product(values, *output),
        product(*query, values) if call.flag("use_gate") else 0,
    )


@_work("Attention", "AdditiveAttention")
def _attention(call: Call, output: Shape) -> Size:
    query, value = call.shapes[:2]
    return total(product(*query, value[-2]), product(*output, value[-2]))


@_work("Dot")
def _dot(call: Call, output: Shape) -> Size:
    axis = call.axes("axes")[0]
    return product(*output, call.shape[axis - 1 if axis > 0 else axis])


@_work("ops.matmul", "ops.dot")
def _product(call: Operation, output: Shape) -> Size:
    return product(*output, call.tensor("x1")[-1])


@_work("ops.einsum")
def _einsum(call: Operation, output: Shape) -> Size:
    if not output:
        return None
    sizes, letters = einsum_sizes(call)
    return product(*(size for letter, size in sizes.items() if letter != letters[:1]))


@_work("ops.dot_product_attention")
def _dot_product_attention(call: Operation, output: Shape) -> Size:
    length = call.tensor("key")[1]
    return product(*output, length, 2)
