"""Archives, unpacked once and safely into a folder of the user's cache.

Names are taken from the archive as text and written below a folder that holds nothing but what was unpacked: no name
leads out of it, no link is made in it, and what is too much is noticed while it is written, whatever headers say.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import Path
from typing import IO

from nnrun.errors import BusyError, DataError, StorageError
from nnrun.storage.atomic import write_text
from nnrun.storage.locks import Lock
from nnrun.storage.trouble import bytes_free

FILES, CONTENTS = "files", "contents.json"  # of an unpacked archive: what it held, and how much that is
BY_HAND = "or unpack it by hand and name its folder in its place"
_STAGED = ".staged-"
_CHUNK = 2**20
_BEHIND = 2**28  # read behind the last file of a tar, where the sum of the packed bytes stands
_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Budget:
    """The most that is unpacked without a person's own hand: bytes, bytes of one file, and files and folders.

    `ratio` is how many times the archive's own size it may grow to; the first `free` bytes do not count for it.
    """

    total: int = 100 * 10**9
    single: int = 50 * 10**9
    count: int = 1_000_000
    ratio: int = 200
    free: int = 10**9


@dataclass(frozen=True)
class Member:
    """A file of an archive; `linked` names the file that it is a link to."""

    name: str
    is_folder: bool = False
    linked: str = ""
    strange: str = ""  # why it is not unpacked


def unpack(archive: Path, sha256: str, budget: Budget | None = None) -> Path:
    """The folder with what an archive holds; unpacked where it is not there yet, whole or not at all.

    Raises DataError for an archive that is damaged, too large or wants to write elsewhere.
    """
    found = unpacked(sha256)
    if found is not None and _is_whole(found):
        return found
    place = _writable_cache()
    _sweep(place)
    staged = place / f"{_STAGED}{secrets.token_hex(6)}"
    staged.mkdir(0o700)
    with Lock.take(staged):
        try:
            _fill(archive, staged, budget or Budget())
            _publish(staged, place / sha256)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return place / sha256 / FILES


def unpacked(sha256: str) -> Path | None:
    """The folder with what the archive of this sum holds, if it was unpacked before."""
    places = (place / sha256 / FILES for place in _caches())
    return next((folder for folder in places if folder.is_dir()), None)


def _caches(*, make: bool = False) -> Iterator[Path]:
    """Where archives are unpacked: the user's cache, else a folder of the user's own among the temporary ones.

    `make` makes that last folder, where it is not there.
    """
    home = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):  # there is no home
        yield (Path(home) if os.path.isabs(home) else Path.home() / ".cache") / "nnrun" / "archives"
    own = Path(tempfile.gettempdir()) / f"nnrun-{os.getuid()}"
    with suppress(OSError):
        if make:
            own.mkdir(0o700, exist_ok=True)
        told = own.lstat()
        # Anybody may write where temporary files lie: a folder that another made, or may write to, is not believed.
        if stat.S_ISDIR(told.st_mode) and told.st_uid == os.getuid() and not told.st_mode & 0o022:
            yield own / "archives"


def _writable_cache() -> Path:
    for place in _caches(make=True):
        with suppress(OSError):
            place.mkdir(0o700, parents=True, exist_ok=True)
            if os.access(place, os.W_OK | os.X_OK):
                return place
    raise StorageError(
        "there is no folder to unpack archives into",
        expected="a cache that can be written: `~/.cache`, or a folder for temporary files",
        hint="set XDG_CACHE_HOME to such a folder, or unpack the archive by hand and name its folder",
    )


def _sweep(place: Path) -> None:
    """Removes what earlier deaths left half unpacked; who is alive holds the lock of it."""
    for staged in place.glob(f"{_STAGED}*"):
        with suppress(BusyError, StorageError), Lock.take(staged):
            shutil.rmtree(staged, ignore_errors=True)


def _publish(staged: Path, final: Path) -> None:
    """Gives the folder its name; another process may have been faster, and the same bytes give the same folder."""
    contents = dict(zip(("count", "bytes"), _measure(staged / FILES), strict=True))
    write_text(staged / CONTENTS, json.dumps(contents) + "\n")
    if final.exists() and not _is_whole(final / FILES):
        shutil.rmtree(final)
    try:
        os.replace(staged, final)
    except OSError as error:
        if not _is_whole(final / FILES):
            raise StorageError(f"cannot write {final}: {error.strerror or error}") from error


def _is_whole(files: Path) -> bool:
    """Whether everything is there: a power cut, or who tidies temporary folders, may have taken some of it."""
    try:
        told = json.loads((files.parent / CONTENTS).read_text())
        return bool((told["count"], told["bytes"]) == _measure(files))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _measure(folder: Path) -> tuple[int, int]:
    """Files and folders below a folder, and the bytes of the files."""
    count = size = 0
    for path, folders, files in os.walk(folder):
        count += len(folders) + len(files)
        size += sum(os.lstat(os.path.join(path, file)).st_size for file in files)
    return count, size


def _fill(archive: Path, staged: Path, budget: Budget) -> None:
    folder = staged / FILES
    folder.mkdir(0o700)
    writer = _Writer(archive, folder, budget)
    try:
        members = _zip_members(archive) if zipfile.is_zipfile(archive) else _tar_members(archive)
        for member, stream in members:
            writer.take(member, stream)
        writer.link()
    except _DAMAGED as error:
        raise DataError(f"{archive} cannot be unpacked: {error}", hint="copy or download it again") from None


def _zip_members(archive: Path) -> Iterator[tuple[Member, IO[bytes] | None]]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            strange = "is encrypted" if info.flag_bits & 1 else ""
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                strange = "is a link" if kind == stat.S_IFLNK else "is no file"
            if info.is_dir() or strange:
                yield Member(info.filename, info.is_dir(), strange=strange), None
                continue
            with opened.open(info) as stream:
                yield Member(info.filename), stream


def _tar_members(archive: Path) -> Iterator[tuple[Member, IO[bytes] | None]]:
    with tarfile.open(archive, "r:*") as opened:
        for info in opened:
            opened.members = []  # type: ignore[attr-defined]  # which it would keep, all of them
            linked = info.linkname if info.islnk() else ""
            if info.issym():  # relative to the folder of the link
                linked = os.path.normpath(os.path.join(os.path.dirname(info.name), info.linkname))
            regular = info.isreg() or info.isdir() or bool(linked)
            member = Member(info.name, info.isdir(), linked, "" if regular else "is a device or a pipe")
            yield member, opened.extractfile(info) if info.isreg() else None
        if opened.fileobj is not None:
            for _ in range(_BEHIND // _CHUNK):
                if not opened.fileobj.read(_CHUNK):
                    break


class _Writer:
    """Writes members below a folder, and counts."""

    def __init__(self, archive: Path, folder: Path, budget: Budget) -> None:
        self.archive, self.folder, self.budget = archive, folder, budget
        self.size, self.count, self.links = 0, 0, list[Member]()
        self.most = min(budget.total, max(budget.free, budget.ratio * archive.stat().st_size))

    def take(self, member: Member, stream: IO[bytes] | None) -> None:
        """Writes a member; links wait until all files are there."""
        if member.name.split("/")[0] == "__MACOSX":  # what a Mac knows of its files beside them
            return
        if member.strange:
            raise self._refused(f"{member.name} {member.strange}")
        self.count += 1
        if self.count > self.budget.count:
            raise self._too_much(f"more than {self.budget.count:,} files")
        if member.linked:
            self.links.append(member)
            return
        path = self._place(member.name)
        with self._writing(member.name, path):
            path.parent.mkdir(0o700, parents=True, exist_ok=True)
            if member.is_folder:
                path.mkdir(0o700, exist_ok=True)
                return
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
        if stream is not None:
            self._copy(member.name, path, stream, descriptor)

    def link(self) -> None:
        """A link to a file of the archive becomes a second name of it; one that leads elsewhere is refused."""
        for member in self.links:
            path, target = self._place(member.name), self._place(member.linked)
            if not target.is_file():
                raise self._refused(f"{member.name} is a link to {member.linked}, which is no file of the archive")
            with self._writing(member.name, path):
                path.parent.mkdir(0o700, parents=True, exist_ok=True)
                os.link(target, path)

    def _copy(self, name: str, path: Path, stream: IO[bytes], descriptor: int) -> None:
        written = 0
        with open(descriptor, "wb", buffering=0) as file:
            while chunk := stream.read(_CHUNK):
                written, self.size = written + len(chunk), self.size + len(chunk)
                if written > self.budget.single:
                    raise self._too_much(f"in {name} more than {self.budget.single:,} bytes")
                if self.size > self.most:
                    raise self._too_much(f"more than {self.most:,} bytes")
                with self._writing(name, path):
                    file.write(chunk)

    def _place(self, name: str) -> Path:
        """Where a member of this name is written."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if name.startswith("/") or ".." in parts or "\0" in name:
            raise self._refused(f"{name!r} leads out of the folder into which it is unpacked")
        return self.folder.joinpath(*parts)

    @contextmanager
    def _writing(self, name: str, path: Path) -> Iterator[None]:
        try:
            yield
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise self._refused(f"{name} is there twice, or as a file and as a folder") from None
        except OSError as error:
            free = bytes_free(self.folder)
            raise StorageError(
                f"cannot write {path}: {error.strerror or error} ({free:,} bytes free)",
                hint=f"set XDG_CACHE_HOME to a folder with room for it, {BY_HAND}",
            ) from None

    def _refused(self, why: str) -> DataError:
        return DataError(
            f"{self.archive} is not unpacked: {why}",
            expected="files and folders, each below the folder into which it is unpacked",
            hint=f"if you trust it, {BY_HAND[3:]}",
        )

    def _too_much(self, what: str) -> DataError:
        return DataError(
            f"{self.archive} is not unpacked: it holds {what}, and the file has {self.archive.stat().st_size:,} bytes",
            expected=f"at most {self.budget.count:,} files and {self.most:,} bytes",
            hint=f"if that is right, {BY_HAND[3:]}",
        )
