"""Functions of `ops.*` that keep a shape, join shapes, or reduce axes."""

from __future__ import annotations

from nnrun.model.arithmetic.operations import Operation, Result, broadcast, operation
from nnrun.model.arithmetic.shape import Shape, product

_SAME = (
    *("abs", "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "cast", "cbrt", "ceil", "celu"),
    *("clip", "copy", "cos", "cosh", "deg2rad", "elu", "erf", "erfc", "erfinv", "exp", "exp2", "expm1", "fabs"),
    *("fliplr", "flipud", "floor", "full_like", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "i0"),
    *("isfinite", "isinf", "isnan", "isneginf", "isposinf", "layer_normalization", "leaky_relu", "log", "log10"),
    *("log1p", "log2", "log_sigmoid", "logical_not", "nan_to_num", "negative", "ones_like", "rad2deg", "reciprocal"),
    *("relu", "relu6", "rms_normalization", "round", "rsqrt", "saturate_cast", "selu", "sigmoid", "sign", "signbit"),
    *("silu", "sin", "sinc", "sinh", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sqrt"),
    *("square", "squareplus", "stop_gradient", "tan", "tanh", "tanh_shrink", "threshold", "tril", "triu", "trunc"),
    "zeros_like",
)
_SAME_ALONG = ("argsort", "cumprod", "cumsum", "flip", "log_softmax", "normalize", "roll", "softmax", "sort")
_FLAT_WITHOUT_AXIS = ("ops.cumsum", "ops.cumprod", "ops.argsort")
_BROADCAST = (
    *("add", "arctan2", "divide", "divide_no_nan", "equal", "floor_divide", "fmax", "fmin", "fmod", "greater"),
    *("greater_equal", "heaviside", "hypot", "isclose", "less", "less_equal", "logaddexp", "logaddexp2"),
    *("logical_and", "logical_or", "logical_xor", "maximum", "minimum", "mod", "multiply", "not_equal", "power"),
    *("subtract", "true_divide"),
)
# Each value hangs on the values at its own place alone.
ELEMENTWISE = frozenset({*_SAME, *_BROADCAST, "where"} - {"fliplr", "flipud", "tril", "triu"})

REDUCED = frozenset(
    {
        *("all", "amax", "amin", "any", "argmax", "argmin", "average", "count_nonzero", "logsumexp", "max", "mean"),
        *("median", "min", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum", "nanvar", "norm", "prod"),
        *("ptp", "std", "sum", "var"),
    }
)


def _first(call: Operation) -> str:
    """The name of the function's first tensor."""
    return next(iter(call.arguments))


@operation(*_SAME)
def _same(call: Operation) -> Shape:
    return call.tensor(_first(call))


@operation(*_SAME_ALONG)
def _same_along(call: Operation) -> Shape:
    shape = call.tensor(_first(call))
    if call.places("axis", len(shape)) is None and call.name in _FLAT_WITHOUT_AXIS:
        return (product(*shape),)
    return shape


@operation(*_BROADCAST)
def _broadcast(call: Operation) -> Shape:
    return broadcast(call.name, [call.tensor(key) for key in list(call.arguments)[:2]])


@operation("where")
def _where(call: Operation) -> Shape:
    return broadcast(call.name, [call.tensor(key) for key in ("condition", "x1", "x2")])


@operation(*REDUCED)
def _reduced(call: Operation) -> Shape:
    return _reduce(call, call.tensor(_first(call)), "axis")


@operation("moments")
def _moments(call: Operation) -> Result:
    shape = _reduce(call, call.tensor("x"), "axes")
    return [shape, shape]


def _reduce(call: Operation, shape: Shape, key: str) -> Shape:
    axes = call.places(key, len(shape))
    gone = range(len(shape)) if axes is None else axes
    if call.flag("keepdims"):
        return tuple(1 if axis in gone else size for axis, size in enumerate(shape))
    return tuple(size for axis, size in enumerate(shape) if axis not in gone)
