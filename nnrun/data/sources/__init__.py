"""The sources that a config may name: one file each, called as the YAML calls it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from nnrun.data import archives
from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.files import Roots
from nnrun.data.streaming import settle
from nnrun.errors import SettingError, Where, did_you_mean, listing


def names() -> tuple[str, ...]:
    """Every source there is, read from this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def read(
    name: str,
    arguments: Mapping[str, Any],
    roots: Roots,
    where: Where | None = None,
    download: Callable[[str], Any] | None = None,
    stream: bool | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """All rows of a source; settings annotated `Path` are looked up in `roots`.

    An archive, or a path inside of one, is unpacked first. `download(name)` fetches a public data set and gives
    `(x_train, y_train), (x_test, y_test)`; it is only passed where downloads are allowed, and only sources that know
    how to `fetch` take it. Arrays that do not fit into memory are left to be streamed; `stream` says it by hand.
    `on_bad` says what becomes of rows that cannot be used; it is passed to the sources that take it.
    """
    module, settings = _source(name, where), dict(arguments)
    unpacked: dict[Path, Path] = {}
    for key in _path_settings(module, name, settings, where):
        found = archives.find(roots, str(settings[key]), where)
        settings[key] = found.path
        if found.archive is not None and found.folder is not None:
            unpacked[found.folder] = found.archive
    parameters = inspect.signature(getattr(module, name)).parameters
    settings |= {key: value for key, value in (("on_bad", on_bad), ("stream", stream)) if key in parameters}
    if download is not None and hasattr(module, "fetch"):
        dataset = cast(Dataset, module.fetch(**settings, download=download))
    else:
        dataset = cast(Dataset, getattr(module, name)(**settings))
    if dataset.columns is not None and dataset.folders is None and dataset.files:
        dataset = replace(dataset, folders=_beside(dataset))
    return settle(replace(dataset, archives=unpacked), stream)


def _beside(dataset: Dataset) -> Any:
    """The folder of the table's file for every row: files that cells name are looked up there."""
    import numpy as np

    return np.broadcast_to(np.array(dataset.files[0].parent, dtype=object), dataset.size)


def peek(
    name: str, arguments: Mapping[str, Any], roots: Roots, where: Where | None = None, on_bad: OnBad = "fail"
) -> Peek:
    """What the headers of a source tell; files that are not there are listed in `missing`, and nothing is unpacked."""
    module, settings = _source(name, where), dict(arguments)
    missing = []
    for key in _path_settings(module, name, settings, where):
        written = str(settings[key])
        found = archives.locate(roots, written, where)
        settings[key] = found and found.path
        if found is None:
            missing.append(written)
    if "on_bad" in inspect.signature(module.peek).parameters:
        settings["on_bad"] = on_bad
    told: Peek = module.peek(**settings)
    return replace(told, missing=(*missing, *told.missing))


def path_settings(name: str) -> tuple[str, ...]:
    """The settings of a source that have to name a file or a folder."""
    parameters = inspect.signature(getattr(_source(name, None), name)).parameters
    return tuple(key for key, found in parameters.items() if str(found.annotation) == "Path")


def _source(name: str, where: Where | None) -> ModuleType:
    if name not in names():
        raise SettingError(
            f"there is no source {name!r}",
            where=where,
            expected=f"one of {listing(names())}",
            hint=did_you_mean(name, names()),
        )
    return importlib.import_module(f"{__name__}.{name}")


def _path_settings(module: ModuleType, name: str, settings: Mapping[str, Any], where: Where | None) -> list[str]:
    signature = inspect.signature(getattr(module, name))
    try:
        signature.bind(**settings)
    except TypeError as error:
        takes = ", ".join(key for key in signature.parameters if key not in ("on_bad", "stream"))
        raise SettingError(f"source {name}: {error}", where=where, expected=f"settings {takes}") from None
    of_paths = [key for key, found in signature.parameters.items() if str(found.annotation) in ("Path", "Path | None")]
    return [key for key in of_paths if settings.get(key) is not None]
