"""Public names of Keras that no config may write, each with the reason that a person reads."""

from __future__ import annotations

from collections.abc import Mapping

_HELPER = "it is a helper of Keras' own, for code and not for a config"
_BASE = "it is a base class without behaviour of its own; write one of its kinds"
_OBJECT = "it wraps a Python object, which a config cannot hold"
_INPUT = "the inputs come from the data; shape them by hand under model.inputs"
_FUNCTION = "it is the function behind the layer; write the layer {name}, and its tensors under from"
_NO_METRIC = "Keras has it as a loss only; write it under loss"
_VALUES = "it takes one value, not a target and a prediction"
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
        "LossScaleOptimizer": "it serves mixed precision, which is not of this version yet; write its optimizer alone",
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
    "activations": _HELPERS,
    "applications": {},
}


def excluded(slot: str, name: str) -> str | None:
    """Why a public name of Keras is not in the catalogue; None where it is, or is no name of Keras."""
    return EXCLUDED.get(slot, {}).get(name)
