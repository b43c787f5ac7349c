"""Shapes and counts done by hand, and the words of every refusal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from nnrun.config.references import parse
from nnrun.config.spec import Spec
from nnrun.model.arithmetic import (
    ShapeError,
    Window,
    covers,
    output_shape,
    parameters,
    receptive,
    window,
)

CONVOLUTION: dict[str, Any] = {
    "filters": 4,
    "kernel_size": 3,
    "strides": 1,
    "padding": "valid",
    "data_format": None,
    "dilation_rate": 1,
    "groups": 1,
    "use_bias": True,
}
POOLING: dict[str, Any] = {"pool_size": 2, "strides": None, "padding": "valid", "data_format": None}
LSTM: dict[str, Any] = {"units": 5, "use_bias": True, "return_sequences": False, "return_state": False}


def refused(name: str, arguments: dict[str, Any], *shapes: tuple[int | None, ...]) -> tuple[str, str]:
    with pytest.raises(ShapeError) as caught:
        output_shape(name, arguments, shapes)
    return caught.value.what, caught.value.hint


def test_arithmetic_window_counts_places() -> None:
    assert window(7, 3) == 5
    assert window(7, 3, stride=2) == 3
    assert window(7, 3, dilation=3) == 1
    assert window(7, 3, stride=2, padding="same") == 4
    assert window(7, 3, stride=3, padding="causal") == 3
    assert window(2, 3) == 0
    assert window(None, 3) is None
    assert window(7, None) is None
    assert window(7, None, stride=2, padding="same") == 4


def test_arithmetic_convolution_shape_and_parameters() -> None:
    assert output_shape("Conv2D", CONVOLUTION, [(8, 6, 2)]) == (6, 4, 4)
    assert parameters("Conv2D", CONVOLUTION, [(8, 6, 2)]) == 3 * 3 * 2 * 4 + 4
    first = CONVOLUTION | {"data_format": "channels_first", "use_bias": False}
    assert output_shape("Conv2D", first, [(2, 8, 6)]) == (4, 6, 4)
    assert parameters("Conv2D", first, [(2, 8, 6)]) == 3 * 3 * 2 * 4


def test_arithmetic_carries_unknown_axes() -> None:
    assert output_shape("Conv2D", CONVOLUTION, [(None, 6, None)]) == (None, 4, 4)
    assert parameters("Conv2D", CONVOLUTION, [(None, 6, None)]) is None
    assert parameters("Conv2D", CONVOLUTION, [(None, None, 2)]) == 76
    assert output_shape("Flatten", {}, [(None, 4)]) == (None,)
    assert output_shape("Dense", {"units": None, "use_bias": True}, [(3,)]) == (None,)
    assert parameters("Dense", {"units": None, "use_bias": True}, [(3,)]) is None


def test_arithmetic_carries_unknown_facts() -> None:
    classes = parse("$data.num_classes")
    assert output_shape("Dense", {"units": classes, "use_bias": True}, [(3,)]) == (None,)
    assert output_shape("Reshape", {"target_shape": [classes, 4]}, [(8,)]) == (None, 4)
    assert output_shape("Conv2D", CONVOLUTION | {"filters": classes}, [(8, 6, 2)]) == (6, 4, None)


def test_arithmetic_unknown_shape_gives_none() -> None:
    assert output_shape("Dense", {"units": 3, "use_bias": True}, [None]) is None
    assert parameters("Dense", {"units": 3, "use_bias": True}, [None]) is None
    assert parameters("Dropout", {"rate": 0.5}, [None]) == 0


def test_arithmetic_layer_beyond_it_gives_none() -> None:
    assert not covers("EinsumDense")
    assert output_shape("EinsumDense", {}, [(3,)]) is None
    assert parameters("EinsumDense", {}, [(3,)]) is None


def test_arithmetic_quantized_weights_are_not_counted() -> None:
    assert parameters("Dense", {"units": 3, "use_bias": True, "dtype": "int8_from_float32"}, [(4,)]) is None
    assert parameters("Dense", {"units": 3, "use_bias": True, "dtype": "float32"}, [(4,)]) == 15


def test_arithmetic_lora_adds_two_thin_matrices() -> None:
    assert parameters("Dense", {"units": 6, "use_bias": False, "lora_rank": 2}, [(4,)]) == 24 + 4 * 2 + 2 * 6


def test_arithmetic_recurrent_returns_states() -> None:
    states = LSTM | {"return_sequences": True, "return_state": True}
    assert output_shape("LSTM", states, [(7, 3)]) == [(7, 5), (5,), (5,)]
    assert output_shape("GRU", states, [(7, 3)]) == [(7, 5), (5,)]
    assert parameters("LSTM", LSTM, [(7, 3)]) == 4 * (3 * 5 + 5 * 5 + 5)


def test_arithmetic_bidirectional_joins_both_ways() -> None:
    inner = Spec("LSTM", LSTM | {"return_sequences": True})
    both = {"layer": inner, "merge_mode": "concat", "backward_layer": None}
    assert output_shape("Bidirectional", both, [(7, 3)]) == (7, 10)
    assert output_shape("Bidirectional", both | {"merge_mode": "sum"}, [(7, 3)]) == (7, 5)
    assert output_shape("Bidirectional", both | {"merge_mode": None}, [(7, 3)]) == [(7, 5), (7, 5)]
    assert parameters("Bidirectional", both, [(7, 3)]) == 2 * 180


def test_arithmetic_wrapper_of_an_unknown_layer_gives_none() -> None:
    wrapped = {"layer": Spec("my_block", {})}
    assert output_shape("TimeDistributed", wrapped, [(7, 3)]) is None
    assert parameters("TimeDistributed", wrapped, [(7, 3)]) is None
    assert output_shape("Bidirectional", wrapped | {"merge_mode": "concat"}, [(7, 3)]) is None


def test_arithmetic_attention_scores_have_both_lengths() -> None:
    arguments = {"num_heads": 2, "key_dim": 3, "use_bias": True, "return_attention_scores": True}
    assert output_shape("MultiHeadAttention", arguments, [(5, 4), (7, 6)]) == [(5, 4), (2, 5, 7)]


def test_arithmetic_receptive_windows() -> None:
    wide = CONVOLUTION | {"kernel_size": [3, 5], "padding": "SAME", "dilation_rate": 2}
    assert receptive("Conv2D", wide) == (Window(3, 1, 2, "same"), Window(5, 1, 2, "same"))
    assert receptive("MaxPooling1D", POOLING) == (Window(2, 2, 1, "valid"),)
    assert receptive("Conv1DTranspose", CONVOLUTION) == (Window(3, 1, 1, "valid", transposed=True),)
    assert receptive("Dense", {"units": 3}) is None


def test_arithmetic_wrong_rank_names_the_axes() -> None:
    assert refused("Conv2D", CONVOLUTION, (64,)) == (
        "Conv2D needs rows of rank 3 (height, width, channels); got (64,)",
        "put a Reshape before it, or use Dense",
    )
    assert refused("Conv2D", CONVOLUTION, (28, 28)) == (
        "Conv2D needs rows of rank 3 (height, width, channels); got (28, 28)",
        "add the axis of channels before it: Reshape: [28, 28, 1]",
    )
    assert refused("MaxPooling1D", POOLING, (8, 8, 3)) == (
        "MaxPooling1D needs rows of rank 2 (length, channels); got (8, 8, 3)",
        "put a Reshape before it, or wrap it in TimeDistributed",
    )
    assert refused("LSTM", LSTM, (5,)) == (
        "LSTM needs rows of rank 2 (time, features); got (5,)",
        "put return_sequences: true on the recurrent layer above it, or a Reshape before it",
    )


def test_arithmetic_window_that_does_not_fit() -> None:
    assert refused("Conv2D", CONVOLUTION | {"kernel_size": 5}, (3, 8, 1)) == (
        "Conv2D: kernel_size 5 does not fit into a height of 3 with padding='valid'",
        "write padding: same, a smaller kernel_size, or use fewer poolings or strides before it",
    )
    what, _ = refused("Conv1D", CONVOLUTION | {"dilation_rate": 2}, (4, 1))
    assert what == ("Conv1D: kernel_size 3 with dilation_rate 2 does not fit into a length of 4 with padding='valid'")
    what, _ = refused("AveragePooling2D", POOLING, (4, 1, 3))
    assert what == "AveragePooling2D: pool_size 2 does not fit into a width of 1 with padding='valid'"


@pytest.mark.parametrize(
    ("name", "arguments", "shapes", "what"),
    [
        ("Dense", {"units": 0}, [(3,)], "Dense: units must be a positive whole number; got 0"),
        ("Dense", {"units": True}, [(3,)], "Dense: units must be a positive whole number; got True"),
        ("Dense", {"units": 3}, [()], "Dense needs rows of rank 1 or more; got ()"),
        ("Dense", {"units": 3}, [(3,), (3,)], "Dense is called on one tensor; got 2"),
        (
            "Embedding",
            {"input_dim": 0, "output_dim": 2},
            [(3,)],
            "Embedding: input_dim must be a positive whole ",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"filters": -1},
            [(8, 8, 1)],
            "Conv2D: filters must be a positive whole number;",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"kernel_size": [3, 3, 3]},
            [(8, 8, 1)],
            "Conv2D: kernel_size must be a positive whole number, or a list of 2; got [3, 3, 3]",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"padding": "causal"},
            [(8, 8, 1)],
            "Conv2D: padding must be one of 'valid', 'same'; got 'causal'",
        ),
        (
            "Conv1D",
            CONVOLUTION | {"padding": "full"},
            [(8, 1)],
            "Conv1D: padding must be one of 'valid', 'same', 'causal'; got 'full'",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"data_format": "first"},
            [(8, 8, 1)],
            "Conv2D: data_format must be one of 'channels_last', 'channels_first'; got 'first'",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"strides": 2, "dilation_rate": [1, 2]},
            [(8, 8, 1)],
            "Conv2D: strides 2 and dilation_rate [1, 2] cannot both be above 1",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"groups": 3},
            [(8, 8, 3)],
            "Conv2D: groups 3 does not divide the 4 filters",
        ),
        (
            "Conv2D",
            CONVOLUTION | {"groups": 2},
            [(8, 8, 3)],
            "Conv2D: groups 2 does not divide the 3 channels of its input",
        ),
        (
            "Conv1DTranspose",
            CONVOLUTION | {"output_padding": 1},
            [(8, 1)],
            "Conv1DTranspose: output_padding 1 must be smaller than the stride 1",
        ),
        (
            "Cropping1D",
            {"cropping": [2, 2]},
            [(4, 1)],
            "Cropping1D: cropping 2 and 2 leaves nothing of a length of 4",
        ),
        (
            "ZeroPadding2D",
            {"padding": [1]},
            [(4, 4, 1)],
            "ZeroPadding2D: padding must be a whole number of at least 0, or a list of 2 numbers or pairs;",
        ),
        (
            "Reshape",
            {"target_shape": [3, 5]},
            [(4, 4)],
            "Reshape: [3, 5] does not hold the 16 values of a row of shape (4, 4)",
        ),
        (
            "Reshape",
            {"target_shape": [3, -1]},
            [(4, 4)],
            "Reshape: [3, -1] does not hold the 16 values of a row",
        ),
        (
            "Reshape",
            {"target_shape": [-1, -1]},
            [(4, 4)],
            "Reshape: target_shape must be a list with one -1 at most",
        ),
        (
            "Permute",
            {"dims": [1, 3]},
            [(4, 4)],
            "Permute: dims must be the numbers 1 to 2 in a new order; got [1, 3]",
        ),
        ("Permute", {"dims": [2, 1]}, [(4,)], "Permute: dims [2, 1] needs rows of rank 2; got (4,)"),
        ("RepeatVector", {"n": 2}, [(4, 4)], "RepeatVector needs rows of rank 1 (features); got (4, 4)"),
        ("Add", {}, [(4,)], "Add is called on 2 or more tensors; got 1"),
        ("Subtract", {}, [(4,), (4,), (4,)], "Subtract is called on 2 tensors; got 3"),
        ("Add", {}, [(4, 3), (4, 2)], "Add: shapes do not broadcast: (4, 3) and (4, 2)"),
        ("Concatenate", {"axis": -1}, [(4,)], "Concatenate is called on 2 or more tensors; got 1"),
        (
            "Concatenate",
            {"axis": -1},
            [(4, 3), (5, 3)],
            "Concatenate along axis -1 needs equal sizes on the other axes; got (4, 3) and (5, 3)",
        ),
        (
            "Concatenate",
            {"axis": -1},
            [(4, 3), (3,)],
            "Concatenate needs rows of one rank; got (4, 3) and (3,)",
        ),
        ("Concatenate", {"axis": 0}, [(3,), (3,)], "Concatenate: axis 0 is the batch axis"),
        ("Concatenate", {"axis": 2}, [(3,), (3,)], "Concatenate: axis 2 is not there in rows of rank 1"),
        ("Dot", {"axes": 1}, [(3,), (4,)], "Dot: axis 1 of (3,) has size 3, axis 1 of (4,) has size 4"),
        (
            "GroupNormalization",
            {"groups": 32, "axis": -1},
            [(8, 8, 16)],
            "GroupNormalization: groups 32 does not divide the 16 channels of its input",
        ),
        (
            "LayerNormalization",
            {"axis": 3},
            [(8, 16)],
            "LayerNormalization: axis 3 is not there in rows of rank 2",
        ),
        (
            "PReLU",
            {"shared_axes": [1, 3]},
            [(8, 16)],
            "PReLU: shared_axes 3 is not there in rows of rank 2",
        ),
        (
            "Bidirectional",
            {"layer": Spec("Dense", {"units": 3}), "merge_mode": "concat"},
            [(4, 3)],
            "Bidirectional runs a recurrent layer; got Dense",
        ),
        (
            "TimeDistributed",
            {"layer": Spec("Conv2D", CONVOLUTION)},
            [(10, 8, 8)],
            "inside TimeDistributed: Conv2D needs rows of rank 3 (height, width, channels); got (8, 8)",
        ),
        (
            "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3},
            [(4,), (5, 4)],
            "MultiHeadAttention needs query, value and key of one rank, 2 or more (time, features); got (4,)",
        ),
        (
            "Attention",
            {},
            [(4, 3), (5, 2)],
            "Attention: query (4, 3) and key (5, 2) need last axes of one size",
        ),
    ],
)
def test_arithmetic_refuses(name: str, arguments: dict[str, Any], shapes: list[tuple[int, ...]], what: str) -> None:
    assert refused(name, arguments, *shapes)[0].startswith(what)


def test_arithmetic_parameters_refuse_what_shapes_refuse() -> None:
    with pytest.raises(ShapeError, match=r"^Conv2D needs rows of rank 3"):
        parameters("Conv2D", CONVOLUTION, [(64,)])


def test_arithmetic_imports_no_heavy_package() -> None:
    heavy = "numpy pandas sklearn matplotlib keras tensorflow"
    code = (
        "import sys; import nnrun.model.arithmetic; "
        f"print(sorted(set('{heavy}'.split()) & {{name.split('.')[0] for name in sys.modules}}))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


@pytest.mark.parametrize("name", ["Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D"])
@pytest.mark.parametrize("rate", [50, 1.5, -0.1])
def test_arithmetic_dropout_rate_is_a_share(name: str, rate: float) -> None:
    with pytest.raises(ShapeError) as refused:
        output_shape(name, {"rate": rate}, [(7, 3)])
    assert str(refused.value) == f"{name}: rate must be a number between 0 and 1; got {rate}"
    assert [output_shape(name, {"rate": good}, [(7, 3)]) for good in (0, 0.5, 1)] == [(7, 3)] * 3
