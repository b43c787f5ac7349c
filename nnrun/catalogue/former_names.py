"""Names of the past, which books and answers on the net still use, and what is written today."""

from __future__ import annotations

from collections.abc import Mapping

from nnrun.catalogue.exclusions import excluded
from nnrun.catalogue.families import find

_SHAPE = "the input's shape comes from the data; leave it out"
_PLACE = "leave it out; Keras chooses the implementation itself"
_DECAY = (
    "use a schedule: learning_rate: "
    "{InverseTimeDecay: {initial_learning_rate: 1e-3, decay_steps: 1000, decay_rate: 0.5}}"
)

# The parameters that took the place of a former one: a component's answer is the first that it has.
_PARAMETERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "layers": {
        "p": ("rate",),
        "nb_filter": ("filters",),
        "output_dim": ("units", "filters"),
        "nb_row": ("kernel_size",),
        "nb_col": ("kernel_size",),
        "filter_length": ("kernel_size",),
        "subsample": ("strides",),
        "subsample_length": ("strides",),
        "stride": ("strides",),
        "atrous_rate": ("dilation_rate",),
        "border_mode": ("padding",),
        "dim_ordering": ("data_format",),
        "pool_length": ("pool_size",),
        "bias": ("use_bias",),
        "init": ("kernel_initializer", "embeddings_initializer", "alpha_initializer"),
        "inner_init": ("recurrent_initializer",),
        "inner_activation": ("recurrent_activation",),
        "forget_bias_init": ("unit_forget_bias",),
        "beta_init": ("beta_initializer",),
        "gamma_init": ("gamma_initializer",),
        "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
        "U_regularizer": ("recurrent_regularizer",),
        "b_regularizer": ("bias_regularizer",),
        "W_constraint": ("kernel_constraint", "embeddings_constraint"),
        "U_constraint": ("recurrent_constraint",),
        "b_constraint": ("bias_constraint",),
        "dropout_W": ("dropout",),
        "dropout_U": ("recurrent_dropout",),
        "length": ("size",),
        "sigma": ("stddev",),
        "alpha": ("negative_slope",),
    },
    "optimizers": {"lr": ("learning_rate",)},
    "schedules": {"lr": ("initial_learning_rate",), "learning_rate": ("initial_learning_rate",)},
    "callbacks": {"epsilon": ("min_delta",)},
    "constraints": {"m": ("max_value",)},
    "activations": {"alpha": ("negative_slope",)},
}
_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "layers": {
        "input_shape": _SHAPE,
        "input_dim": _SHAPE,
        "input_length": _SHAPE,
        "batch_input_shape": _SHAPE,
        "consume_less": _PLACE,
        "implementation": _PLACE,
        "time_major": "leave it out; sequences are (batch, time, features)",
    },
    "optimizers": {"decay": _DECAY},
    "callbacks": {"nb_epoch": "epochs, under fit"},
}

_NAMES: Mapping[str, Mapping[str, str]] = {
    "layers": {
        **{f"Convolution{dimensions}D": f"Conv{dimensions}D" for dimensions in (1, 2, 3)},
        **{f"AtrousConvolution{dimensions}D": f"write Conv{dimensions}D with dilation_rate" for dimensions in (1, 2)},
        **{f"LocallyConnected{dimensions}D": f"Conv{dimensions}D" for dimensions in (1, 2)},
        "CuDNNLSTM": "LSTM",
        "CuDNNGRU": "GRU",
        "Deconvolution2D": "Conv2DTranspose",
        "Deconvolution3D": "Conv3DTranspose",
        "Merge": "write Add or Concatenate",
        "merge": "write Add or Concatenate",
        "MaxoutDense": "write Dense and Maximum",
        "TimeDistributedDense": "Dense",
        "ThresholdedReLU": "write ReLU with threshold",
        "SyncBatchNormalization": "write BatchNormalization with synchronized: true",
        "DenseFeatures": "write the columns under data.features",
        **{name: name.capitalize() for name in ("add", "average", "concatenate", "dot", "multiply", "subtract")},
        **{name: name.capitalize() for name in ("maximum", "minimum")},
    },
    "losses": {
        "logcosh": "LogCosh",
        "kullback_leibler_divergence": "KLDivergence",
        "cosine_proximity": "CosineSimilarity",
    },
    "metrics": {
        "acc": "accuracy",
        "logcosh": "LogCoshError",
        "kullback_leibler_divergence": "KLDivergence",
        "cosine_proximity": "CosineSimilarity",
        "fmeasure": "F1Score",
    },
    "regularizers": {"WeightRegularizer": "L1L2", "activity_l1": "L1", "activity_l2": "L2"},
    "ops": {
        **{
            f"ops.reduce_{name}": f"ops.{name}"
            for name in ("all", "any", "logsumexp", "max", "mean", "min", "prod", "std", "sum")
        },
        "ops.reduce_variance": "ops.var",
        "ops.concat": "ops.concatenate",
        "ops.gather": "ops.take",
        "ops.permute_dimensions": "ops.transpose",
        "ops.l2_normalize": "ops.normalize",
        "ops.batch_dot": "ops.matmul",
        "ops.clip_by_value": "ops.clip",
        "ops.pow": "ops.power",
        "ops.add_n": "write Add",
    },
    "constraints": {"maxnorm": "MaxNorm", "nonneg": "NonNeg", "unitnorm": "UnitNorm"},
}


def past(slot: str, name: str, parameter: str) -> str | None:
    """What is written today for an argument of the past: a parameter's name, or a sentence.

    None where the component takes the argument today (`Embedding.input_dim`), and where nothing known
    took its place.
    """
    component = find(slot, name)
    if component is None or component.parameter(parameter):
        return None
    candidates = _PARAMETERS.get(slot, {}).get(parameter, ())
    today = next((candidate for candidate in candidates if component.parameter(candidate)), None)
    return today or _SENTENCES.get(slot, {}).get(parameter)


def past_name(slot: str, name: str) -> str | None:
    """What is written today for a component of the past: a name, or a sentence. `CuDNNLSTM`, `LSTM`.

    A name that Keras has and no config may write is answered with the reason; every other with None.
    """
    return _NAMES.get(slot, {}).get(name) or excluded(slot, name)
