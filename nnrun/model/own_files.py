"""The one place that runs a person's own Python file: once in a process, from exactly the bytes that were approved."""

from __future__ import annotations

import hashlib
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from types import ModuleType
from typing import Any

from nnrun import catalogue, trust
from nnrun.catalogue import Component
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem, Where
from nnrun.model import framework
from nnrun.model.losses._rows import loss_of

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def make(component: Component, arguments: Mapping[str, Any]) -> Any:
    """An object of an own file, as Keras takes it: a function of targets and outputs becomes a loss or a metric."""
    found, given = attribute(component), dict(arguments)
    if component.slot == "losses" and not isinstance(found, type):
        return loss_of(component.name, partial(found, **given))
    if component.slot != "metrics":
        return found(**given)
    name = given.pop("name", component.name)
    if not isinstance(found, type):
        return framework.keras().metrics.MeanMetricWrapper(found, name=name, **given)
    metric = found(**given)
    metric.name = name  # else Keras numbers those that are made again
    return metric


def source(spec: Spec) -> tuple[Callable[..., Any], tuple[str, ...]] | None:
    """The function of a source from an own file, and which of its settings are paths; None for nnrun's sources."""
    component = catalogue.joined_find("sources", spec.name)
    if component is None:
        return None
    paths = tuple(p.name for p in component.parameters if p.annotation.removesuffix(" | None") == "Path")
    return attribute(component), paths


def attribute(component: Component) -> Any:
    """The class or function that a component of an own file describes."""
    file = catalogue.joined_file(component)
    assert file is not None, f"{component.name} is used outside of its config"
    module = _run(file.name, file.source)
    if not hasattr(module, component.name):
        raise ConfigError([Problem(f"{file.name} has lost {component.name} while it ran", Where(file.name, 1, 1))])
    return getattr(module, component.name)


@contextmanager
def known_to_keras() -> Iterator[None]:
    """Inside, Keras finds the classes of the joined files by name: a wrapper makes copies of the layer it is given."""
    files = catalogue.joined_files()
    if not files:
        yield
        return
    classes = {c.name: attribute(c) for file in files for c in file.components.values() if c.slot != "sources"}
    with framework.keras().saving.custom_object_scope(classes):
        yield


def place(error: BaseException) -> str:
    """The line of an own file in which an error was raised, and its words; empty where it was raised elsewhere."""
    names = {_file_name(file.name, file.source): file.name for file in catalogue.joined_files()}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in names]
    if not frames:
        return ""
    said = " ".join(_COLOURS.sub("", str(error)).split()).partition(" Arguments received by ")[0]
    said = re.sub(r"^Exception encountered when calling [^ ]+\(\)\. ", "", said)  # by Keras, around the error itself
    return f"{names[frames[-1].filename]}:{frames[-1].lineno}: {type(error).__name__}: {said[:400]}"


@cache
def _run(name: str, source: bytes) -> ModuleType:
    if not trust.is_approved(source):  # asked again where it counts
        raise ConfigError([Problem(f"{name} is not approved any more", Where(name, 1, 1))])
    framework.keras()  # on the backend of the config, before the file imports it
    module = ModuleType(f"nnrun_plugins.{name.removesuffix('.py')}")
    module.__file__ = _file_name(name, source)
    # Tracebacks, and whoever asks for a function's source, shall see these bytes and not today's file.
    text = source.decode("utf-8", "replace")
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(keepends=True), module.__file__)
    sys.modules[module.__name__] = module  # a dataclass looks there for its own module
    try:
        exec(compile(source, module.__file__, "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == module.__file__]
        where = Where(name, (frames[-1].lineno if frames else None) or 1, 1)
        what = f"it cannot be run: {type(error).__name__}: {error}".rstrip(": ")
        raise ConfigError([Problem(what, where, hint="mend the file, and approve it again")]) from error
    return module


def _file_name(name: str, source: bytes) -> str:
    return f"<{name} {hashlib.sha256(source).hexdigest()[:12]}>"
