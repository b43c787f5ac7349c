"""Paths that name an archive, or something inside of one: `digits.tar.xz`, `cells.zip/images`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from nnrun.data.files import Roots, sha256
from nnrun.errors import DataError, SettingError, Where, did_you_mean, listing
from nnrun.storage.unpacking import unpack, unpacked

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_MOST_HASHED = 2**27  # bytes: a larger archive is not read by a mere check


@dataclass(frozen=True)
class Found:
    """A real path; where it lies in an archive, the archive and the folder into which that was unpacked.

    `path` is None for what only unpacking would tell.
    """

    path: Path | None
    archive: Path | None = None
    folder: Path | None = None


def is_archive(path: Path) -> bool:
    """Whether a file is called as archives are."""
    return path.name.lower().endswith(SUFFIXES) and path.is_file()


def find(roots: Roots, written: str, where: Where | None = None) -> Found:
    """What a setting names; an archive is unpacked where it was not before. DataError when there is no such thing."""
    parted = _parted(roots, written, where)
    if parted is None:
        return Found(roots.find(written, where=where))
    archive, inner = parted
    folder = unpack(archive, sha256(archive))
    return Found(_inside(archive, folder, inner, where), archive, folder)


def locate(roots: Roots, written: str, where: Where | None = None) -> Found | None:
    """As `find`, but nothing is unpacked, and what is not there is None."""
    parted = _parted(roots, written, where)
    if parted is None:
        path = roots.locate(written, where=where)
        return None if path is None else Found(path)
    archive, inner = parted
    folder = unpacked(sha256(archive)) if archive.stat().st_size <= _MOST_HASHED else None
    if folder is None:
        return Found(None, archive)
    return Found(_inside(archive, folder, inner, where), archive, folder)


def _parted(roots: Roots, written: str, where: Where | None) -> tuple[Path, str] | None:
    """The archive that a path names or goes through, and the rest of the path."""
    parts = PurePosixPath(written).parts
    for end in range(1, len(parts) + 1):
        if parts[end - 1].lower().endswith(SUFFIXES):
            path = roots.locate(str(PurePosixPath(*parts[:end])), where=where)
            if path is not None and is_archive(path):
                return path, "/".join(parts[end:])
    return None


def _inside(archive: Path, folder: Path, inner: str, where: Where | None) -> Path:
    """A path in an unpacked archive. The archive itself stands for what it holds, be it one entry alone."""
    if not inner:
        entries = [entry for entry in sorted(folder.iterdir()) if not entry.name.startswith(".")]
        return entries[0] if len(entries) == 1 else folder
    path = folder / inner
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SettingError(f"{inner} leads out of {archive}", where=where, expected="a path inside of the archive")
    if not path.exists():
        above = next(parent for parent in path.parents if parent.is_dir())
        known = sorted(entry.name for entry in above.iterdir())
        name = path.relative_to(above).parts[0]
        raise DataError(
            f"{archive} holds no {inner}",
            where=where,
            expected=f"one of {listing([(above / entry).relative_to(folder).as_posix() for entry in known])}",
            hint=did_you_mean(name, known),
        )
    return path
