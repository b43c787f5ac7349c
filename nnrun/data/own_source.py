"""Rows from a function of a person's own file: a dict with the arrays of the inputs and of the targets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.errors import DataError, NnrunError, Where, listing

if TYPE_CHECKING:
    import numpy as np

EXPECTED = "{'inputs': ARRAY, 'targets': ARRAY}, or a dict of arrays by name in the place of an array"
_KINDS = "biufUO"  # numbers and texts


def own_source(
    name: str, function: Callable[..., Any], arguments: Mapping[str, Any], paths: tuple[str, ...], roots: Roots,
    where: Where | None,
) -> Dataset:  # fmt: skip
    """Calls the function; settings named in `paths` are looked up in `roots`, like those of any source."""
    settings = dict(arguments)
    for key in paths:
        if key in settings:
            settings[key] = roots.find(str(settings[key]), where=where)
    try:
        told = function(**settings)
    except NnrunError:
        raise
    except Exception as error:  # whatever the person's own code raises, the reader of the YAML needs its place
        raise DataError(f"{name} fails: {type(error).__name__}: {error}", where=where) from error
    if not isinstance(told, dict) or not {"inputs"} <= set(told) <= {"inputs", "targets"}:
        keys = f"a dict with {listing([str(key) for key in told])}" if isinstance(told, dict) else type(told).__name__
        raise DataError(f"{name} gives {keys}", where=where, expected=EXPECTED)
    inputs = _arrays(name, told["inputs"], "x", where)
    targets = _arrays(name, told.get("targets", {}), "y", where)
    sizes = {key: len(array) for key, array in {**inputs, **targets}.items()}
    if len(set(sizes.values())) != 1 or set(inputs) & set(targets):
        counts = ", ".join(f"{key} {size}" for key, size in sizes.items())
        raise DataError(
            f"{name} gives arrays of different rows: {counts or 'none'}", where=where, expected="a row each"
        )
    return Dataset(
        size=next(iter(sizes.values())),
        arrays=inputs,
        targets=targets,
        description=f"arrays of {name}",
        target=next(iter(targets)) if len(targets) == 1 else None,
    )


def _arrays(name: str, given: Any, single: str, where: Where | None) -> dict[str, np.ndarray[Any, Any]]:
    import numpy as np

    found = {}
    for key, values in (given if isinstance(given, dict) else {single: given}).items():
        array = np.asarray(values)
        if array.ndim == 0 or array.dtype.kind not in _KINDS or not isinstance(key, str):
            raise DataError(f"{name} gives {key!r}, which is no array with a row for each example", where=where)
        found[key] = array
    return found
