"""Augmentations on the inputs and targets that the headers tell."""

from __future__ import annotations

from nnrun.check.data import Seen, may_be_array
from nnrun.check.model import task_of
from nnrun.config.config import Config
from nnrun.data.features import gives_ids, result
from nnrun.errors import DataError, Problem
from nnrun.model import augmenting


def problems(config: Config, seen: Seen) -> list[Problem]:
    """What cannot work, as far as it is known without the data."""
    augment = config.data.augment
    if not augment:
        return []
    found = augmenting.problems(augment, seen.read, *_kinds(config, seen), config.document.key)
    found += augmenting.on_backend(augment, config.runtime.backend)
    for spec in augmenting.mixing(augment):
        if len(seen.shapes) > 1:
            found.append(augmenting.alone(spec, [name for name in seen.shapes if name not in augment]))
        found += [augmenting.not_mixed(spec, name) for name in seen.targets if _is_of_classes(config, seen, name)]
    return found


def _kinds(config: Config, seen: Seen) -> tuple[list[str], list[str]]:
    """The inputs that are columns of a table, and those that are ids."""
    columns, ids = [], []
    for name, shape in seen.shapes.items():
        if name in seen.peek.arrays:
            continue
        entries = (config.data.features or {}).get(name, ())
        try:
            arrays = any(result(entry) == "array" for entry in entries)
            if any(gives_ids(entry) for entry in entries):
                ids.append(name)
        except DataError:  # a step that does not fit, which is told already
            continue
        if not arrays and len(shape or ()) < 2:
            columns.append(name)
    return columns, ids


def _is_of_classes(config: Config, seen: Seen, target: str) -> bool:
    """Whether a target is class numbers for all that is known: neither one-hot, nor an array, nor an amount."""
    written = {str(spec.name): spec for spec in config.data.targets}.get(target)
    if written is not None and (written.one_hot or written.copy):
        return False
    task = task_of(config, seen, target)
    return task in ("binary", "multiclass") and not may_be_array(config, seen, target)
