"""The checks that wait for the data, because only the data tells the tasks: made before a run folder is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nnrun.check.data import Seen
from nnrun.check.training import problems
from nnrun.config.config import Config
from nnrun.errors import ConfigError


def require(config: Config, seen: Seen, tasks: Sequence[Mapping[str, str]], *, cross_validation: bool) -> None:
    """Monitors, losses and metrics of each fit against its tasks by output; raises ConfigError with every problem."""
    found = []
    for fit, own in zip(config.fits, tasks, strict=True):
        known = fit if isinstance(config.task, str) else replace(fit, task=dict(own))
        found += problems(known, replace(seen, targets=tuple(own)), cross_validation=cross_validation)
    if found:
        raise ConfigError(found)
