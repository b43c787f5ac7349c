"""Sources take archives, and what lies in them, wherever they take a path."""

from __future__ import annotations

import tarfile
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.data.combine import combine
from nnrun.data.files import Roots, fingerprint
from nnrun.data.sources import peek, read
from nnrun.errors import DataError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


@pytest.fixture
def roots(tmp_path: Path) -> Roots:
    """`pets.tar.gz` with two sets of pictures in a folder, and `table.zip` with one table."""
    for part in ("train", "test"):
        for number, name in enumerate(("cat", "dog")):
            folder = tmp_path / "made" / "pets" / part / name
            folder.mkdir(parents=True)
            Image.fromarray(np.full((2, 3, 3), number + 10 * len(part), np.uint8)).save(folder / "a.png")
    home = tmp_path / "home"
    home.mkdir()
    with tarfile.open(home / "pets.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "made" / "pets", "pets")
    with zipfile.ZipFile(home / "table.zip", "w") as table:
        table.writestr("table.csv", "x,y\n1,a\n2,b\n")
    return Roots(home)


def images(roots: Roots, path: str) -> Any:
    return read("images", {"path": path}, roots)


def test_archives_and_paths_inside_of_them(roots: Roots) -> None:
    assert images(roots, "pets.tar.gz/pets/train").classes == {"label": ("cat", "dog")}
    assert images(roots, "pets.tar.gz").classes == {"label": ("test", "train")}  # its one folder stands for it
    assert read("csv", {"path": "table.zip"}, roots).size == 2
    assert read("csv", {"path": "table.zip/table.csv"}, roots).size == 2


def test_archives_are_unpacked_by_no_check(roots: Roots, tmp_path: Path) -> None:
    settings = {"path": "pets.tar.gz/pets/train"}
    told = peek("images", settings, roots)
    assert (told.arrays, told.num_classes, told.missing) == ({"image": (None, None, 3)}, None, ())
    assert not (tmp_path / "cache").exists()
    assert list((tmp_path / "temporary").iterdir()) == []
    read("images", settings, roots)
    told = peek("images", settings, roots)
    assert (told.arrays, told.num_classes, told.missing) == ({"image": (2, 3, 3)}, 2, ())
    assert peek("images", {"path": "no.zip/train"}, roots).missing == ("no.zip/train",)


def test_archives_are_what_a_run_remembers(roots: Roots) -> None:
    data = images(roots, "pets.tar.gz/pets/train")
    whole = (roots.config_folder / "pets.tar.gz").read_bytes()
    told = {"pets.tar.gz": {"sha256": sha256(whole).hexdigest(), "bytes": len(whole)}}
    assert fingerprint(data.files, data.archives) == told
    both = combine(data, {"test": images(roots, "pets.tar.gz/pets/test")})
    assert (both.size, fingerprint(both.files, both.archives)) == (4, told)
    with pytest.raises(DataError, match="is the same file as the source"):
        combine(data, {"test": images(roots, "pets.tar.gz/pets/train")})


def test_archives_that_hold_no_such_thing_tell_what_they_hold(roots: Roots) -> None:
    with pytest.raises(DataError, match="holds no pets/tarin") as caught:
        images(roots, "pets.tar.gz/pets/tarin")
    assert "one of pets/test, pets/train" in str(caught.value)
    assert "did you mean 'train'?" in str(caught.value)
    with pytest.raises(DataError, match="leads out of"):
        images(roots, "pets.tar.gz/pets/../../..")


def test_archive_of_a_folder_in_the_place_of_a_file_is_told(roots: Roots) -> None:
    with pytest.raises(DataError, match="pets is a folder") as caught:
        read("csv", {"path": "pets.tar.gz"}, roots)
    assert "name one of what it holds: test, train" in str(caught.value)
