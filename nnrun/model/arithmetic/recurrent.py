"""Recurrent layers, and the wrapper that runs one of them in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.spec import Spec
from nnrun.model.arithmetic.call import SPACE, Call, need
from nnrun.model.arithmetic.registry import Output, covers, layer, output_shape, parameters
from nnrun.model.arithmetic.shape import Shape, ShapeError, Size, product, total
from nnrun.model.arithmetic.window import kernel_windows, slide

GATES = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}
CONVOLUTIONAL = ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
SEQUENCE = "put return_sequences: true on the recurrent layer above it, or a Reshape before it"


def _returns(call: Call, state: Shape, states: int) -> Shape | list[Shape]:
    output = (call.shape[0], *state) if call.flag("return_sequences") else state
    return [output, *[state] * states] if call.flag("return_state") else output


def _recurrent_weights(call: Call) -> Size:
    units, gates = call.size("units"), GATES[call.name]
    # GRU with reset_after keeps a bias for the input and one for the state.
    biases = (2 if call.flag("reset_after") else 1) if call.flag("use_bias") else 0
    return total(product(call.shape[-1], units, gates), product(units, units, gates), product(units, gates, biases))


@layer(*GATES, weights=_recurrent_weights, inputs=(1, None))
def _recurrent(call: Call) -> Shape | list[Shape]:
    units = call.size("units")
    need(call.name, call.shape, ("time", "features"), SEQUENCE if len(call.shape) < 2 else "")
    return _returns(call, (units,), 2 if call.name == "LSTM" else 1)


def _convolutional_weights(call: Call) -> Size:
    filters = call.size("filters")
    channels = call.shape[1 if call.channels_first else -1]
    kernel = product(*call.sizes("kernel_size", call.rank), filters, 4)
    bias = product(filters, 4) if call.flag("use_bias") else 0
    return total(product(kernel, channels), product(kernel, filters), bias)


@layer(*CONVOLUTIONAL, weights=_convolutional_weights, inputs=(1, None))
def _convolutional(call: Call) -> Shape | list[Shape]:
    names = SPACE[call.rank]
    axes = ("channels", *names) if call.channels_first else (*names, "channels")
    need(call.name, call.shape, ("time", *axes), "put a Reshape before it")
    windows = kernel_windows(call)
    space, _ = call.space(call.shape[1:])
    state = call.row(slide(call.name, "kernel_size", space, windows), call.size("filters"))
    return _returns(call, state, 2)


def _directions(call: Call) -> tuple[Spec, Mapping[str, Any]] | None:
    """The layer that runs forward, and the arguments of the one that runs backward; None if unknown."""
    forward, backward = call.arguments.get("layer"), call.arguments.get("backward_layer")
    if not isinstance(forward, Spec) or not covers(forward.name):
        return None
    if forward.name not in (*GATES, *CONVOLUTIONAL):
        raise ShapeError(f"Bidirectional runs a recurrent layer; got {forward.name}", "wrap LSTM, GRU or SimpleRNN")
    if backward is None:
        return forward, forward.arguments
    return (forward, backward.arguments) if getattr(backward, "name", "") == forward.name else None


def _bidirectional_weights(call: Call) -> Size:
    found = _directions(call)
    if found is None:
        return None
    forward, backward = found
    both = (parameters(forward.name, arguments, call.shapes) for arguments in (forward.arguments, backward))
    return total(*both)


@layer("Bidirectional", weights=_bidirectional_weights, inputs=(1, None))
def _bidirectional(call: Call) -> Output:
    mode = call.arguments.get("merge_mode")
    if mode is not None:
        call.word("merge_mode", ("concat", "sum", "ave", "mul"))
    found = _directions(call)
    if found is None:
        return None
    forward, backward = found
    one = output_shape(forward.name, forward.arguments, call.shapes)
    if one is None or output_shape(forward.name, backward, call.shapes) != one:
        return None
    output, states = (one[0], one[1:]) if isinstance(one, list) else (one, [])
    if mode is None:
        return [output, output, *states, *states]
    if mode == "concat":
        output = (*output[:-1], product(output[-1], 2))
    return [output, *states, *states] if states else output
