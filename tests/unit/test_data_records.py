"""TensorFlow's records and folders of arrays."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.data.files import Roots
from nnrun.data.rows import Rows
from nnrun.data.sources import peek, read
from nnrun.errors import DataError

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 2, 3, 1), dtype=np.uint8)
FEATURES = {
    "image": {"shape": [2, 3, 1], "dtype": "uint8"}, "waves": {"shape": [4], "dtype": "float32"}, "label": "int64",
}  # fmt: skip


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What TensorFlow itself writes."""
    import tensorflow as tf

    def feature(**value: Any) -> Any:
        name, values = next(iter(value.items()))
        kind = {"bytes_list": tf.train.BytesList, "float_list": tf.train.FloatList, "int64_list": tf.train.Int64List}
        return tf.train.Feature(**{name: kind[name](value=values)})

    folder = tmp_path_factory.mktemp("records")
    with tf.io.TFRecordWriter(str(folder / "a.tfrecord")) as writer:
        for number in range(5):
            example = {
                "image": feature(bytes_list=[IMAGES[number].tobytes()]),
                "waves": feature(float_list=[0.5, -1.5, 1e-3, float(number)]),
                "label": feature(int64_list=[number - 2]),
                "pixels": feature(int64_list=IMAGES[number].ravel().tolist()),
                "name": feature(bytes_list=[f"nº {number}".encode()]),
                "nothing": feature(float_list=[]),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=example)).SerializeToString())
    (folder / "a.gz").write_bytes(gzip.compress((folder / "a.tfrecord").read_bytes()))
    return folder


def load(folder: Path, features: Any = FEATURES, path: str = "a.tfrecord", **settings: Any) -> Any:
    return read("tfrecord", {"path": path, "features": features, **settings}, Roots(folder))


@pytest.mark.parametrize("path", ["a.tfrecord", "a.gz"])
def test_records_are_what_tensorflow_wrote(records: Path, path: str) -> None:
    data = load(records, path=path, target="label")
    assert (data.arrays["image"] == IMAGES).all()
    assert data.arrays["waves"].dtype == np.float32
    assert data.arrays["waves"][4].tolist() == np.array([0.5, -1.5, 1e-3, 4], np.float32).tolist()
    assert data.targets["label"].tolist() == [-2, -1, 0, 1, 2]
    assert (data.scale, data.columns, data.target) == ({"image": 1 / 255}, None, "label")
    told = peek("tfrecord", {"path": path, "features": FEATURES, "target": "label"}, Roots(records))
    assert (told.arrays, told.columns) == ({"image": (2, 3, 1), "waves": (4,)}, None)


def test_records_of_single_values_are_a_table(records: Path) -> None:
    data = load(records, {"name": "string", "label": "int64"}, limit=2)
    assert data.columns.to_dict("list") == {"name": ["nº 0", "nº 1"], "label": [-2, -1]}
    pixels = load(records, {"pixels": {"shape": [2, 3, 1], "dtype": "uint8"}})
    assert (pixels.arrays["pixels"] == IMAGES).all()


@pytest.mark.parametrize(
    ("features", "settings", "told"),
    [
        ({"imag": "int64"}, {}, r"record 0 has no feature 'imag'(.|\n)*did you mean 'image'"),
        ({"image": {"shape": [2, 2], "dtype": "uint8"}}, {}, "'image' holds 6 bytes"),
        ({"waves": {"shape": [3], "dtype": "float32"}}, {}, "'waves' holds 4 numbers"),
        ({"waves": "string"}, {}, "'waves' holds 4 values of float"),
        ({"label": "int46"}, {}, r"'label' is int46(.|\n)*did you mean 'int64'"),
        ({"label": {"shape": [0], "dtype": "int64"}}, {}, r"has the shape \[0\]"),
        ({"label": "int64"}, {"target": "lable"}, r"'lable' is no feature(.|\n)*did you mean 'label'"),
        ({}, {}, "names no feature"),
    ],
)
def test_records_that_are_not_what_was_said(records: Path, features: Any, settings: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        load(records, features, **settings)


def test_records_that_are_damaged_are_named(records: Path, tmp_path: Path) -> None:
    whole = (records / "a.tfrecord").read_bytes()
    for data in (whole[:-30], b"no records, whatever they are", b"\xff" * 80):
        (tmp_path / "a.tfrecord").write_bytes(data)
        with pytest.raises(DataError, match=r"record \d is damaged"):
            load(tmp_path)
    (tmp_path / "a.tfrecord").write_bytes(b"")
    with pytest.raises(DataError, match="holds no records"):
        load(tmp_path)


def test_records_with_any_wrong_byte_are_read_or_refused(records: Path, tmp_path: Path) -> None:
    whole = (records / "a.tfrecord").read_bytes()
    record = whole[: len(whole) // 5]
    refused = 0
    for place in range(len(record)):
        for wrong in (0, 255, record[place] ^ 1, record[place] ^ 8):
            (tmp_path / "a.tfrecord").write_bytes(record[:place] + bytes([wrong]) + record[place + 1 :])
            try:
                load(tmp_path, FEATURES | {"name": "string", "pixels": {"shape": [6], "dtype": "int32"}}, limit=1)
            except DataError:
                refused += 1
    assert refused > len(record) / 2


def test_arrays_of_a_folder_by_name(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    np.save(tmp_path / "p/image.npy", IMAGES)
    np.save(tmp_path / "p/age.npy", np.arange(5.0)[:, None])
    np.save(tmp_path / "p/label.npy", np.arange(5) % 2)
    for stream in (False, True):
        data = read("arrays", {"path": "p"}, Roots(tmp_path), stream=stream)
        assert (data.arrays["image"][:] == IMAGES).all()
        assert isinstance(data.arrays["image"], Rows) is stream
        assert (data.size, data.targets["label"].tolist(), data.target) == (5, [0, 1, 0, 1, 0], "label")
        assert data.scale == {"image": 1 / 255}
    told = peek("arrays", {"path": "p", "target": "age"}, Roots(tmp_path))
    assert (told.arrays, told.targets, told.rows) == ({"image": (2, 3, 1), "label": ()}, {"age": (1,)}, 5)
    with pytest.raises(DataError, match=r"no array 'ago'(.|\n)*did you mean 'age'"):
        peek("arrays", {"path": "p", "target": "ago"}, Roots(tmp_path))
    np.save(tmp_path / "p/age.npy", np.arange(4))
    with pytest.raises(DataError, match="different numbers of rows: age 4, image 5, label 5"):
        peek("arrays", {"path": "p"}, Roots(tmp_path))
    with pytest.raises(DataError, match="holds no arrays"):
        peek("arrays", {"path": "."}, Roots(tmp_path))
