"""How the script writes each preparation: one file each, with a function of its name that takes its settings.

Numbers pass through a transformer of scikit-learn; categories through a function that the script brings with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from inspect import signature
from typing import Any

from nnrun.catalogue import reader
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call


@dataclass(frozen=True)
class Written:
    """A transformer with the import it needs, or a function with its source; neither leaves the values as they are."""

    transformer: Call | None = None
    imports: tuple[str, ...] = ()
    function: str = ""
    source: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    gives_ids: bool = False
    takes_numbers: bool = False  # the function, which else takes texts


def code_of(step: Spec) -> Written:
    """The preparation as code; raises where a script cannot have it."""
    folder = reader.package_folder("nnrun") / "export" / "preparations"
    if not (folder / f"{step.name}.py").is_file():
        what = f"the preparation {step.name} cannot be written into a script"
        raise _refusal(what, step)
    function = getattr(import_module(f"{__name__}.{step.name}"), step.name)
    strange = set(step.arguments) - set(signature(function).parameters)
    if strange:
        raise _refusal(f"the setting {min(strange)} of {step.name} cannot be written into a script", step)
    found: Written = function(**step.arguments)
    return found


def _refusal(what: str, step: Spec) -> ConfigError:
    return ConfigError([Problem(what, step.where if step.where.file else None, hint="train it with nnrun")])


AS_TEXT = '''
def as_text(values):
    """Every value as a text, a blank as an empty one; 3 and 3.0 are the same category."""

    def text(value):
        if pd.isna(value):
            return ""
        whole = isinstance(value, float) and value.is_integer()
        return str(int(value) if whole else value)

    cells = np.asarray(values, dtype=object)
    return np.array([text(value) for value in cells.ravel()], dtype=object).reshape(cells.shape)
'''
ORDERED = '''
def ordered(texts):
    """The distinct texts in order, by their value where all of them are numbers."""
    distinct = sorted(set(texts))
    try:
        return sorted(distinct, key=float)
    except ValueError:
        return distinct
'''
