"""`nnrun data` finds what was planted, says of which rows each number is, and needs no Keras."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commandline import Nnrun

from nnrun import experiment
from nnrun.survey.records import Survey
from nnrun.survey.survey import survey

ROWS = 200
PARTS = np.array(["train"] * 120 + ["validate"] * 40 + ["judge"] * 40)
FEATURES = "[{normalize: [size, number, still, code]}, {one_hot: [colour, told, name]}]"
CONFIG = """\
data:
  source: {csv: things.csv}
  target: TARGET
  features: FEATURES
  split: {column: part, validation: [validate], test: [judge]}
model:
  layers: [{Dense: {units: 4, activation: relu}}]
"""


def things() -> pd.DataFrame:
    """Of each thing that may be wrong one column, and rows that stand in two parts."""
    draw = np.random.default_rng(0)
    label = draw.choice(["good", "bad"], ROWS, p=[0.7, 0.3])
    table = pd.DataFrame(
        {
            "size": np.where(np.arange(ROWS) % 10 == 0, np.nan, draw.normal(50, 9, ROWS).round(2)),
            "number": np.arange(1, ROWS + 1),  # counts the rows
            "still": 7,  # in the training rows; the others differ
            "code": np.where(
                label == "good", draw.integers(0, 10, ROWS), draw.integers(20, 30, ROWS)
            ),  # tells the label
            "colour": draw.choice(["red", "green", "blue"], ROWS),
            "told": np.where(label == "good", "g", "b"),  # the label in other words
            "name": [f"thing {row}" for row in range(ROWS)],
            "label": label,
            "price": draw.normal(0, 1, ROWS).round(3),
            "part": PARTS,
        }
    )
    table.loc[120:, "still"] = draw.integers(0, 99, 80)
    inputs = ["size", "number", "still", "code", "colour", "told", "name"]
    table.loc[[160, 161], inputs] = table.loc[[3, 4], inputs].to_numpy()  # two test rows are training rows
    table.loc[[160, 161], "label"] = table.loc[[3, 4], "label"].to_numpy()
    table.loc[5, inputs] = table.loc[6, inputs].to_numpy()
    table.loc[5, "label"], table.loc[6, "label"] = "good", "bad"
    return table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    things().to_csv(tmp_path / "things.csv", index=False)
    return tmp_path


def write(folder: Path, features: str = FEATURES, target: str = "label") -> Path:
    path = folder / "things.yaml"
    path.write_text(CONFIG.replace("FEATURES", features).replace("TARGET", target), encoding="utf-8")
    return path


def surveyed(path: Path, rows: int = 3) -> Survey:
    config = experiment.load(path)
    return survey(config, experiment.read_data(config, experiment.Options()), rows)


def test_survey_finds_what_was_planted(folder: Path) -> None:
    found = surveyed(write(folder)).findings
    assert any(line.startswith("told alone tells label (right in ") for line in found[:2])
    assert "2 test rows have inputs that stand among the training rows, too" in found
    assert "1 rows repeat the inputs of an earlier row of their part" in found
    assert "still: the same in every training row: it tells nothing" in found
    assert "name: 119 different texts in 120 training rows: it names them" in found
    assert any(line.startswith("code alone tells label") for line in found)
    assert not any(line.startswith(("size", "colour", "number alone", "name alone")) for line in found)


def test_survey_of_a_table_in_files_is_that_of_one_in_memory(folder: Path) -> None:
    path = write(folder)
    held = surveyed(path)
    path.write_text(path.read_text() + "runtime: {stream: true}\n")
    on_disk = surveyed(path)
    assert list(on_disk.findings) == list(held.findings)
    assert on_disk.duplicates == held.duplicates
    # Blanks differ in kind alone, and rows are named by their numbers where no line is known.
    cells = [[[str(cell) for cell in row.values()] for row in found.sample.values()] for found in (held, on_disk)]
    assert [[cell.replace("None", "nan") for cell in row] for row in cells[0]] == [
        [cell.replace("None", "nan") for cell in row] for row in cells[1]
    ]


def test_survey_rows_that_contradict_each_other_are_counted(folder: Path) -> None:
    """Rows 5 and 6 have one input and two answers."""
    twice = surveyed(write(folder)).duplicates
    assert twice is not None
    assert (twice.contradicting, dict(twice.within)) == (2, {"train": 1, "validation": 0, "test": 0})
    assert twice.across["test in train"] == 2


def test_survey_numbers_of_columns_are_of_the_training_rows_and_blanks_of_all(folder: Path) -> None:
    table, read = things(), {column.name: column for column in surveyed(write(folder)).columns}
    train = table.iloc[:120]
    size = read["size"]
    assert (size.blanks, size.total) == (int(table["size"].isna().sum()), ROWS)
    assert size.distinct == train["size"].nunique()
    ends = (size.minimum, size.mean, size.median, size.maximum)
    expected = [getattr(train["size"], name)() for name in ("min", "mean", "median", "max")]
    assert ends == pytest.approx(expected)
    assert read["still"].maximum == 7  # the held-out rows have others
    assert dict(read["colour"].values) == train["colour"].value_counts().to_dict()
    assert [read[name].type for name in ("size", "number", "colour")] == ["number", "whole number", "text"]
    assert [read[name].goes for name in ("size", "told", "label", "part", "price")] == [
        "table: normalize", "table: one_hot", "target label", "split", "",
    ]  # fmt: skip


def test_survey_classes_are_counted_by_part(folder: Path) -> None:
    (target,) = surveyed(write(folder)).targets
    table = things()
    for name, parts in target.classes.items():
        own = table["label"] == name
        assert parts == {
            "train": int(own[:120].sum()), "validation": int(own[120:160].sum()), "test": int(own[160:].sum()),
        }  # fmt: skip
    assert (target.task, target.output) == ("binary", "label")


def test_survey_a_column_that_is_the_number_tells_it(folder: Path) -> None:
    """Of a target of numbers: a copy with another scale."""
    table = things()
    table["copy"] = 1000 * table["price"] + 3
    table.to_csv(folder / "things.csv", index=False)
    found = surveyed(write(folder, "[{normalize: [size, copy]}]", "price"))
    assert [one.column for one in found.telling] == ["copy"]
    assert set(found.targets[0].numbers) == {"minimum", "mean", "median", "maximum"}


def test_survey_a_column_that_counts_the_rows_is_named(folder: Path) -> None:
    table = things()
    table["number"] = np.arange(ROWS)
    table.to_csv(folder / "things.csv", index=False)
    findings = surveyed(write(folder, "[{normalize: [size, number]}]")).findings
    assert "number: it counts the rows: it names them, and tells nothing of others" in findings


def test_survey_says_what_a_config_may_refer_to(folder: Path) -> None:
    path = write(folder, "{table: {normalize: size}, tint: {index: colour}}")
    embedding = "{Embedding: {input_dim: $data.tint.vocabulary_size, output_dim: 2, from: tint, name: vector}}"
    layers = f"[{embedding}, {{Concatenate: {{from: [table, vector]}}}}]"
    path.write_text(path.read_text().replace("[{Dense: {units: 4, activation: relu}}]", layers), encoding="utf-8")
    found = surveyed(path)
    assert (found.facts["num_classes"], found.facts["tint"]["vocabulary_size"]) == (2, 4)
    assert [(one.name, one.shape, one.made_of) for one in found.inputs] == [
        ("table", (1,), ("normalize of size",)), ("tint", (), ("index of colour",)),
    ]  # fmt: skip


@pytest.mark.parametrize("stream", [False, True])
def test_survey_of_pictures_finds_copies_by_their_pixels(tmp_path: Path, *, stream: bool) -> None:
    """Two of the pictures stand twice; what is streamed is read in pieces."""
    pictures = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 1), dtype=np.uint8)
    pictures[[58, 59]] = pictures[[0, 1]]
    np.savez(tmp_path / "pictures.npz", x=pictures, y=np.arange(60) % 3)
    (tmp_path / "pictures.yaml").write_text(
        "data: {source: {npz: pictures.npz}, split: {validation: 0, test: 0}}\nmodel: {layers: [Flatten]}\n"
        f"runtime: {{stream: {str(stream).lower()}}}\n",
        encoding="utf-8",
    )
    found = surveyed(tmp_path / "pictures.yaml")
    assert found.duplicates is not None
    assert dict(found.duplicates.within) == {"train": 2}
    assert [(one.name, one.shape, one.type) for one in found.arrays] == [("x", (8, 8, 1), "uint8")]


def test_data_command_is_readable_at_a_hundred_columns(folder: Path, nnrun: Nnrun) -> None:
    told = nnrun("data", write(folder))
    assert (told.code, told.err) == (0, "")
    assert max(map(len, told.out.splitlines()[1:])) <= 100
    assert told.out.startswith("200 rows; split: ")
    assert "- still: the same in every training row: it tells nothing" in told.out.splitlines()


def test_data_command_gives_json_and_a_sample_of_training_rows(folder: Path, nnrun: Nnrun) -> None:
    told: Any = nnrun("data", write(folder), "--json", "--rows", "2").json
    assert told["parts"] == {"train": 120, "validation": 40, "test": 40}
    assert len(told["sample"]) == 2
    assert {row["part"] for row in told["sample"].values()} == {"train"}
    assert json.dumps(told) == json.dumps(nnrun("data", folder / "things.yaml", "--json", "--rows", "2").json)


@pytest.mark.parametrize("what", ["table", "table in files", "pictures"])
def test_data_command_draws(folder: Path, nnrun: Nnrun, what: str) -> None:
    """The same bytes at every time."""
    path = write(folder)
    if what == "table in files":
        path.write_text(path.read_text() + "runtime: {stream: true}\n")
    if what == "pictures":
        path.write_text("data: {source: {sklearn: digits}}\nmodel: {layers: [Flatten]}\n")
    drawn = [nnrun("data", path, "--figure", folder / f"{number}.png") for number in (1, 2)]
    assert [one.code for one in drawn] == [0, 0]
    assert drawn[0].out.splitlines()[-1] == str(folder / "1.png")
    first, second = ((folder / f"{number}.png").read_bytes() for number in (1, 2))
    assert first[:4] == b"\x89PNG"
    assert first == second


def test_data_command_refuses_to_draw_what_is_no_picture(folder: Path, nnrun: Nnrun) -> None:
    np.savez(folder / "rows.npz", x=np.random.default_rng(0).normal(size=(60, 3)), y=np.arange(60) % 2)
    path = folder / "rows.yaml"
    path.write_text(
        "data: {source: {npz: rows.npz}}\nmodel: {layers: [{Dense: 3}]}\noutput: 1\n".replace("output: 1\n", "")
    )
    told = nnrun("data", path, "--figure", folder / "rows.png")
    assert told.code == 3
    assert "no pictures and no columns to draw" in told.err
