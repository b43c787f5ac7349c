"""A target that is the next value of the very column that the model reads: a language model of windows."""

from __future__ import annotations

from nnrun.config.config import Config


def next_value(config: Config) -> str | None:
    """The only input, where it holds windows of a column of categories and the target is the value behind a window."""
    windows, features, targets = config.data.windows, config.data.features, config.data.targets
    if not windows or int(windows.get("horizon", 0)) != 1 or windows.get("gap"):
        return None
    if len(targets) != 1 or not features or len(features) != 1:
        return None
    ((name, entries),), target = features.items(), targets[0]
    if len(entries) != 1 or target.of_input or target.steps or len(target.columns) != 1:
        return None
    steps = entries[0].steps
    of_categories = bool(steps) and steps[-1].name in ("index", "one_hot")
    return name if of_categories and entries[0].columns == target.columns else None
