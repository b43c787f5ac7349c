import gzip
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets

from nnrun.data.files import Roots
from nnrun.data.sources import names, peek, read
from nnrun.errors import DataError, MissingError

NOWHERE = Roots(Path("/"))


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_sklearn_classes_equal_the_loader(name: str) -> None:
    loaded = getattr(sklearn.datasets, f"load_{name}")()
    columns = read("sklearn", {"name": name}, NOWHERE).columns
    assert columns is not None
    assert list(columns.columns) == [*loaded.feature_names, "target"]
    assert np.array_equal(columns.drop(columns="target").to_numpy(), loaded.data)
    assert columns["target"].tolist() == loaded.target_names[loaded.target].tolist()
    told = peek("sklearn", {"name": name}, NOWHERE)
    assert (told.columns, told.rows) == (tuple(columns.columns), len(columns))
    assert told.num_classes == len(loaded.target_names)


def test_sklearn_digits_and_diabetes_equal_the_loader() -> None:
    digits, loaded = read("sklearn", {"name": "digits"}, NOWHERE), sklearn.datasets.load_digits()
    assert np.array_equal(digits.arrays["image"][..., 0], loaded.images)
    assert np.array_equal(digits.targets["label"], loaded.target)
    assert digits.scale == {"image": 1 / 16}
    told = peek("sklearn", {"name": "digits"}, NOWHERE)
    assert (told.arrays, told.num_classes, told.rows) == ({"image": (8, 8, 1)}, 10, digits.size)
    columns = read("sklearn", {"name": "diabetes"}, NOWHERE).columns
    assert columns is not None
    loaded = sklearn.datasets.load_diabetes()
    assert list(columns.columns) == [*loaded.feature_names, "target"]
    assert np.array_equal(columns.to_numpy(), np.column_stack([loaded.data, loaded.target]))


def test_sklearn_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(DataError, match="'digit'") as caught:
        peek("sklearn", {"name": "digit"}, NOWHERE)
    assert "did you mean 'digits'?" in str(caught.value)


def test_sources_peek_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    np.savez(tmp_path / "d.npz", x=np.ones((2, 3)))
    (tmp_path / "i").write_bytes(struct.pack(">BBBBIII", 0, 0, 8, 3, 1, 1, 1) + b"1")
    (tmp_path / "p" / "cat").mkdir(parents=True)
    (tmp_path / "p" / "cat" / "1.png").write_bytes(b"")
    np.save(tmp_path / "x.npy", np.ones((2, 3)))
    (tmp_path / "t.json").write_text('[{"a": 1}]')
    (tmp_path / "t.arff").write_text("@attribute a numeric\n@data\n1\n")
    (tmp_path / "t.ts").write_text("@univariate true\n@classLabel true up down\n@data\n1,2:up\n")
    settings: dict[str, dict[str, Any]] = {
        "csv": {"path": "t.csv"},
        "json": {"path": "t.json"},
        "jsonl": {"path": "t.json"},
        "arff": {"path": "t.arff"},
        "ts": {"path": "t.ts"},
        "npz": {"path": "d.npz"},
        "npy": {"x": "x.npy", "y": "x.npy"},
        "idx": {"images": "i", "labels": "no"},
        "images": {"path": "p"},
        "sklearn": {"name": "digits"},
        "keras": {"name": "mnist"},
        "addition": {},
        "arrays": {"path": "a"},
        "files": {"path": "p", "pattern": "{kind}/{number}.png"},
        "image_masks": {"images": "p/cat", "masks": "p/cat"},
        "sine": {},
        "synthetic": {"make": "moons"},
        "tables": {"path": "v", "pattern": "{number}.csv"},
        "texts": {"path": "w"},
        "tfrecord": {"path": "nothing.tfrecord", "features": {"x": {"shape": [2], "dtype": "float32"}}},
        "tokens": {"path": "t.csv"},
        "unpaired_images": {"first": "p/cat", "second": "p/cat"},
    }
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "a").mkdir()
    np.save(tmp_path / "a" / "x.npy", np.ones((2, 3)))
    (tmp_path / "w" / "good").mkdir(parents=True)
    (tmp_path / "w" / "good" / "1.txt").write_text("fine")
    others = ("excel", "parquet")  # whose packages import numpy
    assert tuple(sorted((*settings, *others))) == names()
    code = f"""
import sys, pathlib
for name in ("numpy", "pandas", "sklearn", "PIL", "keras", "tensorflow", "matplotlib"):
    sys.modules[name] = None
import nnrun.data.features, nnrun.data.target, nnrun.data.split, nnrun.data.preparation
from nnrun.data.files import Roots
from nnrun.data.sources import peek
for name, arguments in {settings!r}.items():
    told = peek(name, arguments, Roots(pathlib.Path({str(tmp_path)!r})))
    assert told.arrays or told.columns, name
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "datasets" / "fashion-mnist").mkdir(parents=True)
    return tmp_path / "datasets"


def test_keras_reads_mnist_from_the_cache(cache: Path) -> None:
    with pytest.raises(MissingError, match="mnist is not in Keras' cache") as caught:
        read("keras", {"name": "mnist"}, NOWHERE)
    assert "--allow-download" in str(caught.value)
    assert peek("keras", {"name": "mnist"}, NOWHERE).missing == ("mnist.npz",)
    x, y = np.arange(12, dtype=np.uint8).reshape(3, 2, 2), np.array([5, 0, 4], dtype=np.uint8)
    np.savez(cache / "mnist.npz", x_train=x[:2], y_train=y[:2], x_test=x[2:], y_test=y[2:])
    data = read("keras", {"name": "mnist"}, NOWHERE, download=None)
    assert np.array_equal(data.arrays["image"], x[..., None])
    assert data.targets["label"].tolist() == [5, 0, 4]
    assert data.parts["test"].tolist() == [2]
    assert data.files == (cache / "mnist.npz",)
    assert peek("keras", {"name": "mnist"}, NOWHERE).missing == ()
    alike = {"name": "mnist", "parts": False}
    assert (read("keras", alike, NOWHERE).parts, peek("keras", alike, NOWHERE).parts) == ({}, ())


def test_keras_reads_fashion_mnist_from_the_cache(cache: Path) -> None:
    for part, count in (("train", 2), ("t10k", 1)):
        pictures = struct.pack(">BBBBIII", 0, 0, 8, 3, count, 1, 2) + bytes(range(2 * count))
        labels = struct.pack(">BBBBI", 0, 0, 8, 1, count) + bytes(range(count))
        folder = cache / "fashion-mnist"
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pictures))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    data = read("keras", {"name": "fashion_mnist"}, NOWHERE)
    assert data.arrays["image"].ravel().tolist() == [0, 1, 2, 3, 0, 1]
    assert data.targets["label"].tolist() == [0, 1, 0]
    assert data.classes["label"][9] == "Ankle boot"


def test_keras_housing_is_shuffled_as_keras_does(cache: Path) -> None:
    x, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    np.savez(cache / "boston_housing.npz", x=x, y=y)
    order = np.arange(10)
    np.random.RandomState(113).shuffle(order)
    data = read("keras", {"name": "boston_housing"}, NOWHERE)
    assert data.columns is not None
    assert data.columns["price"].tolist() == order.tolist()
    assert data.columns["x1"].tolist() == (2 * order + 1).tolist()
    assert data.parts["test"].tolist() == [8, 9]


def test_keras_downloads_only_through_the_callable(cache: Path) -> None:
    asked = []

    def download(name: str) -> Any:
        asked.append(name)
        pictures = np.zeros((2, 32, 32, 3), dtype=np.uint8)
        return (pictures, np.array([[6], [1]])), (pictures[:1], np.array([[3]]))

    with pytest.raises(MissingError, match="pickles"):
        read("keras", {"name": "cifar10"}, NOWHERE)
    data = read("keras", {"name": "cifar10"}, NOWHERE, download=download)
    assert asked == ["cifar10"]
    assert data.targets["label"].tolist() == [6, 1, 3]
    assert data.parts["test"].tolist() == [2]
    with pytest.raises(DataError, match="imdb"):
        read("keras", {"name": "imdb"}, NOWHERE, download=download)
