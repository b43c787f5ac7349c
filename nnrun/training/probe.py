"""What a convolutional model sees in one held-out picture: its first filters, and the maps of its layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network

Array = np.ndarray[Any, Any]

CHANNELS = 16  # of each layer, the first ones
LAYERS = 12  # evenly through the model
SIDE = 64  # of a map; of larger ones every second, third, ... value
_CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")
_LOOKED_AT = (*_CONVOLUTIONS, "MaxPooling2D", "AveragePooling2D")


def probe(job: Job, material: Material, network: Network) -> dict[str, Array]:
    """The arrays of `probe.npz`; none for a model without a convolution of pictures, and for a fold."""
    pictures = [name for name, shape in material.shapes.items() if len(shape) == 3]
    if job.fold is not None or not pictures:
        return {}
    held_out = next((rows for rows in (job.split.test, job.split.validation) if len(rows)), None)
    layers = [layer for layer in network.model.layers if type(layer).__name__ in _LOOKED_AT and _is_picture(layer)]
    first = next((layer for layer in layers if type(layer).__name__ == "Conv2D"), None)
    if first is None or held_out is None:
        return {}
    step = -(-len(layers) // LAYERS)
    layers = layers[::step]
    x, _ = material.batch(np.asarray(held_out[:1]))
    picture = x[pictures[0]] if isinstance(x, dict) else x
    maps = framework.values_of(network.model, layers, x)
    return {
        "row": np.asarray(held_out[0]),
        "picture": _small(np.asarray(picture[0], np.float32)),
        "filter_layer": np.asarray(first.name),
        "filters": _channels(first.get_weights()[0]),
        "layers": np.asarray([layer.name for layer in layers]),
        **{f"maps_{number}": _small(_channels(values[0])) for number, values in enumerate(maps)},
    }


def _is_picture(layer: Any) -> bool:
    """Whether it gives pictures of a known size; of several calls the first is looked at."""
    return len(layer.output.shape) == 4 and None not in layer.output.shape[1:]


def _channels(values: Array) -> Array:
    return np.asarray(values[..., :CHANNELS], np.float32)


def _small(values: Array) -> Array:
    """Height and width thinned out, as numbers of half the length: it is for the eye."""
    step = -(-max(values.shape[:2]) // SIDE)
    return values[::step, ::step].astype(np.float16)
