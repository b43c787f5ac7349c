"""Dense and Embedding: the last axis made, or made anew."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total


def matrix(call: Call, rows: Size, columns: Size) -> Size:
    """A matrix of weights, with the two thin ones of LoRA where `lora_rank` asks for them."""
    rank = call.size("lora_rank") if call.arguments.get("lora_rank") else 0
    return total(product(rows, columns), product(rows, rank), product(rank, columns))


def _dense_weights(call: Call) -> Size:
    units = call.size("units")
    return total(matrix(call, call.shape[-1], units), units if call.flag("use_bias") else 0)


@layer("Dense", weights=_dense_weights)
def _dense(call: Call) -> Shape:
    units = call.size("units")
    if not call.shape:
        raise ShapeError("Dense needs rows of rank 1 or more; got ()", "put a Flatten or Reshape: [1] before it")
    return (*call.shape[:-1], units)


def _embedding_weights(call: Call) -> Size:
    return matrix(call, call.size("input_dim"), call.size("output_dim"))


@layer("Embedding", weights=_embedding_weights)
def _embedding(call: Call) -> Shape:
    call.size("input_dim")
    return (*call.shape, call.size("output_dim"))
