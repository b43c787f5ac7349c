"""Attention: a query that looks at values by their keys."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import Output, layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total


def _query_value_key(call: Call) -> tuple[Shape, Shape, Shape]:
    """The three inputs, where the value is its own key unless there is a third; ranks and lengths checked."""
    query, value, key = (*call.shapes, call.shapes[1])[:3]
    if min(len(query), len(value), len(key)) < 2 or len({len(query), len(value), len(key)}) > 1:
        raise ShapeError(
            f"{call.name} needs query, value and key of one rank, 2 or more (time, features); got "
            + ", ".join(str(shape) for shape in call.shapes),
            "keep the axis of time (return_sequences: true, no Flatten), or add one with Reshape",
        )
    if any(_differ(i, j) for i, j in zip(value[:-1], key[:-1], strict=True)):
        raise ShapeError(f"{call.name}: value {value} and key {key} must be equal but for their last axis")
    return query, value, key


def _differ(first: Size, second: Size) -> bool:
    return first is not None and second is not None and first != second


def _output_features(call: Call) -> tuple[Size, ...]:
    """The last axes of a multi-head attention: those of the query, unless `output_shape` names others."""
    value = call.arguments.get("output_shape")
    if not value and not isinstance(value, bool):
        return (call.shape[-1],)
    return call.sizes("output_shape", len(value) if isinstance(value, list | tuple) else 1)


def _multi_head_weights(call: Call) -> Size:
    query, value, key = (shape[-1] for shape in _query_value_key(call))
    heads, features = call.size("num_heads"), _output_features(call)
    key_width = product(heads, call.size("key_dim"))
    value_width = product(heads, call.size("value_dim" if call.arguments.get("value_dim") else "key_dim"))
    matrices = [(query, key_width), (key, key_width), (value, value_width), (value_width, product(*features))]
    if call.flag("use_gate"):
        matrices.append((query, value_width))
    return total(
        *(product(*matrix) for matrix in matrices),
        *(width for _, width in matrices if call.flag("use_bias")),
    )


@layer("MultiHeadAttention", weights=_multi_head_weights, inputs=(2, 3))
def _multi_head(call: Call) -> Output:
    query, value, _ = _query_value_key(call)
    heads, _ = call.size("num_heads"), call.size("key_dim")
    call.size("value_dim")
    if call.arguments.get("attention_axes") is not None:
        attended = {axis % (len(query) + 1) for axis in call.axes("attention_axes")}
        for axis in range(1, len(query)):
            if axis not in attended and _differ(query[axis - 1], value[axis - 1]):
                raise ShapeError(
                    f"MultiHeadAttention: axis {axis} of query {query} and value {value} differs, and is "
                    f"not one of attention_axes {sorted(attended)}",
                    "attend along that axis too, or make it equal",
                )
    output = (*query[:-1], *_output_features(call))
    if not call.flag("return_attention_scores"):
        return output
    return [output, (heads, query[0], value[0])] if len(query) == 2 else None


def _scales(call: Call) -> Size:
    return call.flag("use_scale") + (call.arguments.get("score_mode") == "concat")


def _additive_scales(call: Call) -> Size:
    return call.shape[-1] if call.flag("use_scale") else 0


def _attention(call: Call) -> Output:
    query, value, key = _query_value_key(call)
    if _differ(query[-1], key[-1]):
        raise ShapeError(
            f"{call.name}: query {query} and key {key} need last axes of one size",
            "put a Dense on one of them, or use MultiHeadAttention",
        )
    output = (*query[:-1], value[-1])
    return [output, (*query[:-1], key[-2])] if call.flag("return_attention_scores") else output


layer("Attention", weights=_scales, inputs=(2, 3))(_attention)
layer("AdditiveAttention", weights=_additive_scales, inputs=(2, 3))(_attention)
