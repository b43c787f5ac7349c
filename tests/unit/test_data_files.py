import hashlib
from pathlib import Path

import pytest

from nnrun.data.files import Roots, fingerprint
from nnrun.errors import DataError, Where


def make(folder: Path, name: str, text: str = "x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path.resolve()


def test_files_found_in_the_config_folder_and_in_a_root(tmp_path: Path) -> None:
    here, there = make(tmp_path, "configs/a.csv"), make(tmp_path, "root/sub/b.csv")
    roots = Roots(tmp_path / "configs", (tmp_path / "root",))
    assert roots.find("a.csv") == here
    assert roots.find("sub/b.csv") == there
    assert roots.find(str(there)) == there


def test_files_same_folder_twice_is_no_ambiguity(tmp_path: Path) -> None:
    path = make(tmp_path, "a.csv")
    assert Roots(tmp_path, (tmp_path,)).find("a.csv") == path


def test_files_missing_lists_the_folders_and_the_hint(tmp_path: Path) -> None:
    roots = Roots(tmp_path / "configs", (tmp_path / "root",))
    with pytest.raises(DataError) as caught:
        roots.find("a.csv", where=Where("c.yaml", 3, 5))
    text = str(caught.value)
    assert text.startswith("c.yaml:3:5: no such file: a.csv")
    assert str(tmp_path / "configs") in text
    assert str(tmp_path / "root") in text
    assert "--data-root" in text
    assert "NNRUN_DATA" in text
    assert roots.locate("a.csv") is None


def test_files_two_places_are_both_named(tmp_path: Path) -> None:
    first, second = make(tmp_path, "configs/a.csv"), make(tmp_path, "root/a.csv")
    with pytest.raises(DataError, match="two places") as caught:
        Roots(tmp_path / "configs", (tmp_path / "root",)).find("a.csv")
    assert str(first) in str(caught.value)
    assert str(second) in str(caught.value)


@pytest.mark.parametrize("kind", ["dots", "absolute", "link"])
def test_files_outside_of_the_roots_are_refused(tmp_path: Path, kind: str) -> None:
    secret = make(tmp_path, "secret.csv")
    folder = tmp_path / "configs"
    folder.mkdir()
    (folder / "link.csv").symlink_to(secret)
    path = {"dots": "../secret.csv", "absolute": str(secret), "link": "link.csv"}[kind]
    with pytest.raises(DataError, match="leads outside of"):
        Roots(folder).find(path)


@pytest.mark.parametrize("path", ["", "  ", "a\0b"])
def test_files_no_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(DataError, match="is not a path"):
        Roots(tmp_path).find(path)


def test_files_fingerprint_names_relative_to_the_shared_folder(tmp_path: Path) -> None:
    files = [make(tmp_path, "cat/1.png", "a"), make(tmp_path, "dog/1.png", "bb")]
    assert fingerprint(files) == {
        "cat/1.png": {"sha256": hashlib.sha256(b"a").hexdigest(), "bytes": 1},
        "dog/1.png": {"sha256": hashlib.sha256(b"bb").hexdigest(), "bytes": 2},
    }
    assert list(fingerprint(files[:1])) == ["1.png"]
    assert fingerprint([]) == {}
