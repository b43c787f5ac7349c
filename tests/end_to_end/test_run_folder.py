"""The run folder keeps the contract that everything after training reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import commandline
import numpy as np
import pytest
import tiny
from commandline import Nnrun

from nnrun import load_config
from nnrun.data.preparation import Preparation
from nnrun.data.sources.csv import csv
from nnrun.runs.run import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One training of the tiny config, read by many tests and changed by none."""
    from nnrun import experiment

    folder = tmp_path_factory.mktemp("run_folder")
    return experiment.train(load_config(tiny.write(folder)), experiment.Options(runs=folder / "runs")).path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cross validation of three folds."""
    from nnrun import experiment

    folder = tmp_path_factory.mktemp("study")
    config = load_config(tiny.write(folder), ["cv.folds=3"])
    return experiment.cross_validate(config, experiment.Options(runs=folder / "runs")).path


def test_run_folder_tells_what_was_run(run: Path) -> None:
    info = tiny.read_json(run / "run.json")

    told = {key: info[key] for key in ("format", "name", "status", "seed", "overrides", "monitor")}
    assert told == {
        "format": 1,
        "name": "tiny",
        "status": "complete",
        "seed": 0,
        "overrides": [],
        "monitor": {"name": "val_loss", "mode": "min"},
    }
    assert info["task"] == {"kind": {"task": "multiclass", "classes": ["a", "b", "c"]}}
    assert {"argv", "versions", "device", "keras", "times"} <= set(info)
    assert set(info["times"]) == {"started", "ended"}


def test_run_folder_keeps_the_config_as_written_and_resolved(run: Path) -> None:
    assert (run / "config.yaml").read_text() == tiny.CONFIG
    resolved = load_config(run / "resolved.yaml")
    assert (resolved.name, resolved.seed, resolved.task) == ("tiny", 0, "multiclass")
    assert [output.name for output in resolved.model.outputs] == ["kind"]
    assert (resolved.fit.epochs, resolved.fit.batch_size, resolved.fit.shuffle) == (3, 8, True)


def test_run_folder_history_has_a_row_an_epoch(run: Path) -> None:
    rows = tiny.read_csv(run / "history.csv")

    assert list(rows[0]) == ["epoch", "seconds", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy"]
    assert [(row["epoch"], row["learning_rate"]) for row in rows] == [("1", "0.001"), ("2", "0.001"), ("3", "0.001")]


def test_run_folder_steps_have_a_row_a_batch(run: Path) -> None:
    rows = tiny.read_csv(run / "steps.csv")

    assert list(rows[0]) == ["step", "epoch", "loss"]
    assert [(row["step"], row["epoch"]) for row in rows] == [(str(s), str((s + 4) // 5)) for s in range(1, 16)]


def test_run_folder_steps_are_at_most_two_thousand(tmp_path: Path) -> None:
    from nnrun.training.recorder import Recorder

    def steps() -> list[int]:
        recorder.close()
        return [int(row["step"]) for row in tiny.read_csv(tmp_path / "steps.csv")]

    recorder = Recorder(tmp_path, {})
    recorder.plan_steps(5_000)
    for epoch in range(1, 6):
        recorder.steps(epoch, [0.5] * 1_000)
    assert steps() == list(range(4, 5_001, 4))

    recorder.plan_steps(10_000)  # it goes on, with more epochs
    recorder.steps(6, [0.5] * 1_000)
    assert steps() == list(range(8, 6_001, 8))


def test_run_folder_metrics_stand_beside_the_floor(run: Path) -> None:
    metrics = tiny.read_json(run / "metrics.json")

    assert {part: set(metrics[part]) for part in ("train", "validation", "test")} == {
        "train": {"loss", "accuracy"},
        "validation": {"loss", "accuracy"},
        "test": {"loss", "accuracy"},
    }
    assert metrics["format"] == 1
    assert metrics["floor"]["test"]["majority"]["accuracy"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("part", ["validation", "test"])
def test_run_folder_metrics_have_the_names_of_keras(part: str, nnrun: Nnrun, folder: Path) -> None:
    two = [[*row[:4], "ab"[index % 2]] for index, row in enumerate(tiny.rows())]
    config = tiny.write(folder, tiny.CONFIG + "compile: {metrics: [accuracy, Precision, AUC]}\n", two)

    ended = nnrun("train", config, "-s", "report.figures=[]")

    assert ended.code == 0, ended.err
    metrics = tiny.read_json(ended.run / "metrics.json")
    assert set(metrics[part]) == {"loss", "accuracy", "precision", "auc"}
    assert set(metrics["floor"][part]["majority"]) == {"loss", "accuracy", "precision", "auc"}


def test_run_folder_metrics_of_an_alias_keep_the_name_of_the_history(nnrun: Nnrun, folder: Path) -> None:
    regression = tiny.CONFIG.replace("target: kind", "target: weight").replace("[height, weight]", "height")
    config = tiny.write(folder, regression + "compile: {metrics: [mae]}\n")

    ended = nnrun("train", config, "-s", "report.figures=[]", "-s", "task=regression")

    assert ended.code == 0, ended.err
    metrics = tiny.read_json(ended.run / "metrics.json")
    for part in ("train", "validation", "test"):
        assert set(metrics[part]) == {"loss", "mae"}


def test_run_folder_splits_are_a_partition_that_scikit_learn_draws(run: Path) -> None:
    from sklearn.model_selection import train_test_split

    with np.load(run / "splits.npz") as parts:
        drawn = {name: parts[name] for name in parts.files}
    kinds = np.array([row[-1] for row in tiny.rows()])
    rest, test = train_test_split(np.arange(60), test_size=12, random_state=0, stratify=kinds)
    train, validation = train_test_split(rest, test_size=12, random_state=0, stratify=kinds[rest])

    assert sorted(np.concatenate(list(drawn.values()))) == list(range(60))
    assert drawn["train"].tolist() == train.tolist()
    assert drawn["validation"].tolist() == validation.tolist()
    assert drawn["test"].tolist() == test.tolist()


def test_run_folder_predictions_are_in_the_words_of_the_data(run: Path) -> None:
    rows = tiny.read_csv(run / "predictions.csv")

    assert list(rows[0]) == ["row", "part", "fold", "target", "prediction", "p_a", "p_b", "p_c"]
    with np.load(run / "splits.npz") as parts:
        wanted = [(str(row), part) for part in ("validation", "test") for row in parts[part]]
    assert [(row["row"], row["part"]) for row in rows] == wanted
    assert [row["target"] for row in rows] == [tiny.rows()[int(row["row"])][-1] for row in rows]
    for row in rows:
        shares = {name: float(row[f"p_{name}"]) for name in "abc"}
        assert row["prediction"] == max(shares, key=lambda name: shares[name])
        assert sum(shares.values()) == pytest.approx(1, abs=1e-5)


def test_run_folder_model_opens_in_plain_keras_and_predicts_the_same(run: Path, tmp_path: Path) -> None:
    saved = tiny.read_json(run / "preparation" / "preparation.json")
    with np.load(run / "preparation" / "preparation.npz") as arrays:
        learned = {name.removeprefix("inputs/"): arrays[name] for name in arrays.files}
    inputs = Preparation.load(saved["inputs"], learned).apply(csv(run.parent.parent / "table.csv"))
    np.save(tmp_path / "table.npy", inputs["table"])
    script = (
        "import sys, keras, numpy\n"
        f"outputs = keras.models.load_model({str(run / 'model.keras')!r}).predict("
        f"numpy.load({str(tmp_path / 'table.npy')!r}), verbose=0)\n"
        f"numpy.save({str(tmp_path / 'outputs.npy')!r}, outputs)\n"
        "assert not [name for name in sys.modules if name.startswith('nnrun')]\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], env=commandline.environment(), capture_output=True, text=True, timeout=120
    )

    assert done.returncode == 0, done.stderr
    outputs = np.load(tmp_path / "outputs.npy")
    told = tiny.read_csv(run / "predictions.csv")
    expected = np.array([[float(row[f"p_{name}"]) for name in "abc"] for row in told])
    np.testing.assert_allclose(outputs[[int(row["row"]) for row in told]], expected, atol=1e-5)


def test_run_folder_preparation_was_learned_from_the_training_rows(run: Path) -> None:
    with np.load(run / "splits.npz") as parts, np.load(run / "preparation" / "preparation.npz") as arrays:
        numbers = np.array([row[:2] for row in tiny.rows()], dtype=np.float64)[parts["train"]]
        mean = next(arrays[name] for name in arrays.files if name.endswith("/mean"))
    np.testing.assert_array_equal(mean, numbers.mean(axis=0))


def test_run_folder_is_never_written_twice(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    runs = [nnrun("train", config, "--smoke", "-s", "report.figures=[]", "--name", "mine").run for _ in range(3)]

    assert [str(run) for run in runs] == ["runs/mine-smoke", "runs/mine-smoke-2", "runs/mine-smoke-3"]
    assert Run.open(folder / "runs" / "latest").name == "mine-smoke-3"


def test_run_folder_same_seed_gives_the_same_bits_and_another_seed_others(nnrun: Nnrun, folder: Path) -> None:
    dropout = tiny.CONFIG.replace("relu}}]", "relu}}, {Dropout: 0.3}]")
    config = tiny.write(folder, dropout)

    first, same, other = (
        nnrun("train", config, "--seed", seed, "-s", "report.figures=[]").run for seed in ("1", "1", "2")
    )

    assert tiny.history(first) == tiny.history(same)
    assert (first / "predictions.csv").read_bytes() == (same / "predictions.csv").read_bytes()
    assert tiny.history(first)[0]["loss"] != tiny.history(other)[0]["loss"]
    with np.load(first / "splits.npz") as one, np.load(other / "splits.npz") as two:
        assert {name: one[name].tolist() for name in one.files} == {name: two[name].tolist() for name in two.files}


def test_run_folder_split_seed_moves_the_partition(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    runs = [
        nnrun("train", config, "--smoke", "-s", f"data.split.seed={seed}", "-s", "report.figures=[]").run
        for seed in (0, 1)
    ]

    with np.load(runs[0] / "splits.npz") as one, np.load(runs[1] / "splits.npz") as two:
        assert set(one["test"].tolist()) != set(two["test"].tolist())


def test_run_folder_steps_per_epoch_gives_the_same_bits_again(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    histories = [
        tiny.history(nnrun("train", config, "-s", "fit.steps_per_epoch=2", "-s", "report.figures=[]").run)
        for _ in range(4)
    ]

    assert [told for told in histories if told != histories[0]] == []


def test_run_folder_of_a_cross_validation_holds_a_run_a_fold(study: Path) -> None:
    found = Run.open(study)

    assert [child.name for child in found.children] == ["fold-1", "fold-2", "fold-3"]
    assert [child.status for child in found.children] == ["complete"] * 3
    assert [child.info["parent"] for child in found.children] == ["tiny"] * 3
    assert found.status == "complete"


def test_run_folder_of_a_cross_validation_scores_every_fold(study: Path) -> None:
    cv = tiny.read_json(study / "cv.json")
    rows = tiny.read_csv(study / "cv.csv")

    assert (cv["format"], cv["folds"], set(cv["metric"])) == (1, 3, {"loss", "accuracy"})
    accuracy = cv["metric"]["accuracy"]
    assert set(accuracy) == {"folds", "mean", "sd", "pooled", "interval", "method"}
    assert list(rows[0]) == ["fold", "train_rows", "validation_rows", "held_out_rows", "loss", "accuracy"]
    assert [float(row["accuracy"]) for row in rows] == accuracy["folds"]
    assert accuracy["mean"] == pytest.approx(sum(accuracy["folds"]) / 3)
    counts = [(row["train_rows"], row["validation_rows"], row["held_out_rows"]) for row in rows]
    assert counts == [("32", "0", "16")] * 3
    predicted = tiny.read_csv(study / "predictions.csv")
    right = [row["target"] == row["prediction"] for row in predicted]
    assert accuracy["pooled"] == pytest.approx(sum(right) / len(right))


def test_run_folder_of_a_cross_validation_predicts_every_row_once(study: Path) -> None:
    rows = tiny.read_csv(study / "predictions.csv")

    assert list(rows[0]) == ["row", "part", "fold", "target", "prediction", "p_a", "p_b", "p_c"]
    assert len({row["row"] for row in rows}) == len(rows) == 48
    assert {row["part"] for row in rows} == {"held_out"}
    with np.load(study / "splits.npz") as folds:
        assert [int(row["row"]) for row in rows] == np.concatenate(
            [folds[f"fold_{number}"] for number in (1, 2, 3)]
        ).tolist()
