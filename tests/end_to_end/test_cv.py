"""Cross validation is scikit-learn's, index for index, and no held-out row reaches the training of its fold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import Nnrun
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold

Array = np.ndarray[Any, Any]
QUICK = ("--smoke", "--folds", "3", "-s", "report.figures=[]")
KINDS = np.array([row[-1] for row in tiny.rows()])
FAMILIES = np.array([row[3] for row in tiny.rows()])


def splits(run: Path) -> dict[str, Array]:
    with np.load(run / "splits.npz") as parts:
        return {name: parts[name] for name in parts.files}


def folds(run: Path) -> list[dict[str, Array]]:
    return [splits(run / f"fold-{number}") for number in (1, 2, 3)]


def pool(run: Path) -> Array:
    """The rows that are folded: all but the test part, which the study sets aside."""
    parts = splits(run)
    held_out = np.concatenate([rows for name, rows in parts.items() if name.startswith("fold_")])
    assert sorted(held_out) == sorted(parts["train"])
    return np.sort(held_out)


def weights(run: Path) -> list[Array]:
    import keras

    return [np.asarray(weight) for weight in keras.saving.load_model(run / "model.keras").get_weights()]


@pytest.mark.parametrize(
    ("settings", "splitter"),
    [
        (("cv.strategy=random", "cv.seed=4"), KFold(3, shuffle=True, random_state=4)),
        (("cv.strategy=stratified",), StratifiedKFold(3, shuffle=True, random_state=0)),
        (("cv.strategy=auto",), StratifiedKFold(3, shuffle=True, random_state=0)),
        (("cv.group=family",), GroupKFold(3)),
    ],
    ids=["random", "stratified", "auto", "group"],
)
def test_cv_folds_are_those_of_scikit_learn(
    settings: tuple[str, ...], splitter: Any, nnrun: Nnrun, folder: Path
) -> None:
    config = tiny.write(folder)

    ended = nnrun("cv", config, *QUICK, *(part for setting in settings for part in ("-s", setting)))

    assert ended.code == 0, ended.err
    rows = pool(ended.run)
    groups = FAMILIES[rows] if isinstance(splitter, GroupKFold) else None  # the others warn of groups
    expected = list(splitter.split(rows, KINDS[rows], groups))
    for found, (train, held_out) in zip(folds(ended.run), expected, strict=True):
        assert found["train"].tolist() == rows[train].tolist()
        assert found["test"].tolist() == rows[held_out].tolist()


def test_cv_leaves_the_test_part_alone(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    run = nnrun("cv", config, *QUICK).run

    trained = nnrun("train", config, "--smoke", "-s", "report.figures=[]").run
    test = set(splits(trained)["test"].tolist())
    assert len(test) == 12
    for found in folds(run):
        assert test.isdisjoint(np.concatenate(list(found.values())).tolist())


@pytest.mark.parametrize(
    ("setting", "sizes"),
    [
        ("fit.epochs=2", (32, 0, 16)),  # nothing chooses: every row of the fold trains
        ("fit.keep=best", (25, 7, 16)),  # the share is that of the split, 0.2 of 32 rows rounded up
        ("fit.callbacks=[{EarlyStopping: {patience: 1}}]", (25, 7, 16)),
        ("fit.callbacks=[{EarlyStopping: {patience: 1, monitor: loss}}]", (32, 0, 16)),
    ],
)
def test_cv_takes_an_inner_validation_part_only_if_something_chooses(
    setting: str, sizes: tuple[int, int, int], nnrun: Nnrun, folder: Path
) -> None:
    config = tiny.write(folder)

    ended = nnrun("cv", config, *QUICK, "-s", setting)

    assert ended.code == 0, ended.err
    for found in folds(ended.run):
        assert (len(found["train"]), len(found["validation"]), len(found["test"])) == sizes
        assert sorted(np.concatenate(list(found.values()))) == pool(ended.run).tolist()


def test_cv_learns_the_preparation_anew_in_every_fold(nnrun: Nnrun, folder: Path) -> None:
    run = nnrun("cv", tiny.write(folder), *QUICK).run

    numbers = np.array([row[:2] for row in tiny.rows()], dtype=np.float64)
    for number, found in enumerate(folds(run), start=1):
        with np.load(run / f"fold-{number}" / "preparation" / "preparation.npz") as arrays:
            learned = {name.rpartition("/")[2]: arrays[name] for name in arrays.files}
        np.testing.assert_array_equal(learned["mean"], numbers[found["train"]].mean(axis=0))
        np.testing.assert_array_equal(learned["deviation"], numbers[found["train"]].std(axis=0))


@pytest.mark.parametrize("setting", ["fit.epochs=2", "fit.keep=best"])
def test_cv_held_out_rows_never_reach_the_training(setting: str, nnrun: Nnrun, folder: Path) -> None:
    """With other features in the held-out rows, the fold ends with the same weights, bit for bit."""
    first = nnrun("cv", tiny.write(folder), "--folds", "3", "-s", "report.figures=[]", "-s", setting).run
    held_out = folds(first)[0]["test"]
    table = tiny.rows()
    random = np.random.default_rng(0)
    for row in held_out:
        table[row][:3] = [*random.normal(1e4, 1e3, 2), "green"]

    config = tiny.write(folder, table=table)
    second = nnrun("cv", config, "--folds", "3", "-s", "report.figures=[]", "-s", setting).run

    assert folds(second)[0]["test"].tolist() == held_out.tolist()
    one, two = first / "fold-1", second / "fold-1"
    for name in ("loss", "accuracy"):
        assert [row[name] for row in tiny.read_csv(one / "history.csv")] == [
            row[name] for row in tiny.read_csv(two / "history.csv")
        ]
    for before, after in zip(weights(one), weights(two), strict=True):
        np.testing.assert_array_equal(before, after)
    assert tiny.read_json(one / "metrics.json")["test"] != tiny.read_json(two / "metrics.json")["test"]


def test_cv_test_rows_never_reach_any_fold(nnrun: Nnrun, folder: Path) -> None:
    first = nnrun("cv", tiny.write(folder), *QUICK).run
    table = tiny.rows()
    for row in sorted(set(range(60)) - set(pool(first).tolist())):
        table[row][:3] = [1e6, -1e6, "green"]

    second = nnrun("cv", tiny.write(folder, table=table), *QUICK).run

    assert (first / "cv.json").read_bytes() == (second / "cv.json").read_bytes()
    assert (first / "predictions.csv").read_bytes() == (second / "predictions.csv").read_bytes()


def test_cv_seed_moves_the_weights_and_not_the_folds(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    one, two = (nnrun("cv", config, *QUICK, "--seed", seed).run for seed in ("0", "1"))

    for before, after in zip(folds(one), folds(two), strict=True):
        assert {name: rows.tolist() for name, rows in before.items()} == {
            name: rows.tolist() for name, rows in after.items()
        }
    assert tiny.read_json(one / "cv.json")["metric"] != tiny.read_json(two / "cv.json")["metric"]


def test_cv_refuses_a_class_too_small_for_the_folds(nnrun: Nnrun, folder: Path) -> None:
    table = [*tiny.rows()[:58], [100, 30, "red", 90, "d"], [101, 31, "red", 91, "d"]]
    config = tiny.write(folder, tiny.CONFIG.replace("{validation: 0.2, test: 0.2}", "{test: 0}"), table)

    ended = nnrun("cv", config, "--folds", "3", "-s", "cv.strategy=stratified")

    assert ended.code == 3
    assert "class d has 2 rows, fewer than 3 folds" in ended.err
    assert not (folder / "runs").exists() or not list((folder / "runs").glob("tiny*"))


def test_cv_refuses_more_folds_than_rows(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    ended = nnrun("cv", config, "--folds", "100", "-s", "cv.strategy=random")

    assert (ended.code, ended.out) == (3, "")
    assert "100 folds of 48 rows" in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("verb", ["train", "cv"])
def test_cv_group_is_whole_in_every_part(verb: str, nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun(verb, tiny.write(folder), "--smoke", "-s", "report.figures=[]", "-s", "cv.group=family")

    assert ended.code == 0, ended.err
    assert "by group (15 groups), seed 0" in ended.err or verb == "cv"
    parts = [set(FAMILIES[rows]) for name, rows in splits(ended.run).items() if verb == "train" or name != "train"]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 15


def test_cv_draws_what_sums_it_up_and_plot_draws_the_folds_too(nnrun: Nnrun, folder: Path) -> None:
    trained = nnrun("cv", tiny.write(folder), "--smoke", "--folds", "3")
    assert trained.code == 0, trained.err
    assert (trained.run / "report.html").is_file()
    assert not (trained.run / "fold-2" / "report.html").exists()

    plotted = nnrun("plot", str(trained.run))

    assert plotted.code == 0, plotted.err
    assert "and each of its 3 runs inside" in plotted.err
    for number in (1, 2, 3):
        assert (trained.run / f"fold-{number}" / "report.html").is_file()
        assert (trained.run / f"fold-{number}" / "figures" / "curves.png").is_file()
