"""What a frozen network gives for every row, computed once, so that the head on it trains at the head's cost."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.job import Job
from nnrun.training.material import Material
from nnrun.training.network import Network, of_layers

MOST_BYTES = 2 * 2**30  # of features in memory; where they are more, the whole network is computed in every epoch


def extracted(job: Job, material: Material, network: Network) -> tuple[Material, Network] | None:
    """The features in place of the inputs, and the layers above them, which are the network's own; else None.

    Only where the training is the same: what lies below is a function of the inputs, of which nothing learns or draws,
    with the weights that it was built with, so that a resume computes the same features.
    """
    if not _is_plain(job) or material.streams or framework.is_smoke():  # a rehearsal looks at few rows
        return None
    rows = len(next(iter(material.inputs.values())))
    for layer in reversed(network.model.layers):
        parts = _parted(network.model, layer)
        if (
            parts is not None
            and prod(size or MOST_BYTES for size in parts[0].outputs[0].shape[1:]) * rows * 4 < MOST_BYTES
        ):
            below, above = parts
            given = below.predict(material.x(np.arange(rows)), batch_size=256, verbose=0)
            job.progress.say(f"features: {layer.name} is frozen, and computed once for {rows:,} rows")
            features = replace(material, inputs={"features": given})
            return features, of_layers(network, above, job.config, features, job.steps_per_epoch)
    return None


def _is_plain(job: Job) -> bool:
    """Whether it is the first fit, on one device, of a network with the weights that it is built with."""
    config, begun = job.config, job.weights_from or job.recorder.info.get("init_from")
    one = job.plan.replicas == 1 and not job.plan.mesh
    plain = config.recipe is None and not config.data.augment and config.runtime.precision == "float32"
    return one and not job.phase and not begun and plain


def _parted(model: Any, layer: Any) -> tuple[Any, Any] | None:
    """What lies up to a frozen network, and what lies above it; None where the model cannot be parted there."""
    keras = framework.keras()
    nodes: Any = getattr(layer, "_inbound_nodes", ())
    if not isinstance(layer, keras.Model) or len(nodes) != 1 or len(nodes[0].output_tensors) != 1:
        return None
    (end,) = nodes[0].output_tensors
    below = keras.Model(model.input, end)
    if len(below.variables) != len(below.weights) or not all(map(_rests, below._flatten_layers())):
        return None  # variables that are no weights are those of random generators
    try:
        return below, keras.Model(end, model.output)
    except ValueError:
        return None  # something above reads the inputs, or another layer below


def _rests(layer: Any) -> bool:
    """Whether a layer does not learn, tells no loss and hides no step."""
    learns = bool(layer.weights) and bool(layer.trainable) and not hasattr(layer, "layers")
    hides = getattr(layer, "mask_zero", False) or type(layer).__name__ == "Masking"
    return not learns and not hides and getattr(layer, "activity_regularizer", None) is None
