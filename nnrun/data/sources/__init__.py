"""The sources that a config may name: one file each, called as the YAML calls it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any, cast

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
) -> Dataset:
    """All rows of a source; settings annotated `Path` are looked up in `roots`.

    `download(name)` fetches a public data set and gives `(x_train, y_train), (x_test, y_test)`; it is only
    passed where downloads are allowed, and only sources that know how to `fetch` take it. Arrays that do not fit into
    memory are left to be streamed; `stream` says it by hand.
    """
    module, settings = _source(name, where), dict(arguments)
    for key in _path_settings(module, name, settings, where):
        settings[key] = roots.find(str(settings[key]), where=where)
    if download is not None and hasattr(module, "fetch"):
        dataset = cast(Dataset, module.fetch(**settings, download=download))
    else:
        dataset = cast(Dataset, getattr(module, name)(**settings))
    return settle(dataset, stream)


def peek(name: str, arguments: Mapping[str, Any], roots: Roots, where: Where | None = None) -> Peek:
    """What the headers of a source tell; files that are not there are listed in `missing`."""
    module, settings = _source(name, where), dict(arguments)
    missing = []
    for key in _path_settings(module, name, settings, where):
        written = str(settings[key])
        settings[key] = roots.locate(written, where=where)
        if settings[key] is None:
            missing.append(written)
    told: Peek = module.peek(**settings)
    return replace(told, missing=(*missing, *told.missing))


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
        takes = ", ".join(signature.parameters)
        raise SettingError(f"source {name}: {error}", where=where, expected=f"settings {takes}") from None
    return [key for key in settings if str(signature.parameters[key].annotation) == "Path"]
