"""What differs between two configs, and what of it a run may take up when it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nnrun.config.loader import Document, Path
from nnrun.errors import Problem

_ABSENT = object()

# Nothing here changes a bit of the steps that are done. The words on devices only ask: what comes of them is the plan,
# and a snapshot is held to that (`training/snapshots.py`).
_LENGTH = ("fit", "epochs")
_RUNTIME = (
    "snapshot_every",
    "steps_per_execution",
    "memory_growth",
    "device",
    "devices",
    "strategy",
    "remainder",
)
_FREE = (_LENGTH, *(("runtime", key) for key in _RUNTIME))


@dataclass(frozen=True)
class Change:
    """One value that two configs disagree on."""

    path: Path
    before: Any
    after: Any

    @property
    def is_free(self) -> bool:
        """Whether a run may go on with it: epochs, patience, where it computes, and what only shows."""
        if self.path[0] in ("report", "name"):
            return True
        return self.is_written and (self.path[:2] in _FREE or self._is_patience)

    @property
    def is_longer(self) -> bool:
        """Whether it may change how long a training lasts, so that those of one study would differ."""
        return self.path == _LENGTH or self._is_patience

    @property
    def is_written(self) -> bool:
        """Whether the value stands in the config that is followed from now on."""
        return self.after is not _ABSENT

    @property
    def _is_patience(self) -> bool:
        return self.path[:2] == ("fit", "callbacks") and self.path[-1] == "patience"

    @property
    def override(self) -> str:
        """The change as `-s` takes it."""
        return f"{'.'.join(str(part) for part in self.path)}={json.dumps(self.after)}"

    def problem(self, now: Document) -> Problem:
        """Why the run cannot go on with it."""
        dotted = ".".join(str(part) for part in self.path)
        told = f"{dotted} is {_shown(self.after)}, and the run was begun with {_shown(self.before)}"
        return Problem(told, now.value(self.path))


def changes(before: Document, after: Document) -> list[Change]:
    """Every value that differs, by its path."""
    return list(_changes((), before.data, after.data))


def _changes(path: Path, before: Any, after: Any) -> Iterator[Change]:
    before, after = _opened(before, after), _opened(after, before)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _changes((*path, key), before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changes((*path, place), old, new)
    elif before is not after and (type(before) is not type(after) or before != after):
        yield Change(path, before, after)


def _opened(value: Any, other: Any) -> Any:
    """What is not written beside a mapping is an empty one; `Name` beside `Name: {...}` is `Name: {}`."""
    if not isinstance(other, dict) or isinstance(value, dict):
        return value
    if value is _ABSENT or value is None:
        return {}
    return {value: {}} if isinstance(value, str) and value in other else value


def _shown(value: Any) -> str:
    text = "nothing there" if value is _ABSENT else json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
