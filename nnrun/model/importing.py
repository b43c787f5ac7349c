"""How a heavy package is imported: without what it only looks for, and without what its C++ prints."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class _Unimportable:
    """A finder that refuses some packages."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.names:
            raise ImportError(f"{fullname} is set aside while Keras is imported")
        return None


@contextlib.contextmanager
def lean(names: Sequence[str]) -> Iterator[None]:
    """An import without what Keras only looks for, and without the search for garbage, of which it makes none."""
    gc.disable()
    try:
        with without(names):
            yield
    finally:
        gc.freeze()  # nor is what it made searched ever after
        gc.enable()


@contextlib.contextmanager
def without(names: Sequence[str]) -> Iterator[None]:
    """Makes packages unimportable for a moment; one that is loaded already stays as it is."""
    finder = _Unimportable([name for name in names if name not in sys.modules])
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextlib.contextmanager
def quiet(loud: bool) -> Iterator[None]:
    """Holds back what TensorFlow's C++ prints at import; it is shown when the import fails."""
    if loud:
        yield
        return
    with contextlib.ExitStack() as opened:
        try:
            held = opened.enter_context(tempfile.TemporaryFile())
            stderr = os.dup(2)
        except OSError:  # the disk is full, or stderr is closed
            yield
            return
        os.dup2(held.fileno(), 2)
        try:
            yield
        except Exception as error:
            if isinstance(error, SystemError):  # what C++ makes of a signal: whoever stopped the run knows why
                raise
            os.dup2(stderr, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def alone(name: str) -> Any:
    """A package by itself, without Keras: for a process that only asks it what it sees."""
    return import_module(name)


def hide_gpus_from_tensorflow(loud: bool) -> None:
    """For a process that computes with JAX: TensorFlow, should Keras load it later on (TextVectorization does), would
    take all memory of the GPUs at its first operation; so it is told of none as soon as it is imported.
    """

    def hide(tensorflow: Any) -> None:
        with contextlib.suppress(RuntimeError):  # it has computed already, before JAX was asked for
            tensorflow.config.set_visible_devices([], "GPU")

    after_import("tensorflow", hide, loud=loud)


def after_import(name: str, act: Callable[[Any], None], *, loud: bool = True) -> None:
    """Calls `act` with a package as soon as somebody has imported it; at once where it is loaded already.

    Without `loud`, what its C++ prints meanwhile is held back as by `quiet`.
    """
    loaded = sys.modules.get(name)
    if loaded is None:
        sys.meta_path.insert(0, _Watch(name, act, loud))
    else:
        act(loaded)


class _Watch:
    """A finder that finds nothing itself: it has a package's own loader say when it is done, once."""

    def __init__(self, name: str, act: Callable[[Any], None], loud: bool) -> None:
        self.name, self.act, self.loud = name, act, loud

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        others = [finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec")]
        specs = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next((found for found in specs if found is not None), None)
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module = self._then(spec.loader.exec_module)  # type: ignore[method-assign, assignment]
        return spec

    def _then(self, execute: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
        def executed(module: ModuleType) -> None:
            with quiet(self.loud):
                execute(module)
                if self in sys.meta_path:  # the spec may have been looked for more often than it was loaded
                    sys.meta_path.remove(self)
                    self.act(module)

        return executed
