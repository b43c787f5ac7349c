"""For random arguments and shapes of every covered layer, Keras says the same: shape, weights and refusal."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnrun.config.spec import Spec
from nnrun.model.arithmetic import ShapeError, output_shape, parameters
from nnrun.model.arithmetic.registry import RULES
from nnrun.model.arithmetic.window import KERNELS, POOLS

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

Rows = tuple[tuple[int | None, ...], ...]
Case = tuple[dict[str, Any], Rows]
Cases = st.SearchStrategy[Case]

SEPARATE = {"MultiHeadAttention"}  # called on tensors one by one; the others take a list where they take several
flags = st.booleans()
few = st.integers(1, 3)
some = st.integers(1, 7)
formats = st.sampled_from([None, "channels_last", "channels_first"])


def complete(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments with every default filled in, as the resolved config has them."""
    signature = inspect.signature(getattr(keras.layers, name))
    kinds = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = {key: item.default for key, item in signature.parameters.items() if item.kind not in kinds}
    filled = {
        key: Spec(value.name, complete(value.name, dict(value.arguments))) if isinstance(value, Spec) else value
        for key, value in arguments.items()
    }
    return {key: value for key, value in (found | filled).items() if value is not inspect.Parameter.empty}


def build(name: str, arguments: dict[str, Any]) -> Any:
    built = {
        key: build(value.name, dict(value.arguments)) if isinstance(value, Spec) else value
        for key, value in arguments.items()
    }
    return getattr(keras.layers, name)(**built)


def keras_says(name: str, arguments: dict[str, Any], shapes: Rows) -> tuple[Any, int] | None:
    """Keras' shape and count; None where it refuses, or where it would give tensors that hold nothing."""
    tensors = [keras.KerasTensor((None, *shape)) for shape in shapes]
    try:
        layer = build(name, arguments)
        together = [tensors] if len(tensors) > 1 and name not in SEPARATE else tensors
        output = layer(*together)
    except Exception:  # a refusal comes as ValueError, TypeError, IndexError, or an error of TensorFlow
        return None
    if isinstance(output, list | tuple):
        return [tensor.shape[1:] for tensor in output], layer.count_params()
    return None if 0 in output.shape else (output.shape[1:], layer.count_params())


def we_say(name: str, arguments: dict[str, Any], shapes: Rows) -> tuple[Any, int | None] | None:
    filled = complete(name, arguments)
    try:
        return output_shape(name, filled, shapes), parameters(name, filled, shapes)
    except ShapeError:
        return None


def one_or_each(numbers: st.SearchStrategy[int], rank: int) -> st.SearchStrategy[Any]:
    return numbers | st.lists(numbers, min_size=rank, max_size=rank)


@st.composite
def rows(draw: st.DrawFn, rank: int, data_format: str | None, *, any_rank: bool = False) -> tuple[Any, ...]:
    """Space, some of it unknown at times, and channels; with `any_rank` now and then of a wrong rank."""
    if any_rank and draw(st.integers(0, 9)) == 0:
        rank = draw(st.integers(0, 4))
    space = draw(st.lists(some | some | some | st.none(), min_size=rank, max_size=rank))
    channels = draw(st.integers(1, 6))
    return (channels, *space) if data_format == "channels_first" else (*space, channels)


@st.composite
def convolution(draw: st.DrawFn, name: str) -> Case:
    rank = int(name.removesuffix("Transpose")[-2])
    found: dict[str, Any] = {
        "kernel_size": draw(one_or_each(st.integers(1, 4), rank)),
        "strides": draw(one_or_each(st.sampled_from([1, 1, 1, 2, 3]), rank)),
        "padding": draw(st.sampled_from(["valid", "valid", "same", "same", "SAME", "causal"])),
        "data_format": draw(formats),
        "dilation_rate": draw(one_or_each(st.sampled_from([1, 1, 1, 2]), rank)),
        "use_bias": draw(flags),
    }
    if not name.startswith("Depthwise"):
        found["filters"] = draw(st.sampled_from([0, 1, 2, 4, 6, 6, 6]))
    if name.startswith(("Depthwise", "Separable")):
        found["depth_multiplier"] = draw(few)
    elif name.endswith("Transpose"):
        found["output_padding"] = draw(st.none() | one_or_each(st.integers(0, 2), rank))
        if draw(flags):  # an output_padding that is allowed needs a stride, and that no dilation
            found |= {"strides": draw(st.integers(2, 3)), "dilation_rate": 1}
    else:
        found["groups"] = draw(st.sampled_from([1, 1, 2, 3]))
        found["lora_rank"] = draw(st.sampled_from([None, None, 2]))
    return found, (draw(rows(rank, found["data_format"], any_rank=True)),)


@st.composite
def pooling(draw: st.DrawFn, name: str) -> Case:
    rank = int(name[-2])
    found = {
        "pool_size": draw(one_or_each(st.integers(1, 4), rank)),
        "strides": draw(st.none() | one_or_each(few, rank)),
        "padding": draw(st.sampled_from(["valid", "same", "causal"])),
        "data_format": draw(formats),
    }
    return found, (draw(rows(rank, found["data_format"], any_rank=True)),)


@st.composite
def spatial(draw: st.DrawFn, name: str) -> Case:
    """Global and adaptive poolings, upsampling, padding, cropping, spatial dropout."""
    rank, found, wrong = int(name[-2]), dict[str, Any](), True
    ends = st.integers(0, 3)
    pair = st.lists(ends, min_size=2, max_size=2)
    ends_of = ends | pair if rank == 1 else ends | st.lists(ends | pair, min_size=rank, max_size=rank)
    if name not in ("UpSampling1D", "Cropping1D") and not name.startswith("SpatialDropout"):
        found["data_format"] = draw(formats)
    if name.startswith("Global"):
        found["keepdims"] = draw(flags)
    elif name.startswith("Adaptive"):
        found["output_size"], wrong = draw(one_or_each(few, rank)), False
    elif name.startswith("UpSampling"):
        found["size"] = draw(few if rank == 1 else one_or_each(few, rank))
    elif name.startswith("ZeroPadding"):
        found["padding"] = draw(ends_of)
    elif name.startswith("Cropping"):
        found["cropping"] = draw(ends_of)
    else:
        found["rate"] = draw(RATES)
    return found, (draw(rows(rank, found.get("data_format"), any_rank=wrong)),)


@st.composite
def reshape(draw: st.DrawFn) -> Case:
    sizes = [1, 2, 3, 4, 6]
    shape = draw(st.lists(st.sampled_from(sizes), min_size=1, max_size=3))
    fitting = st.permutations(shape).map(list)
    target = draw(fitting | st.lists(st.sampled_from([-1, *sizes]), max_size=3))
    if draw(flags):
        target = [*target[:-1], -1]
    return {"target_shape": target}, (tuple(shape),)


@st.composite
def permute(draw: st.DrawFn) -> Case:
    dims = draw(st.permutations([1, 2, 3][: draw(few)]))
    return {"dims": list(dims)}, (draw(plain_rows(1, 3)),)


def plain_rows(least: int, most: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.lists(st.integers(1, 6), min_size=least, max_size=most).map(tuple)


@st.composite
def sequence(draw: st.DrawFn) -> tuple[int | None, ...]:
    return draw(st.none() | some), draw(some)


@st.composite
def recurrent(draw: st.DrawFn, name: str, *, state: bool = True) -> Case:
    found: dict[str, Any] = {
        "units": draw(few),
        "use_bias": draw(flags),
        "return_sequences": draw(flags),
        "return_state": draw(flags) if state else False,
    }
    if name == "GRU":
        found["reset_after"] = draw(flags)
    return found, (draw(sequence() | plain_rows(1, 3)),)


@st.composite
def convolutional_recurrent(draw: st.DrawFn, name: str) -> Case:
    rank = int(name[-2])
    found: dict[str, Any] = {
        "filters": draw(few),
        "kernel_size": draw(one_or_each(few, rank)),
        "strides": draw(st.sampled_from([1, 1, 2])),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "data_format": draw(formats),
        "dilation_rate": draw(st.sampled_from([1, 1, 2])),
        "use_bias": draw(flags),
        "return_sequences": draw(flags),
        "return_state": draw(flags),
    }
    return found, ((draw(few), *draw(plain_rows(rank + 1, rank + 1))),)


@st.composite
def bidirectional(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(["LSTM", "GRU", "SimpleRNN"]))
    arguments, _ = draw(recurrent(name))
    merge_mode = draw(st.sampled_from(["concat", "sum", "ave", "mul", None]))
    return {"layer": Spec(name, arguments), "merge_mode": merge_mode}, (draw(sequence()),)


@st.composite
def time_distributed(draw: st.DrawFn) -> Case:
    name = draw(st.sampled_from(["Dense", "Conv1D", "Flatten", "LSTM"]))
    if name == "Conv1D":
        arguments, (shape,) = draw(convolution("Conv1D"))
    elif name == "LSTM":
        arguments, _ = draw(recurrent("LSTM", state=False))
        shape = draw(sequence())
    else:
        arguments, shape = ({"units": 3} if name == "Dense" else {}), draw(plain_rows(0, 3))
    return {"layer": Spec(name, arguments)}, ((draw(few), *shape),)


@st.composite
def several(draw: st.DrawFn, count: st.SearchStrategy[int], *, shorter: bool = False) -> Rows:
    """Rows that nearly fit: one shape, and others with a few sizes set to 1, to another, or unknown."""
    first = draw(plain_rows(1, 3))
    found: list[tuple[int | None, ...]] = [first]
    for _ in range(draw(count) - 1):
        change = st.sampled_from(["same"] * 6 + ["one", "other", "unknown"])
        what = {"one": st.just(1), "other": st.integers(1, 6), "unknown": st.none()}
        shape = tuple(draw(what.get(draw(change), st.just(size))) for size in first)
        found.append(shape[draw(st.integers(0, len(shape) - 1)) :] if shorter and draw(flags) else shape)
    return tuple(draw(st.permutations(found)))


@st.composite
def concatenate(draw: st.DrawFn) -> Case:
    shapes = draw(several(st.integers(2, 3), shorter=draw(st.integers(0, 5)) == 0))
    return {"axis": draw(st.sampled_from([-1, -1, 1, 2, 3]))}, shapes


@st.composite
def dot(draw: st.DrawFn) -> Case:
    first, second = draw(plain_rows(1, 3)), draw(plain_rows(1, 3))
    pair = [draw(st.integers(1, len(first))), draw(st.integers(1, len(second)))]
    if draw(st.integers(0, 4)):
        place = pair[1] - 1
        second = (*second[:place], first[pair[0] - 1], *second[place + 1 :])
    negative = [pair[0] - len(first) - 1, pair[1] - len(second) - 1]
    axes = draw(st.sampled_from([pair, negative, -1]))
    return {"axes": axes, "normalize": draw(flags)}, (first, second)


@st.composite
def normalization(draw: st.DrawFn, name: str) -> Case:
    shape = draw(plain_rows(1, 3))
    found: dict[str, Any] = {"axis": draw(st.sampled_from([-1, -1, 1, 2, 4]))}
    if name in ("BatchNormalization", "LayerNormalization", "GroupNormalization"):
        found |= {"scale": draw(flags), "center": draw(flags)}
    if name == "BatchNormalization":
        found["renorm"] = draw(flags)
    elif name == "GroupNormalization":
        found["groups"] = draw(st.sampled_from([-1, 1, 2, 3]))
    elif len(shape) > 1 and draw(flags):
        found["axis"] = [1, 2]
    if name == "Normalization" and draw(st.integers(0, 3)) == 0:
        found |= draw(st.sampled_from([{"axis": None}, {"mean": 0.5, "variance": 2.0}]))
    return found, (shape,)


@st.composite
def multi_head(draw: st.DrawFn) -> Case:
    rank = draw(st.integers(1, 2))
    found = {
        "num_heads": draw(few),
        "key_dim": draw(few),
        "value_dim": draw(st.none() | few),
        "use_bias": draw(flags),
        "use_gate": draw(flags),
        "output_shape": draw(st.sampled_from([None, 3, [2, 3]])),
    }
    query, value = draw(plain_rows(rank + 1, rank + 1)), draw(plain_rows(rank + 1, rank + 1))
    key = (*value[:-1], draw(some))
    return found, draw(st.sampled_from([(query, value), (query, value, key)]))


@st.composite
def attention(draw: st.DrawFn, name: str) -> Case:
    width, length = draw(some), draw(some)
    found: dict[str, Any] = {"use_scale": draw(flags)}
    if name == "Attention":
        found["score_mode"] = draw(st.sampled_from(["dot", "concat"]))
    query, key, value = (draw(some), width), (length, width), (length, draw(some))
    return found, draw(st.sampled_from([(query, key), (query, value, key)]))


@st.composite
def dense(draw: st.DrawFn) -> Case:
    found = {"units": draw(st.integers(0, 4)), "use_bias": draw(flags), "lora_rank": draw(st.none() | few)}
    return found, (draw(plain_rows(0, 3)),)


@st.composite
def embedding(draw: st.DrawFn) -> Case:
    found = {
        "input_dim": draw(some),
        "output_dim": draw(st.integers(0, 4)),
        "lora_rank": draw(st.none() | few),
    }
    return found, (draw(plain_rows(0, 2)),)


def unchanged(arguments: dict[str, Any]) -> Cases:
    return st.tuples(st.just(arguments), st.tuples(plain_rows(1, 4)))


ELEMENTWISE: dict[str, dict[str, Any]] = {
    "Activation": {"activation": "relu"},
    "ActivityRegularization": {"l2": 0.1},
    "ELU": {},
    "GaussianNoise": {"stddev": 0.5},
    "LeakyReLU": {},
    "Masking": {},
    "ReLU": {},
    "Rescaling": {"scale": 0.5},
    "Softmax": {},
}
# Pictures: what a layer needs beside their height, width and channels.
PICTURES: dict[str, dict[str, Any]] = {
    "AutoContrast": {},
    "CenterCrop": {"height": 3, "width": 2},
    "Equalization": {},
    "RandomBrightness": {"factor": 0.2},
    "RandomContrast": {"factor": 0.2},
    "RandomCrop": {"height": 3, "width": 2},
    "RandomFlip": {},
    "RandomGrayscale": {},
    "RandomRotation": {"factor": 0.2},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    "Resizing": {"height": 3, "width": 2},
    "Solarization": {},
}
RATES = st.sampled_from([0, 0.0, 0.5, 1, -0.1, 1.5, 50])
SPATIAL = [name for name in RULES if name.startswith(("Global", "Adaptive", "UpSampling", "ZeroPad", "Cropping"))]


def cases() -> Iterator[tuple[str, Cases]]:
    yield from ((name, convolution(name)) for name in KERNELS)
    yield from ((name, pooling(name)) for name in POOLS)
    yield from ((name, spatial(name)) for name in SPATIAL)
    yield from ((f"SpatialDropout{rank}D", spatial(f"SpatialDropout{rank}D")) for rank in (1, 2, 3))
    yield from ((name, recurrent(name)) for name in ("SimpleRNN", "LSTM", "GRU"))
    yield from ((name, convolutional_recurrent(name)) for name in ("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"))
    for name in ("AlphaDropout", "Dropout", "GaussianDropout"):
        yield name, st.tuples(st.fixed_dictionaries({"rate": RATES}), st.tuples(plain_rows(1, 4)))
    yield from ((name, unchanged(arguments)) for name, arguments in ELEMENTWISE.items())
    for name in ("BatchNormalization", "LayerNormalization", "RMSNormalization", "UnitNormalization"):
        yield name, normalization(name)
    yield from ((name, normalization(name)) for name in ("GroupNormalization", "Normalization"))
    for name in ("Add", "Multiply", "Average", "Maximum", "Minimum"):
        yield name, st.tuples(st.just({}), several(st.integers(2, 3), shorter=True))
    yield "Subtract", st.tuples(st.just({}), several(st.integers(2, 3), shorter=True))
    yield "Concatenate", concatenate()
    yield "Dot", dot()
    yield "Dense", dense()
    yield "Embedding", embedding()
    yield "Flatten", st.tuples(st.just({}), st.tuples(plain_rows(0, 4)))
    yield "Reshape", reshape()
    yield "Permute", permute()
    yield (
        "RepeatVector",
        st.tuples(st.fixed_dictionaries({"n": st.integers(0, 3)}), st.tuples(plain_rows(1, 2))),
    )
    yield (
        "PReLU",
        st.tuples(
            st.fixed_dictionaries({"shared_axes": st.sampled_from([None, 1, [1], [1, 2], [4]])}),
            st.tuples(plain_rows(1, 3)),
        ),
    )
    pictures = st.tuples(st.integers(3, 7), st.integers(3, 7), st.just(3))
    yield from ((name, st.tuples(st.just(arguments), st.tuples(pictures))) for name, arguments in PICTURES.items())
    yield "Identity", st.tuples(st.just({}), several(st.integers(1, 2)))
    yield "Bidirectional", bidirectional()
    yield "TimeDistributed", time_distributed()
    yield "MultiHeadAttention", multi_head()
    yield from ((name, attention(name)) for name in ("Attention", "AdditiveAttention"))


CASES = dict(cases())


def test_arithmetic_matches_keras_for_every_covered_layer() -> None:
    assert sorted(CASES) == sorted(name for name in RULES if hasattr(keras.layers, name))


@pytest.mark.parametrize("name", sorted(CASES))
def test_arithmetic_matches_keras(name: str) -> None:
    agreed = set()

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(CASES[name])
    def compare(case: Case) -> None:
        arguments, shapes = case
        ours = we_say(name, arguments, shapes)
        assert ours == keras_says(name, arguments, shapes)
        agreed.add(ours is not None)

    compare()
    assert True in agreed, "no example that both accept: the test would show nothing"
