"""The checks that wait for the data, because only the data tells the tasks: made before a run folder is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nnrun.check.data import Seen
from nnrun.check.training import problems
from nnrun.config.config import Config
from nnrun.errors import ConfigError


def require(config: Config, seen: Seen, tasks: Mapping[str, str], *, cross_validation: bool) -> None:
    """Monitors, losses and metrics against the tasks by output; raises ConfigError with every problem."""
    known = config if isinstance(config.task, str) else replace(config, task=dict(tasks))
    seen = replace(seen, targets=tuple(tasks))
    fits = [replace(fit, task=known.task) for fit in config.fits]
    found = [problem for fit in fits for problem in problems(fit, seen, cross_validation=cross_validation)]
    if found:
        raise ConfigError(found)
