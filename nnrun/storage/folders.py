"""Run folders: made by an exclusive mkdir, so that no run ever overwrites another."""

from __future__ import annotations

import itertools
import os
import secrets
from pathlib import Path

from nnrun.errors import StorageError, UsageError
from nnrun.run_name import EXPECTED, LATEST, fault
from nnrun.storage.atomic import make_folder, sync_folder, write_text
from nnrun.storage.trouble import writing


def validate_name(name: str) -> str:
    """`name`, if a run may be called so; else UsageError."""
    what = fault(name)
    if what:
        raise UsageError(what, expected=EXPECTED, hint="give another name with --name")
    return name


def create_run_folder(runs: Path, name: str) -> Path:
    """A new folder `runs/<name>`, or `<name>-2`, `<name>-3`, ... where that is taken."""
    validate_name(name)
    create_folders(runs)
    for number in itertools.count(1):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        if _make(folder):
            return folder
    raise AssertionError("the numbers do not end")


def create_folders(folder: Path) -> None:
    """Makes a folder and those above it, where they are not there."""
    with writing(folder):
        for parent in (*reversed(folder.absolute().parents), folder):
            if not parent.exists():
                make_folder(parent)


def create_child(parent: Path, name: str) -> Path:
    """A new folder for a run inside a run: `fold-1`, `seed-2`, `trial-0001`. StorageError if it exists."""
    folder = parent / validate_name(name)
    if not _make(folder):
        raise StorageError(f"{folder} exists already", hint="resume the run, or start a new one")
    return folder


def point_latest(runs: Path, folder: Path) -> None:
    """Makes `runs/latest` point to `folder`: a relative link, or where links fail a text file."""
    latest = runs / LATEST
    target = os.path.relpath(folder, runs)
    temporary = runs / f".staged-{secrets.token_hex(6)}"
    try:
        temporary.symlink_to(target, target_is_directory=True)
    except OSError:
        write_text(latest, target + "\n")
        return
    with writing(latest):
        try:
            os.replace(temporary, latest)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(runs)


def _make(folder: Path) -> bool:
    with writing(folder):
        return make_folder(folder)
