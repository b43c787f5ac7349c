"""Which Python files a person has approved: a note for each, outside of every project, named by the file's sha256.

A config cannot approve anything. A file that has changed by one byte is another file.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nnrun.catalogue import OwnFile, read_own_file
from nnrun.errors import UsageError
from nnrun.storage import atomic, folders

LARGEST = 1_000_000  # bytes; no file that a person wrote is larger


@dataclass(frozen=True)
class Approval:
    """A note: which bytes were approved, when, and where they lay at the time."""

    sha256: str
    file: str
    approved: str


def state() -> Path:
    """The folder of what nnrun remembers of this person: NNRUN_STATE, else the system's place for it."""
    named = os.environ.get("NNRUN_STATE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "nnrun"


def read(file: Path) -> bytes:
    """The bytes of a file of code, read once: what is shown, approved, kept and run are these."""
    if not file.is_file():
        raise UsageError(f"there is no file {str(file)!r}")
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def is_approved(source: bytes) -> bool:
    """Whether a person has approved exactly these bytes."""
    return _note(hashlib.sha256(source).hexdigest()).is_file()


def approve(file: Path) -> OwnFile:
    """Approves a file as it is now. Raises ConfigError where it is no file that a config could name."""
    found = read_own_file(file.name, read(file))
    if not found.components:
        raise UsageError(
            f"{file} defines nothing that a config could name",
            expected="a class that inherits from one of Keras, a function of (y_true, y_pred), or one with `-> dict`",
        )
    folders.create_folders(_notes())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    atomic.write_json(_note(found.sha256), {"format": 1, "file": str(file.absolute()), "approved": now})
    return found


def revoke(file: Path) -> int:
    """Takes back what was approved of a file, as it is now and as it once was; how many approvals those were."""
    now = hashlib.sha256(read(file)).hexdigest() if file.is_file() else ""
    found = [note for note in approvals() if note.sha256 == now or note.file == str(file.absolute())]
    for note in found:
        atomic.remove(_note(note.sha256))
    return len(found)


def approvals() -> list[Approval]:
    """Everything that is approved, the latest last; a note that cannot be read still counts, and is listed."""
    found = []
    for path in sorted(_notes().glob("*.json")):
        try:
            told = json.loads(path.read_bytes())
        except (OSError, ValueError):
            told = None
        told = told if isinstance(told, dict) else {}
        found.append(Approval(path.stem, str(told.get("file", "?")), str(told.get("approved", "?"))))
    return sorted(found, key=lambda note: (note.approved, note.file))


def _notes() -> Path:
    return state() / "trusted"


def _note(sha256: str) -> Path:
    return _notes() / f"{sha256}.json"
