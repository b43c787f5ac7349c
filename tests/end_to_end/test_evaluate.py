"""`nnrun evaluate`: the scores of a run, computed anew from its model, its preparation and its data."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

import nnrun as nnrun_package

FAST = ("-q", "-s", "report.figures=[]", "-s", "fit.epochs=2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, trained once."""
    import nnrun

    folder = tmp_path_factory.mktemp("made")
    settings = ["report.figures=[]", "fit.epochs=2"]
    return nnrun.train(tiny.write(folder), overrides=settings, runs=folder / "runs").path


@pytest.fixture
def trained(made: Path, folder: Path) -> Path:
    """A copy of it in the current folder; its data is where it was."""
    shutil.copytree(made, folder / "runs" / "tiny")
    return Path("runs/tiny")


@pytest.mark.parametrize("part", ["test", "validation"])
def test_evaluate_gives_the_scores_of_the_run(part: str, nnrun: Nnrun, trained: Path) -> None:
    found = nnrun("evaluate", trained, "--json", *(["--part", part] if part != "test" else []))
    assert found.code == 0, found.err
    metrics = tiny.read_json(trained / "metrics.json")
    assert (found.json["metrics"], found.json["floor"]) == (metrics[part], metrics["floor"][part])
    assert (found.json["of"], found.json["rows"]) == (part, 12)
    assert nnrun_package.evaluate(trained, part=part) == metrics[part]


def test_evaluate_of_folds_gives_the_mean_of_what_they_held_out(nnrun: Nnrun, folder: Path) -> None:
    run = nnrun("cv", tiny.write(folder), "--folds", "3", *FAST).run
    found = nnrun("evaluate", run, "--json")
    assert found.json["metrics"] == pytest.approx(tiny.read_json(run / "metrics.json")["held_out"], rel=1e-12)
    told = tiny.read_json(run / "cv.json")["metric"]
    assert [fold["loss"] for fold in found.json["folds"]] == told["loss"]["folds"]
    assert "sd" in nnrun("evaluate", run).out


def test_evaluate_of_a_labelled_file_scores_its_rows(nnrun: Nnrun, folder: Path, trained: Path) -> None:
    """The rows of the test part, alone in a file: the same scores as in the run."""
    with np.load(trained / "splits.npz") as splits:
        rows = [tiny.rows()[row] for row in splits["test"]]
    (folder / "new").mkdir()
    tiny.write(folder / "new", table=rows)

    found = nnrun("evaluate", trained, "--data", "new/table.csv", "--json")

    assert found.code == 0, found.err
    assert found.json["metrics"] == tiny.read_json(trained / "metrics.json")["test"]
    assert "accuracy" in nnrun("evaluate", trained, "--data", "new/table.csv").out


def test_evaluate_refuses_a_class_that_the_training_never_saw(nnrun: Nnrun, folder: Path) -> None:
    run = nnrun("train", tiny.write(folder), *FAST).run
    rows = tiny.rows()
    rows[7][-1] = "z"
    tiny.write(folder, table=rows)
    found = nnrun("evaluate", run, "--data", "table.csv")
    assert found.code == 3
    assert "the target 'kind' holds the class 'z' in line 9, and no training row has it" in found.err
    assert "is not what runs/tiny was begun with: table.csv" in nnrun("evaluate", run).err


def test_evaluate_of_pictures_goes_by_the_names_of_their_folders(nnrun: Nnrun, folder: Path) -> None:
    """A folder without the first class: its class numbers are others, their names are not."""
    shutil.copytree(CONFIGS, folder / "configs")
    run = nnrun("train", "configs/image_folder.yaml", *FAST).run
    shapes = folder / "configs" / "data" / "shapes"
    classes = sorted(path.name for path in shapes.iterdir())
    whole = nnrun("predict", run, "--data", shapes).out.splitlines()[1:]
    shutil.rmtree(shapes / classes[0])
    kept = [line.split(",")[:2] for line in whole if not line.startswith(classes[0])]
    right = sum(file.split("/")[0] == prediction for file, prediction in kept)

    found = nnrun("evaluate", run, "--data", shapes.relative_to(folder), "--json")  # as it is typed in that folder

    assert found.json["metrics"]["accuracy"] == pytest.approx(right / len(kept))
    (shapes / "hexagon").mkdir()
    shutil.copy(next(shapes.glob("*/*.png")), shapes / "hexagon")
    assert "hexagon is no class of the run" in nnrun("evaluate", run, "--data", shapes).err


def test_evaluate_says_what_it_cannot_score(nnrun: Nnrun, trained: Path) -> None:
    for arguments, told in (
        (("--part", "held_out"), "has no part 'held_out'\n    expected: one of test, validation, train"),
        (("--part", "test", "--data", "table.csv"), "--part names rows of the run"),
    ):
        ended = nnrun("evaluate", trained, *arguments)
        assert ended.code == 2
        assert told in ended.err
    assert "there is no run 'tinny'" in nnrun("evaluate", "tinny").err
    (trained / "preparation" / "preparation.json").write_text("{}", encoding="utf-8")
    assert "preparation.json cannot be read" in nnrun("evaluate", trained).err
    (trained / "resolved.yaml").unlink()
    assert "ended before its training began" in nnrun("evaluate", trained).err
