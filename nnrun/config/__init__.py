"""From a YAML file to a checked `Config`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnrun.config.config import Config
from nnrun.config.loader import load_text
from nnrun.config.overrides import apply
from nnrun.config.read import read
from nnrun.errors import ConfigError, Problem, UsageError

__all__ = ["Config", "load_config", "read_config"]


def read_config(path: Path | str, overrides: Sequence[str] = ()) -> tuple[Config | None, list[Problem]]:
    """The config as far as it can be read, and all of its problems."""
    file = Path(path)
    try:
        written = file.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no config {str(path)!r}", hint="`nnrun train FILE.yaml`") from None
    except OSError as error:
        raise UsageError(f"the config {str(path)!r} cannot be read: {error.strerror}") from None
    document = load_text(written, str(path))
    problems: list[Problem] = []
    for override in overrides:
        try:
            apply(document, override)
        except ConfigError as error:
            problems += error.problems
    config, found = read(document, folder=file.parent, written=written, overrides=tuple(overrides))
    return config, problems + found


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """A config whose every name and argument is known; raises `ConfigError` with all problems at once."""
    config, problems = read_config(path, overrides)
    if problems or config is None:
        raise ConfigError(problems)
    return config
