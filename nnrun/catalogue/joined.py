"""The names of a person's own Python files, known only where the config that names these files is read or used."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from nnrun.catalogue.component import Component


@dataclass(frozen=True)
class OwnFile:
    """A Python file as it was read, once; its bytes are what is approved, kept and run."""

    name: str
    source: bytes = field(repr=False)
    components: Mapping[tuple[str, str], Component] = field(repr=False)

    @property
    def sha256(self) -> str:
        """What an approval is pinned to."""
        return hashlib.sha256(self.source).hexdigest()


_FILES: ContextVar[tuple[OwnFile, ...]] = ContextVar("own_files", default=())


@contextmanager
def joined(files: tuple[OwnFile, ...]) -> Iterator[None]:
    """Inside, these files' names are in the catalogue, and no other file's."""
    token = _FILES.set(files)
    try:
        yield
    finally:
        _FILES.reset(token)


def joined_find(slot: str, name: str) -> Component | None:
    """The component of this name in the files that are joined, or None."""
    files = _FILES.get()
    if not files:  # which is asked thousands of times for a model of thousands of layers
        return None
    return next((file.components[slot, name] for file in files if (slot, name) in file.components), None)


def joined_names(slot: str) -> tuple[str, ...]:
    """The names of a family in the files that are joined, sorted."""
    return tuple(sorted(name for file in _FILES.get() for family, name in file.components if family == slot))


def joined_file(component: Component) -> OwnFile | None:
    """The joined file that defines a component; None for what Keras and nnrun have."""
    key = (component.slot, component.name)
    return next((file for file in _FILES.get() if file.components.get(key) is component), None)


def joined_files() -> tuple[OwnFile, ...]:
    """The files that are joined, in the order of the config."""
    return _FILES.get()
