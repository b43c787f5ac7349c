"""Preparations beyond numbers and categories: what each gives, in the shape that `check` promises."""

from __future__ import annotations

import struct
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from nnrun.config.config import Entry
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.features import check_features, input_shape, with_others
from nnrun.data.files import Roots
from nnrun.data.preparation import Preparation
from nnrun.data.sources import read
from nnrun.errors import DataError, Where

TRAIN = np.arange(3)


def entry(columns: str, *steps: str | tuple[str, dict[str, Any]]) -> Entry:
    made = [
        Spec(step, slot="preparations") if isinstance(step, str) else Spec(*step, slot="preparations") for step in steps
    ]
    return Entry(tuple(columns.split()), tuple(made))


def table(**columns: Any) -> Dataset:
    frame = pd.DataFrame(columns)
    return Dataset(len(frame), columns=frame)


def prepared(data: Dataset, one: Entry) -> np.ndarray[Any, Any]:
    """The input, held to the shape that `check` promises and to what is left of it when it was saved and loaded."""
    features = {"x": (one,)}
    promised = input_shape((one,), {name: array.shape[1:] for name, array in data.arrays.items()})
    fitted = Preparation.fit(data, TRAIN[: data.size], features)
    found = fitted.apply(data)["x"]
    assert found.shape[1:] == fitted.facts["x"]["shape"]
    assert promised is not None
    assert len(promised) == found.ndim - 1
    assert all(size in (None, given) for size, given in zip(promised, found.shape[1:], strict=True))
    loaded = Preparation.load(*fitted.save_data())
    assert loaded.facts == fitted.facts
    assert np.asarray(loaded.apply(data)["x"]).tobytes() == np.asarray(found).tobytes()
    return np.asarray(found)


@pytest.mark.parametrize(
    ("one", "column", "expected"),
    [
        (entry("a", ("rescale", {"scale": 0.5, "offset": 1})), [1.0, 2.0, 4.0], [[1.5], [2.0], [3.0]]),
        (entry("a", "log"), [1.0, np.e, 1.0], [[0], [1], [0]]),
        (entry("a", ("log", {"offset": 1})), [0.0, np.e - 1, 0.0], [[0], [1], [0]]),
        (entry("a", ("clip", {"maximum": 2})), [1.0, 2.0, 9.0], [[1], [2], [2]]),
        (entry("a", ("impute", {"value": 5, "add_indicator": True})), [1.0, np.nan, 2.0], [[1, 0], [5, 1], [2, 0]]),
        (entry("a", "date"), ["2024-02-29", "2023-12-31", "2024-01-01"], [[2024, 2, 3], [2023, 12, 6], [2024, 1, 0]]),
        (
            entry("a", ("date", {"parts": ["hour"], "cyclic": True})),
            ["2024-01-01 00:00", "2024-01-01 06:00", "2024-01-01 12:00"],
            [[0, 1], [1, 0], [0, -1]],
        ),
        (entry("a", ("date", {"format": "%d.%m.%Y", "parts": ["day"]})), ["05.01.2024"] * 3, [[5], [5], [5]]),
    ],
)
def test_preparation_of_a_column(one: Entry, column: list[Any], expected: list[list[float]]) -> None:
    np.testing.assert_allclose(prepared(table(a=column), one), expected, atol=1e-6)


def test_preparation_date_then_normalize() -> None:
    found = prepared(
        table(a=["2020-01-01", "2022-01-01", "2024-01-01"]), entry("a", ("date", {"parts": ["year"]}), "normalize")
    )
    np.testing.assert_allclose(found[:, 0], [-np.sqrt(1.5), 0, np.sqrt(1.5)], rtol=1e-6)


def test_preparation_ratio_then_normalize_leaves_its_columns_free() -> None:
    data = table(a=[2.0, 4.0, 6.0], b=[1.0, 2.0, 2.0])
    np.testing.assert_allclose(prepared(data, entry("a b", "ratio")), [[2], [2], [3]])
    check_features({"x": (entry("a b", "ratio", "normalize"), entry("a", "normalize"))})


def test_preparation_hash_needs_no_vocabulary() -> None:
    data = table(a=["x", "y", "x", "never seen", None])
    ids = prepared(data, entry("a", ("hash", {"num_bins": 8})))
    assert ids.dtype == np.int32
    assert ids[0] == ids[2] != 0
    assert 1 <= ids[3] < 8
    assert ids[4] == 0
    hot = prepared(data, entry("a", ("hash", {"num_bins": 8, "output_mode": "one_hot"})))
    assert hot.argmax(axis=1).tolist() == ids.tolist()


def test_preparation_sequence_of_the_others() -> None:
    data = table(y=[0, 1, 0], s0=[1.0, 2.0, 3.0], s1=[4.0, 5.0, 6.0])
    features = with_others({"x": (entry("others", "sequence"),)}, ["y", "s0", "s1"], {"y"})
    assert features["x"][0].columns == ("s0", "s1")
    assert prepared(data, features["x"][0]).tolist() == [[[1], [4]], [[2], [5]], [[3], [6]]]
    assert input_shape((entry("others", "sequence"),)) == (None, 1)


def test_preparation_of_an_array_of_the_source() -> None:
    array = np.arange(24.0).reshape(3, 2, 2, 2)
    data = Dataset(3, arrays={"image": array})
    found = prepared(data, entry("image", "normalize"))
    flat = array.reshape(-1, 2)
    np.testing.assert_allclose(found, (array - flat.mean(axis=0)) / flat.std(axis=0), rtol=1e-5)
    assert Preparation.fit(data, TRAIN, {"image": (entry("image", ("rescale", {"scale": 2})),)}).arrays == {}


@pytest.mark.parametrize(
    ("data", "one", "message"),
    [
        (
            table(a=[1.0, 2.0, 0.0], b=[1.0, 0.0, 1.0]),
            entry("a b", "ratio"),
            "a division by 0, the column 'b' in row 1",
        ),
        (table(a=["x", "y", "z"]), entry("a", "date"), "'x' is no date, the column 'a' in row 0"),
        (table(a=[1.0, -2.0, 3.0]), entry("a", "log"), "the logarithm of -2, the column 'a' in row 1"),
        (table(a=["x", "y", "z"]), entry("a", "text", "normalize"), "stands behind a step that gives ids"),
        (table(a=[1.0, 2.0, 3.0]), entry("a", ("clip", {})), "clip has no bound"),
        (table(a=["x", "y", "z"]), entry("a", ("image", {})), "has no folder to look in"),
    ],
)
def test_preparation_refusals(data: Dataset, one: Entry, message: str) -> None:
    with pytest.raises(DataError, match=message):
        Preparation.fit(data, TRAIN, {"x": (one,)}).apply(data)


def sounds(folder: Path) -> None:
    for digit in range(2):
        for take, length in enumerate((100, 200)):
            with wave.open(str(folder / f"{digit}_ann_{take}.wav"), "wb") as file:
                file.setparams((1, 2, 8000, 0, "NONE", ""))
                file.writeframes(struct.pack(f"<{length}h", *[16384 * (digit + 1) - 1] * length))


def test_tables_stand_behind_each_other_with_what_their_names_tell(tmp_path: Path) -> None:
    for folder, piece, rows in (("train", 7, "1,2\n3,4"), ("valid", 8, "5,6")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"chorale_{piece}.csv").write_text(f"high,low\n{rows}\n")
    (tmp_path / "notes.txt").write_text("passed over")
    source = {"path": ".", "pattern": "{part}/chorale_{piece}.csv"}
    data = read("tables", source, Roots(tmp_path))
    assert data.columns is not None
    parts = {"part": ["train", "train", "valid"], "piece": ["7", "7", "8"]}
    assert data.columns.to_dict("list") == {"high": [1, 3, 5], "low": [2, 4, 6], **parts}
    melted = read("tables", {**source, "melt": "note"}, Roots(tmp_path))
    assert melted.columns is not None
    assert melted.columns["note"].to_list() == [1, 2, 3, 4, 5, 6]
    assert melted.columns["piece"].to_list() == ["7"] * 4 + ["8"] * 2
    (tmp_path / "valid" / "chorale_9.csv").write_text("high,middle\n1,2\n")
    with pytest.raises(DataError, match=r"has other columns than train/chorale_7\.csv"):
        read("tables", source, Roots(tmp_path))


def test_files_are_a_table_and_their_sounds_an_input(tmp_path: Path) -> None:
    sounds(tmp_path)
    (tmp_path / "notes.txt").write_text("passed over")
    source = {"path": ".", "pattern": "{digit}_{speaker}_{take}.wav"}
    data = read("files", source, Roots(tmp_path))
    assert data.columns is not None
    assert data.columns.to_dict("list") == {
        "path": ["0_ann_0.wav", "0_ann_1.wav", "1_ann_0.wav", "1_ann_1.wav"],
        "digit": [0, 0, 1, 1],
        "speaker": ["ann"] * 4,
        "take": [0, 1, 0, 1],
    }
    found = prepared(data, entry("path", ("audio", {"sampling_rate": 8000})))
    assert found.shape == (4, 200)
    assert found[0, 99] == pytest.approx(0.5, abs=1e-3)
    assert found[0, 100] == 0
    half = prepared(data, entry("path", ("audio", {"sampling_rate": 4000, "output_sequence_length": 60})))
    assert half.shape == (4, 60)


def test_pictures_that_a_column_names(tmp_path: Path) -> None:
    for number in range(3):
        Image.new("L", (8, 6), 100 * number).save(tmp_path / f"{number}.png")
    (tmp_path / "table.csv").write_text("file,y\n0.png,a\n1.png,b\n2.png,a\n")
    data = read("csv", {"path": "table.csv"}, Roots(tmp_path))
    found = prepared(data, entry("file", ("image", {"color_mode": "grayscale"})))
    assert found.shape == (3, 6, 8, 1)
    assert found[:, 0, 0, 0].tolist() == pytest.approx([0, 100 / 255, 200 / 255])
    (tmp_path / "table.csv").write_text("file,y\n0.png,a\n7.png,b\n../x.png,a\n")
    data = read("csv", {"path": "table.csv"}, Roots(tmp_path))
    with pytest.raises(DataError, match=r"2 of the files that 'file' names cannot be used: line 3: 7.png is not there"):
        Preparation.fit(data, TRAIN, {"x": (entry("file", "image"),)})


def test_refusals_name_the_entry_although_its_blanks_are_filled_first() -> None:
    """The filling step comes before what was written, and was written nowhere."""
    written = Spec("log", slot="preparations", where=Where("a.yaml", 7, 3))
    data = Dataset(3, columns=pd.DataFrame({"a": [1.0, 3.0, -2.0]}), lines=np.array([2, 3, 5]))
    fitted = Preparation.fit(data, TRAIN[:2], {"x": (Entry(("a",), (written,)),)})
    with pytest.raises(DataError, match=r"^a.yaml:7:3: the logarithm of -2, the column 'a' in line 5"):
        fitted.apply(data)


def test_what_folds_share_is_told_apart_to_the_bit(tmp_path: Path) -> None:
    """Pictures that were decoded for one fold serve another only where nothing that was fitted differs."""
    for number in range(3):
        Image.fromarray(np.full((2, 2, 3), 40 * number + 1, np.uint8)).save(tmp_path / f"{number}.png")
    folders = np.array([tmp_path] * 3, dtype=object)
    data = Dataset(3, columns=pd.DataFrame({"file": [f"{number}.png" for number in range(3)]}), folders=folders)
    fitted = Preparation.fit(data, TRAIN, {"x": (entry("file", ("image", {}), "normalize"),)})
    first, second = fitted.states["x"][0]
    means = [second["mean"].astype(np.float64) * factor for factor in (1, 1 + 1e-12)]
    one, other = (replace(fitted, states={"x": ((first, {**second, "mean": mean}),)}) for mean in means)
    one.apply(data)
    other.apply(data)
    assert len(data.opened) == 2
    one.apply(data)
    assert len(data.opened) == 2
