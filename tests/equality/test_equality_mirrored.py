"""TensorFlow's replicas learn what one device learns, through nnrun itself; the rows stand in `mirrored.py`."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path

import harness
import mirrored
import mirrored_nightly
import numpy as np
import pytest
from harness import Pair, Row

import nnrun
from nnrun.errors import DataError


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of the quick rows."""
    folder = tmp_path_factory.mktemp("mirrored")
    harness.train_table("mirrored", folder, list(mirrored.ROWS))
    return folder


@pytest.fixture(scope="session")
def nightly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runs of all other rows."""
    folder = tmp_path_factory.mktemp("mirrored-nightly")
    harness.train_table("mirrored_nightly", folder, list(mirrored_nightly.ROWS), timeout=1200)
    return folder


def holds(folder: Path, name: str, row: Row) -> None:
    """A row's two runs have the same weights, history and metrics, as far as its bounds say."""
    runs = harness.pair(folder, name)
    one, several = harness.info(runs.one), harness.info(runs.several)
    replicas = row.several.get("devices", mirrored.SEVERAL["devices"])
    assert (one["plan"]["replicas"], several["plan"]["replicas"]) == (1, replicas)
    assert one["status"] == several["status"] == "complete"
    assert one.get("kept_epoch") == several.get("kept_epoch")
    assert runs.weights() <= row.weights
    assert runs.history() <= row.history
    assert runs.metrics() <= row.history


@pytest.mark.parametrize("name", mirrored.ROWS)
def test_a_row_is_equal(name: str, quick: Path) -> None:
    holds(quick, name, mirrored.ROWS[name])


@pytest.mark.nightly
@pytest.mark.parametrize("name", mirrored_nightly.ROWS)
def test_a_longer_row_is_equal(name: str, nightly: Path) -> None:
    holds(nightly, name, mirrored_nightly.ROWS[name])


def test_a_wider_bound_says_why() -> None:
    for name, row in (*mirrored.ROWS.items(), *mirrored_nightly.ROWS.items()):
        assert row.why or (row.weights <= 1e-7 and row.history <= 1e-6), name


def test_equal_is_not_said_of_everything(quick: Path) -> None:
    """A batch that is left out is seen by the same comparison."""
    whole, dropped = harness.pair(quick, "sgd").one, harness.pair(quick, "dropped").one
    found = Pair(whole, dropped)
    assert found.weights() > 1e-4
    assert found.history() > 1e-4


def test_the_number_of_steps_a_call_changes_no_bit(quick: Path) -> None:
    """The fast loop around the replicas against single steps."""
    names = ("single steps", "seven steps", "sgd")
    single, *others = (harness.pair(quick, name).several for name in names)
    assert [harness.info(harness.pair(quick, name).several)["steps_per_call"] for name in names][:2] == [1, 6]
    for other in others:
        assert Pair(single, other).weights() == Pair(single, other).history() == 0


def test_dropping_trains_on_whole_batches_only(quick: Path) -> None:
    """43 rows in batches of 8 are five steps and three rows; held-out rows are all evaluated."""
    for run in (harness.pair(quick, "dropped").one, harness.pair(quick, "dropped").several):
        assert harness.info(run)["plan"]["remainder"] == "drop"
        assert len((run / "steps.csv").read_text().splitlines()) == 1 + 2 * 5
        seen = harness.history(run)["val_accuracy"] * 13
        assert seen == pytest.approx(np.round(seen), abs=1e-4)


def test_what_was_decided_of_a_short_batch_is_resolved(quick: Path) -> None:
    """So that resolved.yaml gives the same run on one device."""
    run = harness.pair(quick, "normalized").several
    found = [nnrun.load_config(run / name).runtime.remainder for name in ("config.yaml", "resolved.yaml")]
    assert found == ["auto", "drop"]


def test_an_error_is_asked_for_and_made(folder: Path) -> None:
    """`remainder: error` says which batch is short, before the first step."""
    path = folder / "short.yaml"
    path.write_text(harness.text(mirrored.ROWS["sgd"], {**harness.ONE, "remainder": "error"}))
    with pytest.raises(DataError, match="the last batch of an epoch has 3 of 8 rows: there are 43 training rows"):
        nnrun.train(path, runs=folder / "runs")


def test_the_plan_is_recorded(quick: Path) -> None:
    plan = harness.info(harness.pair(quick, "sgd").several)["plan"]
    told = {key: plan[key] for key in ("device", "strategy", "devices", "replicas", "remainder")}
    expected = {"device": "cpu", "strategy": "data_parallel", "devices": [0, 1], "replicas": 2, "remainder": "pad"}
    assert told == expected


def test_one_program_serves_all_folds(quick: Path) -> None:
    folds = [harness.info(harness.pair(quick, "folds").several / f"fold-{number}") for number in (1, 2, 3)]
    assert {fold["traces"] for fold in folds} == {2}


def test_metrics_get_weights_only_where_weighted_metrics_says_so(quick: Path) -> None:
    """All rows of the last batch but three are filling; scores by hand from the predictions of the run."""
    run = harness.pair(quick, "weights of rows and weighted metrics").several
    found = harness.history(run)
    assert {"accuracy", "weighted_accuracy", "val_accuracy", "val_weighted_accuracy"} <= found.keys()
    assert found["accuracy"][-1] * 43 == pytest.approx(
        round(found["accuracy"][-1] * 43), abs=1e-4
    )  # rows of 43, not of 48
    assert found["val_accuracy"][-1] * 13 == pytest.approx(round(found["val_accuracy"][-1] * 13), abs=1e-4)
    assert found["val_accuracy"][-1] == found["val_weighted_accuracy"][-1]  # held-out rows all count alike
    assert found["accuracy"][-1] != found["weighted_accuracy"][-1]


def test_the_saved_model_opens_in_plain_keras(quick: Path) -> None:
    """It names nothing of ours and no strategy, and predicts what the run predicted."""
    import keras

    runs = harness.pair(quick, "streamed")
    with zipfile.ZipFile(runs.several / "model.keras") as archive:
        assert "nnrun" not in archive.read("config.json").decode()
    model = keras.saving.load_model(runs.several / "model.keras")
    expected = predicted(runs.several)
    with np.load(quick / "pictures.npz") as arrays:
        answers = model.predict(arrays["picture"][list(expected)], verbose=0).ravel()
    assert np.abs(answers - list(expected.values())).max() < 1e-5  # which are written with six digits
    assert predicted(runs.one).keys() == expected.keys()


def test_a_mirrored_run_is_evaluated_and_answers_on_one_device(quick: Path) -> None:
    """In this process the CPU is whole."""
    run = harness.pair(quick, "weights of rows and weighted metrics").several
    scores = json.loads((run / "metrics.json").read_text())["test"]
    found = nnrun.evaluate(run, data_root=quick)
    assert found["accuracy"] == pytest.approx(scores["accuracy"])
    assert found["loss"] == pytest.approx(scores["loss"], rel=1e-5)
    answers = nnrun.predict(run, quick / "table.csv")
    assert len(answers) == 62


def predicted(run: Path) -> dict[int, float]:
    """The probability of the second class by row, from predictions.csv."""
    with (run / "predictions.csv").open(newline="", encoding="utf-8") as stream:
        return {int(row["row"]): float(row["p_1"]) for row in csv.DictReader(stream)}
