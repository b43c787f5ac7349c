import gzip
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError

IMAGES = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(3, 2, 4)


def idx(path: Path, array: np.ndarray[Any, Any]) -> None:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(header + array.tobytes()))


def test_npz_finds_target_and_test_part(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "d.npz",
        x_train=IMAGES,
        y_train=np.array([0, 1, 0]),
        x_test=IMAGES[:1],
        y_test=np.array([1]),
    )
    data = read("npz", {"path": "d.npz"}, Roots(tmp_path))
    assert data.size == 4
    assert np.array_equal(data.arrays["x"], np.concatenate([IMAGES, IMAGES[:1]]))
    assert data.targets["y"].tolist() == [0, 1, 0, 1]
    assert data.parts["test"].tolist() == [3]
    assert data.scale == {"x": 1 / 255}
    told = peek("npz", {"path": "d.npz"}, Roots(tmp_path))
    assert (told.arrays, told.target, told.rows, told.parts) == ({"x": (2, 4)}, "y", 4, ("test",))


def test_npz_named_target_and_inputs(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", left=np.ones((2, 3)), right=np.ones((2, 5)), price=np.ones(2))
    data = read("npz", {"path": "d.npz", "target": "price"}, Roots(tmp_path))
    assert sorted(data.arrays) == ["left", "right"]
    assert sorted(data.targets) == ["price"]
    with pytest.raises(DataError, match="holds no array 'prize'") as caught:
        read("npz", {"path": "d.npz", "target": "prize"}, Roots(tmp_path))
    assert "did you mean 'price'?" in str(caught.value)


def test_npz_refuses_pickles_unequal_rows_and_damage(tmp_path: Path) -> None:
    roots = Roots(tmp_path)
    np.savez(tmp_path / "o.npz", x=np.array([{}, 1], dtype=object))
    with pytest.raises(DataError, match="array 'x' holds Python objects"):
        read("npz", {"path": "o.npz"}, roots)
    np.savez(tmp_path / "r.npz", x=np.ones((3, 2)), y=np.ones(2))
    with pytest.raises(DataError, match="different numbers of rows: x 3, y 2"):
        read("npz", {"path": "r.npz"}, roots)
    (tmp_path / "b.npz").write_bytes(b"PK not a zip")
    with pytest.raises(DataError, match="cannot be read"):
        peek("npz", {"path": "b.npz"}, roots)


def test_npy_reads_pairs(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((2, 3)))
    np.save(tmp_path / "y.npy", np.zeros(2))
    settings = {"x": "x.npy", "y": "y.npy"}
    assert read("npy", settings, Roots(tmp_path)).arrays["x"].shape == (2, 3)
    assert peek("npy", settings, Roots(tmp_path)).arrays == {"x": (3,)}
    np.save(tmp_path / "y.npy", np.zeros(5))
    with pytest.raises(DataError, match=r"has 2 rows and .* has 5"):
        read("npy", settings, Roots(tmp_path))
    (tmp_path / "y.npy").write_text("hello, world")
    with pytest.raises(DataError, match="not an array in NumPy's format"):
        read("npy", settings, Roots(tmp_path))


def test_idx_reads_pictures_and_labels(tmp_path: Path) -> None:
    idx(tmp_path / "i.gz", IMAGES)
    idx(tmp_path / "l.gz", np.array([2, 0, 1], dtype=np.uint8))
    settings = {"images": "i.gz", "labels": "l.gz"}
    data = read("idx", settings, Roots(tmp_path))
    assert np.array_equal(data.arrays["image"][..., 0], IMAGES)
    assert data.targets["label"].tolist() == [2, 0, 1]
    told = peek("idx", settings, Roots(tmp_path))
    assert (told.arrays, told.target, told.rows) == ({"image": (2, 4, 1)}, "label", 3)
    with pytest.raises(DataError, match="swapped"):
        read("idx", {"images": "l.gz", "labels": "i.gz"}, Roots(tmp_path))


def test_idx_reads_the_first_pictures_of_some_classes(tmp_path: Path) -> None:
    idx(tmp_path / "i.gz", IMAGES)
    idx(tmp_path / "l.gz", np.array([2, 0, 2], dtype=np.uint8))
    settings = {"images": "i.gz", "labels": "l.gz", "classes": [2]}
    data = read("idx", settings, Roots(tmp_path))
    assert np.array_equal(data.arrays["image"][..., 0], IMAGES[[0, 2]])
    assert data.targets["label"].tolist() == [2, 2]
    assert peek("idx", settings, Roots(tmp_path)).num_classes == 1
    assert read("idx", settings | {"first": 1}, Roots(tmp_path)).size == 1
    with pytest.raises(DataError, match="no picture is of the class 3"):
        read("idx", settings | {"classes": [2, 3]}, Roots(tmp_path))
    with pytest.raises(DataError, match="first is 3, and there are 2 pictures"):
        read("idx", settings | {"first": 3}, Roots(tmp_path))


def test_idx_short_file_is_refused_with_counts(tmp_path: Path) -> None:
    (tmp_path / "i").write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 2, 2) + b"1234")
    idx(tmp_path / "l", np.array([0, 1], dtype=np.uint8))
    with pytest.raises(DataError, match="promises 8 values, the file holds 4"):
        read("idx", {"images": "i", "labels": "l"}, Roots(tmp_path))


def test_sources_unknown_name_and_setting(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no source 'cvs'") as caught:
        read("cvs", {}, Roots(tmp_path))
    assert "did you mean 'csv'?" in str(caught.value)
    with pytest.raises(DataError, match="source npz: got an unexpected keyword argument 'pickle'"):
        read("npz", {"path": "d.npz", "pickle": True}, Roots(tmp_path))
