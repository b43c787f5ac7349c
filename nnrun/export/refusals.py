"""What a script cannot say yet: told in a sentence with its place, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping

from nnrun.config.config import Config, is_by_output
from nnrun.config.sections import UNCERTAINTY
from nnrun.data.dataset import Dataset
from nnrun.data.steps import of_array
from nnrun.devices import obstacles, wanted
from nnrun.errors import ConfigError, Problem
from nnrun.model import earlier
from nnrun.training.material import Material

_LATER = "and a script that does it is not of this version yet"


def _parts(config: Config) -> list[Problem]:
    """Parts that are not drawn as scikit-learn does it."""
    split, key = config.data.split, config.document.key
    if config.by_time and config.data.windows is None:
        path = ("cv", "strategy") if split is None or split.strategy != "time" else ("data", "split", "strategy")
        return [Problem(f"the rows are parted by time, {_LATER}", key(path))]
    if split is not None and split.strategy == "hash":
        return [Problem(f"the rows are parted by hash, {_LATER}", key(("data", "split", "strategy")))]
    if split is not None and split.train is not None:
        return [Problem(f"not all other rows train, {_LATER}", key(("data", "split", "train")))]
    return []


def _leaves_out(config: Config) -> bool:
    """Whether a short last batch is left out: as it is written, or since the replicas that are asked for do."""
    runtime = config.runtime
    if runtime.remainder != "auto" or runtime.backend != "tensorflow":
        return runtime.remainder == "drop"
    several = wanted.strategy(runtime) == wanted.DATA_PARALLEL and wanted.count(runtime) != 1
    return several and bool(obstacles.of_padding(config) or obstacles.unknown(config))


def refuse(config: Config, dataset: Dataset, material: Material) -> None:
    """Raises every reason at once."""
    key = config.document.key
    found = []
    if config.plugins:
        told = "the config has Python files of its own, and a script that imports them is not of this version yet"
        found.append(Problem(told, key(("plugins",))))
    if config.models:
        found.append(Problem(f"a recipe has training steps of its own, {_LATER}", key(("models",))))
        raise ConfigError(found)
    if config.phases:
        found.append(Problem(f"there are several fits in a row, {_LATER}", key(("phases",))))
    if config.recipe is not None and config.recipe.name == "distillation":
        found.append(Problem(f"a network learns from a trained one, {_LATER}", config.recipe.where))
    if config.compile.loss_weights == UNCERTAINTY:
        found.append(Problem(f"the weights of losses are learned, {_LATER}", key(("compile", "loss_weights"))))
    for spec in earlier.called(config.model, ()).values():
        found.append(Problem(f"a network that was trained before is a layer, {_LATER}", spec.where))
    for step in config.model.layers:
        if step.spec.slot == "applications" and isinstance(step.spec.arguments.get("weights"), Mapping):
            found.append(Problem(f"the weights of {step.spec.name} are in a file, {_LATER}", step.where))
    for spec in obstacles.calls(config, ()):
        if spec.slot == "losses":
            found.append(Problem(f"the loss {spec.name} stands in the graph, {_LATER}", spec.where))
    if config.data.augment:
        found.append(Problem(f"training rows are augmented, {_LATER}", key(("data", "augment"))))
    if config.data.windows is not None:
        found.append(Problem(f"the rows are windows of a series, {_LATER}", key(("data", "windows"))))
    found += _parts(config)
    weights = config.fit.class_weight
    if isinstance(weights, Mapping) and is_by_output(weights):
        found.append(Problem(f"classes are weighed by output, {_LATER}", key(("fit", "class_weight"))))
    if _leaves_out(config):
        found.append(Problem(f"a short last batch is left out, {_LATER}", key(("runtime", "remainder"))))
    if config.fit.sampling is not None:
        found.append(Problem(f"training rows are sampled, {_LATER}", key(("fit", "sampling"))))
    if config.predict.threshold is not None:
        found.append(Problem(f"answers are read at a threshold, {_LATER}", key(("predict", "threshold"))))
    if config.predict.anomaly is not None:
        found.append(Problem(f"rows are held against a largest error, {_LATER}", config.predict.anomaly.where))
    if config.predict.decoding is not None:
        found.append(Problem(f"answers are read as sequences, {_LATER}", config.predict.decoding.where))
    if config.data.on_bad != "fail":
        found.append(Problem(f"rows that cannot be used are left out, {_LATER}", key(("data", "on_bad"))))
    for target in config.data.targets:
        if target.following:
            found.append(Problem(f"the target is what follows in {target.name!r}, {_LATER}", target.where))
        if target.masked is not None:
            found.append(Problem(f"the target is what is hidden in {target.name!r}, {_LATER}", target.where))
        if target.steps:
            found.append(Problem(f"the target {target.name!r} is prepared, {_LATER}", target.where))
    for name, entries in material.preparation.features.items():
        if any(of_array(dataset, entry) for entry in entries):
            found.append(Problem(f"the input {name!r} prepares an array of the source, {_LATER}", entries[0].where))
    if found:
        raise ConfigError(found)
