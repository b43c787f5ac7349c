"""Public names of Keras that no config may write, each with the reason that a person reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

_HELPER = "it is a helper of Keras' own, for code and not for a config"
_BASE = "it is a base class without behaviour of its own; write one of its kinds"
_OBJECT = "it wraps a Python object, which a config cannot hold"
_INPUT = "the inputs come from the data; shape them by hand under model.inputs"
_FUNCTION = "it is the function behind the layer; write the layer {name}, and its tensors under from"
_NO_METRIC = "Keras has it as a loss only; write it under loss"
_VALUES = "it takes one value, not a target and a prediction"
_TAKES_FUNCTION = "it takes a Python function, which a config cannot hold"
_NO_TENSOR = "it takes no tensor; write Constant, with the values"
_QUESTION = "it answers a question about a tensor with no tensor"
_CONVERSION = "the tensors of a model are tensors already; to change their dtype write ops.cast"
_NO_BATCH = "its result has not a row for each row of the batch, so that the batch is lost"
_OPTIMIZERS = "it chooses optimizers by Python functions; a config has one optimizer for each model"

_HELPERS = dict.fromkeys(("serialize", "deserialize", "get"), _HELPER)

EXCLUDED: Mapping[str, Mapping[str, str]] = {
    "layers": {
        **_HELPERS,
        **dict.fromkeys(("Layer", "Wrapper"), _BASE),
        **dict.fromkeys(("FlaxLayer", "JaxLayer", "TorchModuleWrapper"), _OBJECT),
        **dict.fromkeys(("Input", "InputLayer"), _INPUT),
        **{
            name: _FUNCTION.format(name=name.capitalize())
            for name in (
                "add",
                "average",
                "concatenate",
                "dot",
                "maximum",
                "minimum",
                "multiply",
                "subtract",
            )
        },
        "InputSpec": _HELPER,
        "TFSMLayer": "it runs a program stored in any folder; to begin with a trained model is not of this version yet",
    },
    "optimizers": {
        **_HELPERS,
        "Optimizer": _BASE,
        "LossScaleOptimizer": "runtime: {precision: mixed_float16} scales the loss; write its optimizer alone",
        **dict.fromkeys(("MultiOptimizer", "OptimizerMap"), _OPTIMIZERS),
    },
    "schedules": {**_HELPERS, "LearningRateSchedule": _BASE},
    "losses": {**_HELPERS, "Loss": _BASE},
    "metrics": {
        **_HELPERS,
        "Metric": _BASE,
        "MeanMetricWrapper": _OBJECT,
        **dict.fromkeys(("Mean", "Sum"), _VALUES),
        **dict.fromkeys(("huber", "binary_focal_crossentropy", "categorical_focal_crossentropy"), _NO_METRIC),
    },
    "callbacks": {
        "Callback": _BASE,
        "CallbackList": _HELPER,
        "History": "history.csv and the returned history are always there",
        "ProgbarLogger": "the progress is the command line's: -v or -q",
        "TensorBoard": "it writes outside the run folder; curves are in the report of every run",
        "RemoteMonitor": "it sends the results over the network to any address",
    },
    "initializers": {**_HELPERS, "Initializer": _BASE},
    "regularizers": {**_HELPERS, "Regularizer": _BASE},
    "constraints": {**_HELPERS, "Constraint": _BASE},
    "activations": {
        **_HELPERS,
        "glu": "it halves the units, which no layer expects; write the step ops.glu",
        "threshold": "it is nothing without its arguments; write the step ops.threshold",
    },
    "applications": {},
    "ops": {
        f"ops.{name}": reason
        for reason, names in {
            _TAKES_FUNCTION: """
                associative_scan cond custom_gradient fori_loop jvp map scan switch vectorize vectorized_map while_loop
            """,
            _NO_TENSOR: "arange bartlett blackman empty eye full hamming hanning identity kaiser ones tri zeros",
            _QUESTION: "dtype is_tensor ndim shape size",
            _CONVERSION: "array convert_to_numpy convert_to_tensor",
            _NO_BATCH: """
                allclose broadcast_to corrcoef correlate ctc_decode diag diagflat histogram image.map_coordinates
                lstsq lu_factor meshgrid nonzero outer psnr ravel scatter segment_max segment_min segment_prod
                segment_sum unique vander vdot vsplit vstack
            """,
            "its key is a slice of Python; write ops.take, with indices and axis": "get_item",
        }.items()
        for name in names.split()
    },
    "dtype_policies": {
        **_HELPERS,
        **dict.fromkeys(("DTypePolicy", "FloatDTypePolicy"), "write its name alone: dtype: mixed_float16"),
        "DTypePolicyMap": "write dtype at each layer that wants its own",
        **dict.fromkeys(
            (
                "AWQDTypePolicy",
                "GPTQDTypePolicy",
                "Int4DTypePolicy",
                "QuantizedDTypePolicy",
                "QuantizedFloat8DTypePolicy",
            ),
            "Keras quantizes a model that is trained, which is not of this version yet",
        ),
    },
    "distillation": {"DistillationLoss": _BASE},
}


def excluded(slot: str, name: str) -> str | None:
    """Why a public name of Keras is not in the catalogue; None where it is, or is no name of Keras."""
    if slot == "ops":  # ops.numpy.arange is ops.arange
        name = re.sub(r"^ops\.(numpy|nn|linalg)\.", "ops.", name)
    return EXCLUDED.get(slot, {}).get(name)
