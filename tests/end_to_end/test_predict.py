"""`nnrun predict`: raw rows in, names out; the run alone knows how, the training's data may be gone."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

import nnrun as nnrun_package

FAST = ("-q", "-s", "report.figures=[]", "-s", "fit.epochs=2")
HEADER = ["height", "weight", "colour", "code", "kind"]
CONFIG = """\
data:
  source: {csv: {path: table.csv, delimiter: ";", na_values: ["?"], strip: true}}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: [colour, code]}]
model: {layers: [{Dense: 4}]}
"""


def table(rows: int = 60) -> list[list[Any]]:
    """Numbers with blanks, a colour with blanks, codes of digits that one cell makes a text, a class."""
    return [
        [
            "?" if i % 11 == 5 else 100 + 7 * (i * i % 13),
            20 + 10 * (i % 3) + i % 5,
            ("red", "blue", "")[i % 3],
            "x1" if i == 0 else f"0{i % 3}",
            ("=a", "b", "c")[i % 3],
        ]
        for i in range(rows)
    ]


def write(path: Path, rows: Sequence[Sequence[Any]], header: Sequence[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose training data is gone, trained once."""
    import nnrun

    folder = tmp_path_factory.mktemp("made")
    (folder / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    write(folder / "table.csv", table())
    run = nnrun.train(folder / "tiny.yaml", overrides=["report.figures=[]", "fit.epochs=2"], runs=folder / "runs")
    (folder / "table.csv").unlink()
    return run.path


@pytest.fixture
def trained(made: Path, folder: Path) -> Path:
    """A copy of it in the current folder."""
    shutil.copytree(made, folder / "runs" / "tiny")
    return Path("runs/tiny")


def test_predict_answers_as_the_run_did_for_its_test_rows(nnrun: Nnrun, trained: Path) -> None:
    """To the bit: the held-out rows alone, in their order, without the target, prepared by what the run holds."""
    told = [row for row in tiny.read_csv(trained / "predictions.csv") if row["part"] == "test"]
    rows = table()
    write(Path("new.csv"), [rows[int(row["row"])][:-1] for row in told], HEADER[:-1])

    answered = nnrun("predict", trained, "--data", "new.csv")

    assert answered.code == 0, answered.err
    found = read(answered.out)
    assert [row.pop("row") for row in found] == [str(number) for number in range(len(told))]
    assert found == [{key: row[key] for key in found[0]} for row in told]
    assert list(found[0]) == ["prediction", "p_=a", "p_b", "p_c"]
    assert {row["prediction"] for row in found} <= {"'=a", "b", "c"}
    mapped = nnrun_package.predict(trained, "new.csv")
    assert [str(row["p_b"]) for row in mapped] == [row["p_b"] for row in told]


def test_predict_of_a_file_and_of_stdin_are_the_same_in_any_pieces(
    nnrun: Nnrun, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnrun.data import later

    path = write(Path("new.csv"), table(700))
    whole = nnrun("predict", trained, "--data", path, "-q").out
    monkeypatch.setattr(later.Reader, "rows", 256)
    monkeypatch.setattr(later, "PIECE", 256)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(path.read_bytes())))
    streamed = nnrun("predict", trained, "--data", "-", "--output", "answers.csv", "--json")
    assert Path("answers.csv").read_text(encoding="utf-8") == whole
    assert (streamed.json["rows"], len(read(whole))) == (700, 700)


def test_predict_tells_what_is_unlike_the_training(nnrun: Nnrun, trained: Path) -> None:
    """Unknown categories are zeros and blanks the training's median, as when it was fitted; both are counted."""
    header = ["weight", "extra", *[name for name in HEADER if name not in ("weight", "kind")]]
    write(Path("new.csv"), [[25, 1, "", "green", "00"], [35, 2, "?", "red", "x9"], [45, 3, 120, "green", "01"]], header)

    answered = nnrun("predict", trained, "--data", "new.csv")

    assert answered.code == 0, answered.err
    assert len(read(answered.out)) == 3
    lines = answered.err.splitlines()
    assert lines[0] == "columns that the run does not read: extra"
    assert lines[1].startswith("height: 2 blanks filled with ")
    assert lines[2:] == [
        "colour: 2 values that the training never saw, such as 'green', taken for unknown as there",
        "code: 1 value that the training never saw, such as 'x9', taken for unknown as there",
    ]


@pytest.mark.parametrize(
    ("header", "rows", "told"),
    [
        (["height", "wieght", "color", "code"], [[1, 2, "red", "00"]], "'weight' (is it 'wieght'?), 'colour'"),
        (HEADER[:-1], [[1, "heavy", "red", "00"]], "the column 'weight' holds text, 'heavy' in line 2"),
        (HEADER[:-1], [[1, 2, "red", "00"], [1, 2, "red"]], "new.csv:3:1: the row has 3 cells, the table 4 columns"),
        (HEADER[:-1], [], "new.csv holds no rows"),
    ],
)  # fmt: skip
def test_predict_refuses_rows_that_are_not_those_of_the_training(
    header: list[str], rows: list[Any], told: str, nnrun: Nnrun, trained: Path
) -> None:
    write(Path("new.csv"), rows, header)
    answered = nnrun("predict", trained, "--data", "new.csv", "--output", "answers.csv")
    assert (answered.code, answered.out) == (3, "")
    assert told in answered.err
    assert not Path("answers.csv").exists()


def test_predict_refuses_what_is_no_table(nnrun: Nnrun, trained: Path) -> None:
    Path("pictures").mkdir()
    np.savez("arrays.npz", x=np.zeros(3))
    Path("empty.csv").write_text("", encoding="utf-8")
    for name, told in (
        ("pictures", "pictures is a folder"),
        ("arrays.npz", "arrays.npz is a zip archive"),
        ("empty.csv", "empty.csv: the file is empty"),
        ("nowhere.csv", "no such file: nowhere.csv"),
    ):
        answered = nnrun("predict", trained, "--data", name)
        assert (answered.code, answered.out) == (3, "")
        assert told in answered.err


def test_predict_of_folds_is_the_mean_of_their_answers(nnrun: Nnrun, folder: Path) -> None:
    (folder / "tiny.yaml").write_text(CONFIG, encoding="utf-8")
    write(folder / "table.csv", table())
    run = nnrun("cv", "tiny.yaml", "--folds", "2", *FAST).run
    held_out = [row for row in tiny.read_csv(run / "fold-2" / "predictions.csv") if row["part"] == "test"]
    (folder / "table.csv").unlink()
    rows = table()
    write(folder / "new.csv", [rows[int(row["row"])] for row in held_out])

    whole, first, second = (
        read(nnrun("predict", path, "--data", "new.csv", "-q").out) for path in (run, run / "fold-1", run / "fold-2")
    )

    assert [row["p_b"] for row in second] == [row["p_b"] for row in held_out]
    means = [(float(one["p_b"]) + float(two["p_b"])) / 2 for one, two in zip(first, second, strict=True)]
    assert [float(row["p_b"]) for row in whole] == pytest.approx(means, abs=2e-6)


def test_predict_of_pictures_names_their_files(nnrun: Nnrun, folder: Path) -> None:
    """Pictures in any folder, or one alone, need no classes: the run knows them."""
    shutil.copytree(CONFIGS, folder / "configs")
    run = nnrun("train", "configs/image_folder.yaml", *FAST).run
    told = [row for row in tiny.read_csv(run / "predictions.csv") if row["part"] == "test"]
    files = sorted((folder / "configs" / "data" / "shapes").glob("*/*.png"))
    (folder / "new").mkdir()
    for place, row in enumerate(told):
        shutil.copy(files[int(row["row"])], folder / "new" / f"{place:03}.png")
    shutil.rmtree(folder / "configs")

    found = read(nnrun("predict", run, "--data", "new").out)
    alone = read(nnrun("predict", run, "--data", "new/000.png").out)

    assert [row.pop("file") for row in found] == [f"{place:03}.png" for place in range(len(told))]
    assert found == [{key: row[key] for key in found[0]} for row in told]
    assert (alone[0].pop("file"), alone[0]["prediction"]) == ("000.png", told[0]["prediction"])


def test_predict_of_several_outputs_and_inputs(nnrun: Nnrun, folder: Path) -> None:
    shutil.copytree(CONFIGS, folder / "configs")
    run = nnrun("train", "configs/two_inputs_two_outputs.yaml", *FAST).run
    told = [row for row in tiny.read_csv(run / "predictions.csv") if row["part"] == "test"]
    rows = np.array([int(row["row"]) for row in told if row["output"] == "price"])
    with np.load(folder / "configs" / "data" / "houses.npz") as arrays:
        np.savez(folder / "new.npz", image=arrays["image"][rows], facts=arrays["facts"][rows])
    shutil.rmtree(folder / "configs")

    found = read(nnrun("predict", run, "--data", "new.npz").out)

    assert [(row.pop("row"), row["output"]) for row in found[:3]] == [("0", "price"), ("0", "sold"), ("1", "price")]
    for output in ("price", "sold"):
        mine = [{k: v for k, v in row.items() if k != "row"} for row in found if row["output"] == output]
        assert mine == [{key: row[key] for key in mine[0]} for row in told if row["output"] == output]


def test_predict_writes_outputs_that_are_arrays_as_arrays(nnrun: Nnrun, folder: Path) -> None:
    shutil.copytree(CONFIGS, folder / "configs")
    run = nnrun("train", "configs/autoencoder.yaml", *FAST).run
    with np.load(run / "predictions.npz") as stored:
        name = next(key for key in stored if key.startswith("test/"))
        wanted = stored[name]
    with np.load(run / "splits.npz") as splits:
        rows = splits["test"]
    from nnrun import experiment, load_config

    dataset = experiment.read_data(load_config("configs/autoencoder.yaml"), experiment.Options())
    image = next(iter(dataset.arrays.values()))
    np.save("new.npy", np.asarray(image[rows]))

    assert "--output FILE.npz" in nnrun("predict", run, "--data", "new.npy").err
    assert nnrun("predict", run, "--data", "new.npy", "--output", "answers.npz").out == "answers.npz\n"
    with np.load("answers.npz") as answers:
        np.testing.assert_array_equal(answers[name.rpartition("/")[2]], wanted)


def test_predict_of_a_series_answers_the_newest_window_too(nnrun: Nnrun, folder: Path) -> None:
    """Its future is not known yet; a window is called by its last row, and each step of the horizon has a column."""
    series = [f"{np.sin(i / 7):.4f}" for i in range(120)]
    (folder / "series.csv").write_text("\n".join(["x", *series]) + "\n", encoding="utf-8")
    data = "{source: {csv: series.csv}, windows: {length: 5, horizon: 2}, features: [{normalize: x}], target: x}"
    (folder / "series.yaml").write_text(f"data: {data}\nmodel: {{layers: [Flatten, {{Dense: 2}}]}}\n", encoding="utf-8")
    run = nnrun("train", "series.yaml", *FAST).run
    with np.load(run / "splits.npz") as splits, np.load(run / "predictions.npz") as stored:
        rows, wanted = splits["test"], next(stored[name] for name in stored if name.startswith("test/"))

    found = read(nnrun("predict", run, "--data", "series.csv").out)

    assert list(found[0]) == ["last_row", "prediction_1", "prediction_2"]
    assert [row["last_row"] for row in found] == [str(row) for row in range(4, 120)]
    answered = np.array([[row["prediction_1"], row["prediction_2"]] for row in found], float)
    np.testing.assert_allclose(answered[rows], wanted.reshape(len(rows), 2), rtol=1e-5, atol=1e-6)


def test_predict_of_a_source_without_a_file_takes_a_table_of_its_columns(nnrun: Nnrun, folder: Path) -> None:
    (folder / "iris.yaml").write_text("data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: 4}]}\n")
    run = nnrun("train", "iris.yaml", *FAST).run
    names = [f"{part} {side} (cm)" for part in ("petal", "sepal") for side in ("width", "length")]
    (folder / "new.csv").write_text(",".join(names) + "\n0.2,1.4,3.5,5.1\n", encoding="utf-8")
    answered = nnrun("predict", run, "--data", "new.csv")
    assert (answered.code, len(read(answered.out))) == (0, 1)
    assert "expected: a table in a CSV file" in nnrun("predict", run, "--data", ".").err
