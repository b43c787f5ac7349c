"""A model that is asked what follows, and sees it: its answer at a step depends on later steps of the same input.

Layers that look both ways (`Bidirectional`, attention without a causal mask, convolutions with padding `same`) read
the very token that they are to answer. The scores are then worth nothing, and what is made step by step is no good.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.model import framework
from nnrun.training.material import Material
from nnrun.training.network import Network

TOLERANCE = 1e-4  # of its largest value an output may change by what rounding does


def foresight(material: Material, network: Network, rows: np.ndarray[Any, Any]) -> list[str]:
    """A sentence for each output that sees what it is to answer, tried on a training row with other later steps."""
    following = {n: str(answer.spec.name) for n, answer in material.answers.items() if answer.spec.following}
    if not following or network.plan.replicas > 1 or network.plan.mesh or not len(rows):
        return []
    x, _ = material.batch(rows[:2])
    inputs = dict(x) if isinstance(x, dict) else {next(iter(material.inputs)): x}
    first = {name: np.repeat(np.asarray(array)[:1], 2, axis=0) for name, array in inputs.items()}
    found = []
    for output, name in following.items():
        steps = first[name].shape[1]
        half = steps // 2
        if not half:
            continue
        told = first[name].copy()
        told[1, half:] = np.flip(np.asarray(inputs[name])[-1, half:], axis=0)
        if (told[0] == told[1]).all():
            told[1, half:] = told[0, half - 1]
        changed = {**first, name: told}
        given = network.model(changed if isinstance(x, dict) else told, training=False)
        values = framework.keras().ops.convert_to_numpy(given[output] if isinstance(given, dict) else given)
        earlier = values.astype(np.float64)[:, :half]
        if values.shape[1] == steps and _change(earlier) > TOLERANCE:
            found.append(
                f"{output}: the answer at a step changes with later steps of {name}, which hold it, so that its scores "
                "are worth nothing: no Bidirectional; `use_causal_mask: true` in attention; `padding: causal`"
            )
    return found


def _change(outputs: np.ndarray[Any, Any]) -> float:
    return float(np.abs(outputs[0] - outputs[1]).max() / max(np.abs(outputs).max(), 1e-12))
