"""What goes wrong is said with its file, row or column, by the right exit code, and leaves no run that looks whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import commandline
import numpy as np
import pytest
import tiny
from commandline import Nnrun, Result

PICTURES = """\
data: {source: {images: shapes}, split: {validation: 0, test: 0.25}}
model: {layers: [Flatten]}
"""
ARRAYS = """\
data: {source: {npz: data.npz}, split: {validation: 0, test: 0.25}}
model: {layers: [{Dense: 4}]}
"""
NO_TARGET = tiny.CONFIG.replace("target: kind", "target: kinds")
DIVERGING = """\
data: {source: {csv: table.csv}, target: weight, features: {raw: height}}
task: regression
model: {layers: [{Dense: 8}]}
compile: {optimizer: {SGD: {learning_rate: 1e9}}}
"""


def assert_refused(ended: Result, code: int, *told: str) -> None:
    """The exit code, every text in the message, no traceback, nothing on stdout, no run that looks whole."""
    assert ended.code == code, ended.err
    assert [text for text in told if text not in ended.err] == [], ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""
    assert [path for path in Path("runs").glob("*/run.json") if tiny.read_json(path)["status"] == "complete"] == []


def test_bad_input_config_that_is_not_there(nnrun: Nnrun, folder: Path) -> None:
    assert_refused(nnrun("train", "none.yaml"), 2, "none.yaml")


def test_bad_input_empty_config(nnrun: Nnrun, folder: Path) -> None:
    (folder / "empty.yaml").write_text("")
    assert_refused(nnrun("train", "empty.yaml"), 2, "empty.yaml:1:1: the file is empty")


def test_bad_input_data_file_that_is_not_there(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)
    (folder / "table.csv").unlink()
    assert nnrun("check", config).code == 0  # a config can be checked where its data is not
    assert_refused(nnrun("train", config), 3, "tiny.yaml:2:", "no such file: table.csv", "--data-root")


def test_bad_input_empty_data_file(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)
    (folder / "table.csv").write_text("")
    assert_refused(nnrun("train", config), 3, "table.csv", "empty")
    assert_refused(nnrun("check", config), 3, "table.csv", "empty")
    assert_refused(nnrun("show", config), 3, "table.csv", "empty")
    assert_refused(nnrun("check", config, "-s", "fit.epochs=0"), 2, "table.csv", "epochs is 0")


def test_bad_input_data_file_without_rows(nnrun: Nnrun, folder: Path) -> None:
    assert_refused(nnrun("train", tiny.write(folder, table=[])), 3, "table.csv", "no rows")


def test_bad_input_ragged_rows(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[10].append("one too many")
    assert_refused(nnrun("train", tiny.write(folder, table=table)), 3, "table.csv:12:")


def test_bad_input_target_that_does_not_exist(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, NO_TARGET)
    assert_refused(nnrun("train", config), 2, "tiny.yaml:3:11", "'kinds' does not exist", "did you mean 'kind'?")


def test_bad_input_label_that_training_never_saw(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[30][4] = "z"
    config = tiny.CONFIG.replace("{validation: 0.2, test: 0.2}", "{column: family, test: [7]}")  # rows 28 to 31
    ended = nnrun("train", tiny.write(folder, config, table))
    assert_refused(ended, 3, "'kind' holds the class 'z' in line 32, and no training row has it")


def test_bad_input_one_class_only(nnrun: Nnrun, folder: Path) -> None:
    table = [[*row[:4], "a"] for row in tiny.rows()]
    assert_refused(nnrun("train", tiny.write(folder, table=table)), 3, "'kind' has one class only")


@pytest.mark.parametrize("verb", ["train", "cv"])
def test_bad_input_blank_target(verb: str, nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[5][4] = ""
    assert_refused(nnrun(verb, tiny.write(folder, table=table)), 3, "table.csv:7:1: the target 'kind' is blank")


def test_bad_input_blank_target_of_a_stratified_split(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[5][4] = ""
    ended = nnrun("train", tiny.write(folder, table=table), "-s", "data.split.strategy=stratified")
    assert_refused(ended, 3, "table.csv:7:1: the target 'kind' is blank")


def test_bad_input_infinity_in_a_column(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[8][0] = "inf"
    assert_refused(
        nnrun("train", tiny.write(folder, table=table)), 3, "table.csv:10:1: the column 'height' is infinite"
    )


def test_bad_input_text_in_a_column_of_numbers(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[8][0] = "tall"
    assert_refused(
        nnrun("train", tiny.write(folder, table=table)), 3, "table.csv:10:1", "'height' holds the text 'tall'"
    )


def test_bad_input_typing_error_in_a_column_that_nobody_named(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[8][0] = "oops"
    config = tiny.CONFIG.replace("  features: [{normalize: [height, weight]}, {one_hot: colour}]\n", "")
    assert_refused(
        nnrun("train", tiny.write(folder, config, table)), 3, "table.csv:10:1", "'height'", "'oops'", "`na_values`"
    )


@pytest.mark.parametrize("part", ["test", "validation"])
def test_bad_input_source_as_its_own_part(part: str, nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun("train", tiny.write(folder), "-s", f"data.{part}={{csv: table.csv}}", "-s", f"data.split.{part}=0")
    assert_refused(ended, 3, f"`data.{part}` is the same file as the source", "table.csv")


def test_bad_input_blank_in_the_group_column(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[8][3] = ""
    ended = nnrun("cv", tiny.write(folder, table=table), "-s", "cv.group=family")
    assert_refused(ended, 3, "the group column 'family' is blank in line 10")


def test_bad_input_too_few_groups_to_choose_by(nnrun: Nnrun, folder: Path) -> None:
    table = [[*row[:3], row[3] % 2, row[4]] for row in tiny.rows()]
    settings = ("-s", "cv.group=family", "-s", "data.split.test=0", "-s", "data.split.validation=0")
    ended = nnrun("cv", tiny.write(folder, table=table), "--folds", "2", *settings, "-s", "fit.keep=best")
    assert_refused(ended, 3, "rows for validation are of one group", "fewer folds")


def test_bad_input_blanks_where_they_are_errors(nnrun: Nnrun, folder: Path) -> None:
    table = tiny.rows()
    table[8][0] = ""
    ended = nnrun("train", tiny.write(folder, table=table), "-s", "data.missing=error")
    assert_refused(ended, 3, "height", "table.csv:10:1: the column 'height' is blank")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_bad_input_array_that_is_not_finite(value: float, nnrun: Nnrun, folder: Path) -> None:
    x = np.arange(80, dtype=np.float32).reshape(40, 2)
    x[3, 1] = value
    np.savez(folder / "data.npz", x=x, y=np.arange(40) % 2)
    assert_refused(nnrun("train", tiny.write(folder, ARRAYS)), 3, "'x'", "row 3")


def test_bad_input_corrupt_picture(nnrun: Nnrun, folder: Path) -> None:
    from PIL import Image

    for kind in ("circle", "square"):
        (folder / "shapes" / kind).mkdir(parents=True)
        for number in range(8):
            Image.new("L", (8, 8), 10 * number).save(folder / "shapes" / kind / f"{number}.png")
    whole = (folder / "shapes" / "square" / "5.png").read_bytes()
    (folder / "shapes" / "square" / "5.png").write_bytes(whole[: len(whole) // 2])
    assert_refused(nnrun("train", tiny.write(folder, PICTURES)), 3, "square/5.png")


def test_bad_input_training_that_diverges(nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun("train", tiny.write(folder, DIVERGING))

    assert_refused(ended, 5, "the loss is", "learning rate")
    assert tiny.read_json(folder / "runs" / "tiny" / "run.json")["status"] == "diverged"
    assert not (folder / "runs" / "tiny" / "model.keras").exists()


def test_bad_input_cross_validation_that_diverges(nnrun: Nnrun, folder: Path) -> None:
    assert_refused(nnrun("cv", tiny.write(folder, DIVERGING), "--folds", "2"), 5, "the loss is")
    assert tiny.read_json(folder / "runs" / "tiny" / "run.json")["status"] == "diverged"
    assert tiny.read_json(folder / "runs" / "tiny" / "fold-1" / "run.json")["status"] == "diverged"


@pytest.mark.skipif(os.name != "posix", reason="signals are sent as POSIX has them")
def test_bad_input_interrupt_ends_with_whole_files(folder: Path) -> None:
    config = tiny.write(folder, tiny.CONFIG.replace("epochs: 3", "epochs: 100000"))
    history = folder / "runs" / "tiny" / "history.csv"
    with subprocess.Popen(
        [sys.executable, "-m", "nnrun", "train", str(config)],
        env=commandline.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        deadline = time.monotonic() + 100
        while not (history.exists() and history.read_text().count("\n") > 2):
            assert command.poll() is None, command.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        command.send_signal(signal.SIGINT)
        _, told = command.communicate(timeout=60)

    assert command.returncode == 130, told
    assert "Traceback" not in told
    assert tiny.read_json(folder / "runs" / "tiny" / "run.json")["status"] == "stopped"
    assert history.read_text().endswith("\n")
    rows = tiny.read_csv(history)
    assert [int(row["epoch"]) for row in rows] == list(range(1, len(rows) + 1))
    assert all(len(row) == 7 and None not in row.values() for row in rows)
