"""Where a config's files are looked up, and what they were: paths, sizes and sha256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nnrun.errors import DataError, SettingError, Where


@dataclass(frozen=True)
class Roots:
    """The folders in which paths of a config are looked up: the config's own, then each root.

    A file must stay inside the folder in which it was found, also behind symbolic links.
    """

    config_folder: Path
    roots: tuple[Path, ...] = ()

    def find(self, path: str, *, where: Where | None = None) -> Path:
        """The one real file or folder that `path` names; DataError when there is none."""
        found = self.locate(path, where=where)
        if found is None:
            folders = ", ".join(str(folder) for folder in self.folders())
            raise DataError(
                f"no such file: {path} (looked in {folders})",
                where=where,
                expected="a path below the config's folder or one of the data roots",
                hint="name the folder that holds it with `--data-root FOLDER` or NNRUN_DATA",
            )
        return found

    def locate(self, path: str, *, where: Where | None = None) -> Path | None:
        """As `find`, but None when nothing is there; leading outside and ambiguity stay errors."""
        if not path.strip() or "\0" in path:
            raise SettingError(f"{path!r} is not a path", where=where, expected="the name of a file or a folder")
        found: dict[Path, Path] = {}
        outside: list[tuple[Path, Path]] = []
        for folder in self.folders():
            try:
                real = (folder / path).resolve()
                exists = real.exists()
            except (OSError, RuntimeError):  # a loop of links, a name that is too long
                continue
            if not real.is_relative_to(folder):
                outside.append((folder, real))
            elif exists:
                found.setdefault(real, folder)
        if len(found) > 1:
            raise SettingError(
                f"{path} was found in two places: {' and '.join(str(real) for real in found)}",
                where=where,
                expected="one file of that name below the config's folder and the data roots",
                hint="write the path so that only one of them fits, or take a data root away",
            )
        if found:
            return next(iter(found))
        leaves = next(((folder, real) for folder, real in outside if real.exists()), None)
        if leaves or (outside and len(outside) == len(self.folders())):
            folder, real = leaves or outside[0]
            raise SettingError(
                f"{path} leads outside of {folder}, to {real}",
                where=where,
                expected="a file inside the folder in which it is looked up",
                hint="make its own folder a root with `--data-root FOLDER` or NNRUN_DATA",
            )
        return None

    def folders(self) -> tuple[Path, ...]:
        """The real folders, each once, in the order in which they are looked up."""
        return tuple(dict.fromkeys(folder.resolve() for folder in (self.config_folder, *self.roots)))


def same_content(left: Sequence[Path], right: Sequence[Path]) -> bool:
    """Whether two lists of files hold the same bytes; they are read only where their sizes are equal."""
    if sorted(path.stat().st_size for path in left) != sorted(path.stat().st_size for path in right):
        return False
    return {path.resolve() for path in left} == {path.resolve() for path in right} or (
        sorted(map(sha256, left)) == sorted(map(sha256, right))
    )


def fingerprint(files: Iterable[Path], archives: Mapping[Path, Path] | None = None) -> dict[str, dict[str, str | int]]:
    """`{name: {"sha256": ..., "bytes": ...}}`, names relative to the folder that all files share.

    For files that were unpacked their archive stands: `archives` maps the folder of what it held to the archive.
    """
    packed = {folder.resolve(): archive for folder, archive in (archives or {}).items()}
    real = {path.resolve() for path in files}
    origins = (next((packed[folder] for folder in path.parents if folder in packed), path) for path in real)
    paths = sorted(set(origins if packed else real))
    if not paths:
        return {}
    shared = Path(os.path.commonpath([path.parent for path in paths]))
    marks: dict[str, dict[str, str | int]] = {}
    for path in paths:
        marks[path.relative_to(shared).as_posix()] = {"sha256": sha256(path), "bytes": path.stat().st_size}
    return marks


def sha256(path: Path) -> str:
    """The sum of a file's bytes; a file that has not changed is read once."""
    told = path.stat()
    return _sum(path, told.st_size, told.st_mtime_ns, told.st_ino)


@lru_cache(maxsize=256)
def _sum(path: Path, *_seen: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
