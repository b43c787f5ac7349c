"""Archives become folders whole or not at all, and write nowhere else."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nnrun.errors import DataError, StorageError
from nnrun.storage import unpacking
from nnrun.storage.unpacking import Budget, unpack, unpacked


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "nnrun" / "archives"


def sum_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def opened(path: Path, budget: Budget | None = None) -> dict[str, bytes]:
    folder = unpack(path, sum_of(path), budget)
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def tar(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    mode: Any = "w:" + path.suffix[1:].replace("tar", "")
    with tarfile.open(path, mode) as archive:
        for member in members:
            info, data = (
                (member, b"") if isinstance(member, tarfile.TarInfo) else (tarfile.TarInfo(member[0]), member[1])
            )
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def special(name: str, kind: bytes, to: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"])
def test_unpacking_tar_of_every_packing(tmp_path: Path, name: str) -> None:
    found = opened(tar(tmp_path / name, ("./p/one", b"1"), ("p/q/two", b"22"), ("__MACOSX/p/._one", b"x")))
    assert found == {"p/one": b"1", "p/q/two": b"22"}


def test_unpacking_zip_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "a.zip", ("p/", b""), ("p/one", b"1"), ("p/empty/", b""))
    assert opened(archive) == {"p/one": b"1"}
    folder = unpacked(sum_of(archive))
    assert folder == cache / sum_of(archive) / "files"
    assert (folder / "p/empty").is_dir()
    assert os.listdir(cache) == [sum_of(archive)]
    monkeypatch.setattr(unpacking, "_fill", lambda *_: pytest.fail("unpacked again"))
    assert unpack(archive, sum_of(archive)) == folder


def test_unpacking_what_somebody_took_away_is_unpacked_again(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", ("one", b"1"), ("two", b"2"))
    (unpack(archive, sum_of(archive)) / "two").unlink()
    assert opened(archive) == {"one": b"1", "two": b"2"}


def test_unpacking_links_inside_of_a_tar_become_files(tmp_path: Path) -> None:
    members = (special("p/soft", tarfile.SYMTYPE, "../one"), special("hard", tarfile.LNKTYPE, "one"), ("one", b"1"))
    found = opened(tar(tmp_path / "a.tar", *members))
    assert found == {"one": b"1", "hard": b"1", "p/soft": b"1"}
    assert not any(path.is_symlink() for path in (tmp_path / "cache").rglob("*"))


def link_in_zip() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("p/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("member", "told"),
    [
        (("../out", b"x"), "'../out' leads out of the folder"),
        (("p/../../out", b"x"), "leads out of the folder"),
        (("/tmp/out", b"x"), "'/tmp/out' leads out of the folder"),
        (special("p", tarfile.SYMTYPE, "/etc"), "leads out of the folder"),
        (special("p", tarfile.SYMTYPE, "../../etc/passwd"), "leads out of the folder"),
        (special("p", tarfile.SYMTYPE, "good/.."), "p is a link to ., which is no file of the archive"),
        (special("p", tarfile.LNKTYPE, "/etc/passwd"), "leads out of the folder"),
        (special("p", tarfile.FIFOTYPE), "p is a device or a pipe"),
        (special("p", tarfile.CHRTYPE), "p is a device or a pipe"),
        (special("p", tarfile.BLKTYPE), "p is a device or a pipe"),
        (("good", b"again"), "good is there twice"),
        (("good/inner", b"x"), "good/inner is there twice, or as a file and as a folder"),
    ],
)
def test_unpacking_tar_that_wants_more_is_refused(tmp_path: Path, cache: Path, member: Any, told: str) -> None:
    archive = tar(tmp_path / "a.tar", ("good", b"1"), member)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match="is not unpacked") as caught:
        opened(archive)
    assert told in str(caught.value)
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before and cache not in path.parents] == [
        tmp_path / "cache", tmp_path / "cache" / "nnrun", cache,
    ]  # fmt: skip
    assert os.listdir(cache) == []


def test_unpacking_zip_with_a_link_or_a_way_out_is_refused(tmp_path: Path) -> None:
    for member, told in ((link_in_zip(), "p/link is a link"), ("../out", "leads out"), ("/out", "leads out")):
        with pytest.raises(DataError, match=told):
            opened(zipped(tmp_path / "a.zip", (member, b"x")))
    assert not (tmp_path / "out").exists()


def test_unpacking_links_that_are_a_road_out_make_no_link(tmp_path: Path) -> None:
    """A link to a folder, and then a file through it: the classic way out."""
    archive = tar(tmp_path / "a.tar", special("d", tarfile.SYMTYPE, "."), ("d/x", b"1"))
    with pytest.raises(DataError, match="is not unpacked"):
        opened(archive)


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        (Budget(count=2), "more than 2 files"),
        (Budget(single=3_000), "in b more than 3,000 bytes"),
        (Budget(total=5_000), "more than 5,000 bytes"),
        (Budget(ratio=2, free=0), "more than"),
    ],
)
def test_unpacking_stops_at_the_budget(tmp_path: Path, cache: Path, budget: Budget, told: str) -> None:
    archive = zipped(tmp_path / "a.zip", ("a", b"1"), ("b", bytes(4_000)), ("c", bytes(2_000)))
    with pytest.raises(DataError) as caught:
        opened(archive, budget)
    assert told in str(caught.value)
    assert "unpack it by hand and name its folder" in str(caught.value)
    assert os.listdir(cache) == []
    assert len(opened(archive)) == 3


def test_unpacking_counts_bytes_and_not_what_the_header_says(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "a.zip", ("a", bytes(100_000)))
    lied = archive.read_bytes().replace((100_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    archive.write_bytes(lied)
    with pytest.raises(DataError):
        opened(archive, Budget(total=1_000))


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tar.xz"])
def test_unpacking_damaged_archive_is_told(tmp_path: Path, cache: Path, name: str) -> None:
    noise = os.urandom(30_000)
    whole = zipped(tmp_path / name, ("a", noise)) if name == "a.zip" else tar(tmp_path / name, ("a", noise))
    data = whole.read_bytes()
    for broken in (data[: len(data) // 2], data[:15_000] + b"?" * 9 + data[15_009:], b"", b"<html>"):
        whole.write_bytes(broken)
        with pytest.raises(DataError, match="cannot be unpacked"):
            opened(whole)
    assert os.listdir(cache) == []


def test_unpacking_killed_in_the_middle_leaves_nothing_that_counts(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "a.zip", *((f"{number}", bytes([number])) for number in range(9)))
    for point in range(1, 11):
        child = os.fork()
        if child == 0:  # dies at the N-th file, or before the folder gets its name
            taken = iter(range(1, 100))
            real = unpacking._Writer._copy

            def dying(*given: Any, point: int = point, taken: Any = taken, real: Any = real) -> None:
                if next(taken) == point:
                    os._exit(9)
                real(*given)

            monkeypatch.setattr(unpacking._Writer, "_copy", dying)
            monkeypatch.setattr(os, "replace", lambda *_: os._exit(9))
            try:
                unpack(archive, sum_of(archive))
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert unpacked(sum_of(archive)) is None
        assert [name.startswith(".staged-") for name in os.listdir(cache)] == [True]
    assert opened(archive) == {f"{number}": bytes([number]) for number in range(9)}
    assert os.listdir(cache) == [sum_of(archive)]


def test_unpacking_in_two_processes_at_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = zipped(tmp_path / "a.zip", ("a", b"1"))
    real = unpacking._fill
    inner: list[bool] = []

    def slow(*given: Any) -> None:
        real(*given)
        if not inner:
            inner.append(True)
            unpack(archive, sum_of(archive))  # another is faster, and leaves the slow one's folder alone

    monkeypatch.setattr(unpacking, "_fill", slow)
    assert opened(archive) == {"a": b"1"}
    assert os.listdir(cache) == [sum_of(archive)]


def test_unpacking_without_a_home_goes_to_the_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    archive = zipped(tmp_path / "a.zip", ("a", b"1"))
    assert opened(archive) == {"a": b"1"}
    own = tmp_path / "tmp" / f"nnrun-{os.getuid()}"
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    own.chmod(0o777)  # what others may write to is not believed
    assert unpacked(sum_of(archive)) is None
    with pytest.raises(StorageError, match="no folder to unpack"):
        opened(archive)
