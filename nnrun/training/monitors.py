"""What is watched during training, in which direction it improves, and whether anything chooses by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nnrun.config.config import Config
from nnrun.config.predict import Maximize
from nnrun.model.logged import metric_name
from nnrun.training.recipes import recipe

# Parts of the names of Keras' metrics that rise with a better model; a test holds this against Keras' own directions.
_MORE_IS_BETTER = (
    "acc",
    "auc",
    "concordance",
    "correlation",
    "coverage",
    "entity_score",
    "f1_score",
    "fbeta_score",
    "io_u",
    "iou",
    "kappa",
    "precision",
    "psnr",
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


def of_the_graph(config: Config) -> list[str]:
    """The names under which losses of the graph are logged."""
    names = [str(loss.name) for loss in config.model.losses]
    return [*names, *(f"val_{name}" for name in names)]


def of_turns(config: Config) -> list[str]:
    """The names under which the scalars of a recipe's networks are logged."""
    names = recipe(config.recipe).logged if config.recipe is not None else ()
    return [*names, *(f"val_{name}" for name in names)]


def direction(config: Config, name: str) -> str:
    """`max` where more of a logged name is better; a metric with a name of its own is known by what it is."""
    if name in of_the_graph(config):
        return "min"
    written = config.compile.metrics or ()
    specs = [spec for value in written.values() for spec in value] if isinstance(written, Mapping) else written
    bare = name.removeprefix("val_")
    of = [spec for spec in specs if metric_name(spec) == bare]
    return improves(metric_name(replace(of[0], arguments={})) if of else name)


def watches(config: Config) -> list[str]:
    """The quantities by which something chooses: stopping, a plateau, the weights to keep."""
    found = ["val_loss"] if config.fit.keep == "best" else []
    for spec in config.fit.callbacks:
        if spec.name in ("EarlyStopping", "ReduceLROnPlateau"):
            found.append(str(spec.arguments.get("monitor", "val_loss")))
    return found


def chooses(config: Config) -> bool:
    """Whether something is chosen by a validation part, so that a fold needs one of its own."""
    return isinstance(config.predict.threshold, Maximize) or any(
        name.startswith("val_") for fit in config.fits for name in watches(fit)
    )


def monitor(config: Config, *, has_validation: bool) -> dict[str, str]:
    """What the best epoch of the run is told by."""
    for spec in config.fit.callbacks:
        if spec.name == "EarlyStopping":
            name, mode = str(spec.arguments.get("monitor", "val_loss")), spec.arguments.get("mode")
            return {"name": name, "mode": mode if mode in ("min", "max") else direction(config, name)}
    if config.models:
        return {"name": "", "mode": "min"}  # no loss of a recipe says which epoch was the best
    return {"name": "val_loss" if has_validation else "loss", "mode": "min"}
