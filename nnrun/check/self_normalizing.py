"""What belongs together in self-normalising layers: selu, weights of LecunNormal, AlphaDropout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnrun.config.spec import Spec
from nnrun.model.graph import Node

_FITTING = ("LecunNormal", "lecun_normal", "LecunUniform", "lecun_uniform", "VarianceScaling", "variance_scaling")


def warnings(nodes: Sequence[Node]) -> tuple[str, ...]:
    """Where one of the three stands without the others; each alone trains, but mean and deviation drift apart."""
    by_name = {node.name: node for node in nodes}
    found = []
    for node in nodes:
        if node.is_shared or node.is_doubtful:
            continue
        before = by_name.get(node.sources[0]) if len(node.sources) == 1 else None
        activation = "" if before is None else _activation(before)
        weights = node if "activation" in node.spec.arguments and node.spec.name != "Activation" else before
        if _activation(node) == "selu" and weights is not None and _begins_otherwise(weights):
            what = "selu keeps mean 0 and deviation 1 only of weights that begin so: `kernel_initializer: LecunNormal`"
            found.append((weights.where, what))
        if node.spec.name == "AlphaDropout" and activation not in ("selu", "linear", ""):
            found.append((node.where, f"AlphaDropout is for selu, and {activation} stands before it: write Dropout"))
        if node.spec.name == "Dropout" and activation == "selu":
            found.append((node.where, "Dropout moves mean and deviation, which selu keeps: write AlphaDropout"))
    return tuple(dict.fromkeys(f"{where}: {what}" for where, what in found))


def _activation(node: Node) -> str:
    """What a layer does at its end, as far as it says so."""
    return _name(node.spec.arguments.get("activation")).lower()


def _begins_otherwise(node: Node) -> bool:
    """Whether a layer has a kernel whose first values are not those that selu counts on."""
    dense = node.spec.name == "Dense" or "Conv" in node.spec.name
    return dense and _name(node.spec.arguments.get("kernel_initializer")) not in _FITTING


def _name(value: Any) -> str:
    return value.name if isinstance(value, Spec) else value if isinstance(value, str) else ""
