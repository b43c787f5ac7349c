"""From a YAML file to a checked `Config`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nnrun.catalogue import joined
from nnrun.config.config import Config
from nnrun.config.extends import copies, extended
from nnrun.config.loader import load_text
from nnrun.config.overrides import apply
from nnrun.config.plugins import plugins
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
    found_parents = extended(load_text(written, str(path)), file)
    document = found_parents.document
    problems: list[Problem] = []
    with joined(plugins(document, file.parent)[0]):  # an override may go inside of a name of theirs
        for override in overrides:
            try:
                apply(document, override)
            except ConfigError as error:
                problems += error.problems
    config, found = read(document, folder=file.parent, written=written, overrides=tuple(overrides))
    if config is not None:
        config = replace(config, copies=copies(found_parents.parents))
    return config, problems + found


def load_config(path: Path | str, overrides: Sequence[str] = ()) -> Config:
    """A config whose every name and argument is known; raises `ConfigError` with all problems at once."""
    config, problems = read_config(path, overrides)
    if problems or config is None:
        raise ConfigError(problems)
    return config
