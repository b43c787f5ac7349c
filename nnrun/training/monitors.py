"""What is watched during training, in which direction it improves, and whether anything chooses by it."""

from __future__ import annotations

from nnrun.config.config import Config

# Parts of the names of Keras' metrics that rise with a better model; a test holds this against Keras' own directions.
_MORE_IS_BETTER = (
    "acc",
    "auc",
    "concordance",
    "correlation",
    "f1_score",
    "fbeta_score",
    "io_u",
    "iou",
    "precision",
    "r2_score",
    "recall",
    "sensitivity",
    "similarity",
    "specificity",
    "true_negatives",
    "true_positives",
)


def improves(name: str) -> str:
    """`max` where more is better, else `min`."""
    lowered = name.lower()
    if "loss" in lowered or "error" in lowered:
        return "min"
    return "max" if any(word in lowered for word in _MORE_IS_BETTER) else "min"


def watches(config: Config) -> list[str]:
    """The quantities by which something chooses: stopping, a plateau, the weights to keep."""
    found = ["val_loss"] if config.fit.keep == "best" else []
    for spec in config.fit.callbacks:
        if spec.name in ("EarlyStopping", "ReduceLROnPlateau"):
            found.append(str(spec.arguments.get("monitor", "val_loss")))
    return found


def chooses(config: Config) -> bool:
    """Whether something is chosen by a validation part, so that a fold needs one of its own."""
    return any(name.startswith("val_") for name in watches(config))


def monitor(config: Config, *, has_validation: bool) -> dict[str, str]:
    """What the best epoch of the run is told by."""
    for spec in config.fit.callbacks:
        if spec.name == "EarlyStopping":
            name, mode = str(spec.arguments.get("monitor", "val_loss")), spec.arguments.get("mode")
            return {"name": name, "mode": mode if mode in ("min", "max") else improves(name)}
    return {"name": "val_loss" if has_validation else "loss", "mode": "min"}
