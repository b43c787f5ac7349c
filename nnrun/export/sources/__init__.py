"""How the script reads each source: one file each, with a function of its name.

It is given the script, the settings with paths as expressions, a suffix for the names of variables, and the dataset as
nnrun has read it, and tells which variables hold what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from nnrun.catalogue import reader
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Script


@dataclass(frozen=True)
class Read:
    """The variable of the table, those of the arrays and targets by name; `scaled` are inputs times their scale.

    `test` is an expression for the rows of the source's own test part.
    """

    table: str = ""
    arrays: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    test: str = ""


def read(script: Script, source: Spec, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """Writes the reading of a source; raises where a script cannot have it."""
    folder = reader.package_folder("nnrun") / "export" / "sources"
    if not (folder / f"{source.name}.py").is_file():
        what = f"the source {source.name} cannot be read by a script"
        raise ConfigError([Problem(what, source.where, hint="write its rows into a csv or npz file")])
    function: Callable[..., Read] = getattr(import_module(f"{__name__}.{source.name}"), source.name)
    return function(script, settings, suffix, dataset)
