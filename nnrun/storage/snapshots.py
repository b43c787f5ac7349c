"""Snapshots of a training: folders that are whole or do not count, so that a run goes on after any death.

    run/snapshots/snapshot-7/  manifest.json  variables.npz  callbacks.npz  state.json

The manifest says the sum and size of every file; which snapshot is the newest is found by looking, never stored.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.storage import arrays as named_arrays
from nnrun.storage import exact
from nnrun.storage.atomic import make_folder, sync, sync_folder
from nnrun.storage.trouble import writing

if TYPE_CHECKING:
    import numpy as np

FORMAT = 1
MANIFEST = "manifest.json"

_FOLDER = re.compile(r"snapshot-(\d+)(\.tmp)?")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class Snapshot:
    """A snapshot that was found whole: what `write` was given, bit for bit."""

    path: Path
    number: int
    manifest: Mapping[str, Any]

    def arrays(self, name: str) -> dict[str, np.ndarray[Any, Any]]:
        """The arrays of `<name>.npz`."""
        return named_arrays.read(self.path / f"{name}.npz")

    def data(self, name: str) -> Any:
        """The content of `<name>.json`."""
        return exact.loads((self.path / f"{name}.json").read_text(encoding="utf-8"))


def write(
    folder: Path,
    about: Mapping[str, Any],
    arrays: Mapping[str, Mapping[str, np.ndarray[Any, Any]]],
    data: Mapping[str, Any],
    keep: int = 2,
) -> Snapshot:
    """A new snapshot in `folder`, which outlives a power cut from the moment that this returns.

    `about` goes into the manifest, `arrays` into a `.npz` each, `data` into a `.json` each (what `exact` takes). Only
    the newest `keep` whole snapshots stay. Where it cannot be written (StorageError), the older ones are as they were.
    """
    _refuse_names(about, arrays, data)
    with writing(folder):
        make_folder(folder)
        _remove(path for path, _, temporary in _found(folder) if temporary)  # left by deaths, and room is wanted
        number = 1 + max((number for _, number, _ in _found(folder)), default=0)
    final = folder / f"snapshot-{number}"
    temporary = folder / f"{final.name}.tmp"
    with writing(final):
        try:
            temporary.mkdir()
            manifest = _fill(temporary, about, arrays, data)
            os.replace(temporary, final)
        except BaseException:
            _remove([temporary])
            raise
        sync_folder(folder)
    _remove(_spare(folder, final, keep))
    return Snapshot(final, number, manifest)


def newest(folder: Path) -> Snapshot | None:
    """The newest snapshot that is whole, or None; torn and damaged ones are passed over."""
    return next(_whole(folder), None)


def _fill(
    folder: Path,
    about: Mapping[str, Any],
    arrays: Mapping[str, Mapping[str, np.ndarray[Any, Any]]],
    data: Mapping[str, Any],
) -> Any:
    """Every file, then the manifest, durable with their names; gives the manifest as it will be read."""
    for name, group in arrays.items():
        named_arrays.write(folder / f"{name}.npz", group, compressed=False)
    for name, value in data.items():
        (folder / f"{name}.json").write_text(exact.dumps(value), encoding="utf-8")
    files = {path.name: _facts(path) for path in sorted(folder.iterdir())}
    for file in files:
        sync(folder / file)
    text = exact.dumps({"format": FORMAT, **about, "files": files})
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    sync(folder / MANIFEST)
    sync_folder(folder)
    return exact.loads(text)


def _facts(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": os.fstat(file.fileno()).st_size}


def _found(folder: Path) -> list[tuple[Path, int, bool]]:
    """Every snapshot's folder, its number, and whether it is unfinished; the newest first."""
    matches = ((path, _FOLDER.fullmatch(path.name)) for path in folder.iterdir()) if folder.is_dir() else ()
    found = [(path, int(match[1]), bool(match[2])) for path, match in matches if match]
    return sorted(found, key=lambda item: item[1], reverse=True)


def _whole(folder: Path) -> Iterator[Snapshot]:
    for path, number, temporary in _found(folder):
        manifest = None if temporary else _verified(path)
        if manifest is not None:
            yield Snapshot(path, number, manifest)


def _verified(path: Path) -> Mapping[str, Any] | None:
    """The manifest, if it can be read and every file is as it says."""
    try:
        manifest = exact.loads((path / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        there = {file.name for file in path.iterdir() if file.is_file()}
        whole = manifest["format"] == FORMAT and set(files) <= there
        whole = whole and all(_facts(path / name) == files[name] for name in files)
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return manifest if whole else None


def _spare(folder: Path, final: Path, keep: int) -> Iterator[Path]:
    """What the newest `keep` whole snapshots make needless; `final` was just written, and is one of them."""
    kept = 1
    for path, _, _ in _found(folder):
        if path == final:
            continue
        if kept < keep and _verified(path) is not None:
            kept += 1
        else:
            yield path


def _remove(paths: Iterator[Path] | list[Path]) -> None:
    """What cannot be removed now is no reason to end a training: the next snapshot tries again."""
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def _refuse_names(about: Mapping[str, Any], arrays: Mapping[str, Any], data: Mapping[str, Any]) -> None:
    wrong = [name for name in (*arrays, *data) if not _NAME.fullmatch(name) or f"{name}.json" == MANIFEST]
    wrong += sorted({"format", "files"} & set(about))
    if wrong:
        raise ValueError(f"a snapshot cannot hold anything under the name {wrong[0]!r}")
