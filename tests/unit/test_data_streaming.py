"""What fits is held in memory, what does not stays rows; the values are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.data import memory
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.pictures import Pictures
from nnrun.data.preparation import Preparation
from nnrun.data.rows import ArrayRows, FileRows, JoinedRows, Rows
from nnrun.data.sources import read
from nnrun.data.streaming import settle, streams
from nnrun.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (20, 4, 5, 3)).astype(np.uint8)
FLOAT32_BYTES = 4 * X.size


def npy(tmp_path: Path, array: np.ndarray[Any, Any] = X, **how: Any) -> Dataset:
    np.save(tmp_path / "x.npy", array)
    np.save(tmp_path / "y.npy", np.arange(len(array)) % 2)
    return read("npy", {"x": "x.npy", "y": "y.npy"}, Roots(tmp_path), **how)


@pytest.mark.parametrize(
    ("available", "kind"),
    [
        (3 * FLOAT32_BYTES, np.ndarray),
        (3 * FLOAT32_BYTES - 3, ArrayRows),
        (3 * X.size, ArrayRows),
        (3 * X.size - 3, FileRows),
        (0, FileRows),
    ],
)
def test_data_streaming_is_chosen_by_the_memory_that_is_left(
    available: int, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: available)
    assert type(npy(tmp_path).arrays["x"]) is kind


@pytest.mark.parametrize(("stream", "kind"), [(True, FileRows), (False, np.ndarray)])
def test_data_streaming_is_done_as_it_is_written(
    stream: bool, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda: 0 if not stream else 2**40)
    dataset = npy(tmp_path, stream=stream)
    assert type(dataset.arrays["x"]) is kind
    assert streams(dataset) is stream


def test_data_streaming_of_what_is_in_memory_already() -> None:
    dataset = settle(Dataset(size=20, arrays={"x": X}), stream=True)
    assert dataset.arrays["x"].read() is X
    assert settle(dataset, stream=False).arrays["x"] is X
    table = Dataset(size=3)
    assert settle(table, stream=True) is table
    assert not streams(table)


@pytest.mark.parametrize("dtype", ["uint8", "float64"])
def test_data_streaming_prepares_the_same_bits(dtype: str, tmp_path: Path) -> None:
    held, streamed = (npy(tmp_path, X.astype(dtype), stream=stream) for stream in (False, True))
    rows = np.arange(10)
    inputs = [Preparation.fit(dataset, rows).apply(dataset)["x"] for dataset in (held, streamed)]
    assert isinstance(inputs[1], Rows)
    assert inputs[1].dtype == inputs[0].dtype == np.float32
    assert np.array_equal(inputs[1][:], inputs[0])
    assert inputs[0].max() == (1 if dtype == "uint8" else X.max())


def test_data_streaming_is_noted() -> None:
    dataset = settle(Dataset(size=20_000, arrays={"x": np.zeros((20_000, 100), np.uint8)}), stream=True)
    note = "x: streamed, its 8 MB as float32 are not held in memory"
    assert Preparation.fit(dataset, np.arange(5)).notes == (note,)


def test_data_streaming_names_all_rows_that_are_not_finite(tmp_path: Path) -> None:
    """In several chunks, as it does for an array in memory."""
    array = np.zeros((9000, 2))
    array[[3, 5000, 8999], 1] = np.nan, np.inf, 1e300
    told = []
    for stream in (False, True):
        dataset = npy(tmp_path, array, stream=stream)
        with pytest.raises(DataError) as caught:
            Preparation.fit(dataset, np.arange(5)).apply(dataset)
        told.append(str(caught.value))
    assert "in row 3, row 5000, row 8999" in told[0]
    assert told[0] == told[1]


@pytest.mark.parametrize(("first", "second"), [(True, True), (True, False), (False, True)])
def test_data_streaming_of_a_part_that_is_a_source_of_its_own(first: bool, second: bool, tmp_path: Path) -> None:
    main, extra = (settle(Dataset(size=20, arrays={"x": X + add}), stream) for add, stream in ((0, first), (1, second)))
    joined = combine(main, {"test": extra})
    assert isinstance(joined.arrays["x"], JoinedRows)
    assert np.array_equal(joined.arrays["x"].read(), np.concatenate([X, X + 1]))


def picture(path: Path, pixels: np.ndarray[Any, Any], **how: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)


@pytest.mark.parametrize(
    "settings", [{}, {"image_size": [9, 7]}, {"image_size": [50, 60]}, {"color_mode": "grayscale"}], ids=str
)
def test_data_streaming_of_pictures_decodes_the_same_bits(settings: dict[str, Any], tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    for number in range(24):
        suffix, how = (("png", {}), ("jpg", {"quality": 60}), ("jpg", {"quality": 95}), ("bmp", {}))[number % 4]
        pixels = generator.integers(0, 256, (30, 40, 3)).astype(np.uint8)
        picture(tmp_path / f"p/{number % 2}/{number}.{suffix}", pixels if number % 3 else pixels[..., 0], **how)
    held, streamed = (
        read("images", {"path": "p", **settings}, Roots(tmp_path), stream=stream).arrays["image"]
        for stream in (False, True)
    )
    assert isinstance(streamed, Pictures)
    assert (streamed.shape, streamed.dtype) == (held.shape, held.dtype)
    order = generator.permutation(24)
    assert np.array_equal(streamed[order], held[order])
    assert np.array_equal(streamed[:], held)


def test_data_streaming_of_pictures_names_all_bad_headers_at_once(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png", X[0])
    picture(tmp_path / "p/a/2.png", np.zeros((4, 5), np.uint16))
    (tmp_path / "p/a/3.png").write_text("nothing")
    (tmp_path / "p/a/0.jpg").write_text("nothing")  # the first, which gives the size
    for settings in ({}, {"image_size": [2, 2]}):
        with pytest.raises(DataError, match="3 of its entries cannot be used") as caught:
            read("images", {"path": "p", **settings}, Roots(tmp_path), stream=True)
        assert "a/0.jpg cannot be read as a picture" in str(caught.value)
        assert "a/2.png has more than 8 bits a channel" in str(caught.value)
        assert "a/3.png cannot be read as a picture" in str(caught.value)


def test_data_streaming_of_pictures_names_the_one_that_is_cut_when_it_is_decoded(tmp_path: Path) -> None:
    for number in range(3):
        noise = np.random.default_rng(number).integers(0, 256, (40, 40, 3)).astype(np.uint8)
        picture(tmp_path / f"p/a/{number}.png", noise)
    path = tmp_path / "p/a/1.png"
    path.write_bytes(path.read_bytes()[:2000])
    rows = read("images", {"path": "p"}, Roots(tmp_path), stream=True).arrays["image"]
    assert rows[np.array([2, 0])].shape == (2, 40, 40, 3)
    with pytest.raises(DataError, match=r"a/1\.png cannot be decoded"):
        rows[np.array([2, 1])]


def test_data_streaming_of_pictures_of_two_sizes_is_refused_by_their_headers(tmp_path: Path) -> None:
    picture(tmp_path / "p/a/1.png", X[0])
    picture(tmp_path / "p/a/2.png", X[0][:3])
    with pytest.raises(DataError, match=r"a/1\.png is 4x5 and a/2\.png is 3x5"):
        read("images", {"path": "p"}, Roots(tmp_path), stream=True)
