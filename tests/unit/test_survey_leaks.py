"""`nnrun check --leaks`: silent for what is fitted on training rows alone, and loud for anything that is not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commandline import CONFIGS, Nnrun, begun

from nnrun import experiment
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.preparations import min_max, normalize, one_hot
from nnrun.data.rows import ArrayRows
from nnrun.data.windows import Windows
from nnrun.survey.changed import changed
from nnrun.survey.leaks import Proof, prove

CONFIG = """\
data:
  source: {csv: houses.csv}
  target: TARGET
  features: [FEATURES]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: 4}]
cv: {folds: 3}
"""
FEATURES = "{min_max: area}, {normalize: rooms}, {one_hot: city}, {discretize: {columns: age, num_bins: 3}}"
ROWS = 60


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    draw = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "area": draw.normal(100, 20, ROWS).round(1),
            "rooms": np.where(draw.random(ROWS) < 0.2, np.nan, draw.integers(1, 7, ROWS)),
            "city": draw.choice(["Bern", "Basel", "Genf"], ROWS),
            "age": draw.integers(0, 90, ROWS),
            "sold": draw.choice(["yes", "no"], ROWS),
        }
    )
    table.to_csv(tmp_path / "houses.csv", index=False)
    return tmp_path


def proof(folder: Path, features: str = FEATURES, target: str = "sold", more: str = "") -> Proof:
    path = folder / "houses.yaml"
    path.write_text(CONFIG.replace("FEATURES", features).replace("TARGET", target) + more, encoding="utf-8")
    config = experiment.load(path)
    return prove(config, experiment.read_data(config, experiment.Options()))


def told(proof: Proof) -> list[str]:
    return [problem.what.partition(" changes when")[0] for problem in proof.problems]


@pytest.mark.parametrize(
    ("target", "more"),
    [("sold", "fit: {class_weight: balanced}\n"), ("age", ""), ("sold", "runtime: {stream: true}\n")],
)
def test_leaks_of_an_honest_config_there_are_none(houses: Path, target: str, more: str) -> None:
    """The split and three folds, each with two or three fifths of the rows changed."""
    features = FEATURES if target == "sold" else FEATURES.partition(", {discretize")[0]
    found = proof(houses, features, target, more)
    assert told(found) == []
    assert (found.partings, found.rows, found.unseen) == (4, 24 + 3 * 28, True)
    assert found.compared > 4 * 10


def leaking(monkeypatch: pytest.MonkeyPatch, module: Any, key: str) -> None:
    """Fits a preparation on all rows of the table that stands in `seen`, whatever rows it is handed."""
    honest, applied = module.fit, Preparation.fit
    seen: dict[str, Dataset] = {}

    def remember(dataset: Dataset, *given: Any, **settings: Any) -> Preparation:
        seen["data"] = dataset
        return applied(dataset, *given, **settings)

    def fit(values: Any, **settings: Any) -> Mapping[str, Any]:
        table = seen["data"].columns
        assert table is not None
        whole = table[[key]].to_numpy(dtype=values.dtype)
        state: Mapping[str, Any] = honest(whole if values.shape[1] == 1 else values, **settings)
        return state

    monkeypatch.setattr(Preparation, "fit", staticmethod(remember))
    monkeypatch.setattr(module, "fit", fit)


@pytest.mark.parametrize(
    ("module", "column", "expected"),
    [
        (min_max, "area", "input table: min_max of area: "),
        (normalize, "area", "input table: normalize of area: "),
        (one_hot, "city", "input table: one_hot of city: "),
    ],
    ids=["min_max", "normalize", "one_hot"],
)
def test_leaks_a_preparation_that_saw_all_rows_is_named(
    houses: Path, monkeypatch: pytest.MonkeyPatch, module: Any, column: str, expected: str
) -> None:
    """By input, preparation, column and what was fitted; and again for each fold."""
    leaking(monkeypatch, module, column)
    name = module.__name__.rpartition(".")[2]
    found = told(proof(houses, f"{{{name}: {column}}}"))
    assert found
    assert [line for line in found if line.startswith(expected)] != []
    assert [line for line in found if line.endswith(" (fold 3)") and line.startswith(expected)] != []


def test_leaks_an_apply_that_looks_at_other_rows_is_named(houses: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing fitted differs, and the training rows come out differently: values less the mean of all rows."""
    monkeypatch.setattr(normalize, "apply", lambda values, _: values - values.mean(axis=0))
    assert told(proof(houses, "{normalize: area}"))[0] == "the prepared training rows of the input table"


def test_leaks_the_command_ends_with_2_and_names_what_leaks(
    houses: Path, nnrun: Nnrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof(houses, "{normalize: area}")
    honest = nnrun("check", "--leaks", houses / "houses.yaml")
    assert (honest.code, honest.err) == (0, "")
    assert honest.out.startswith("no leaks: ")

    leaking(monkeypatch, normalize, "area")
    ended = nnrun("check", "--leaks", houses / "houses.yaml")
    assert ended.code == 2
    assert "input table: normalize of area: mean changes when rows that are not trained on are changed" in ended.err
    problems = nnrun("check", "--leaks", houses / "houses.yaml", "--json").json["problems"]
    assert {problem["expected"] for problem in problems} == {"what is fitted comes from the training rows alone"}


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_leaks_the_cookbook_has_none(config: Path, nnrun: Nnrun) -> None:
    begun(nnrun, config)
    read = experiment.load(config)
    assert told(prove(read, experiment.read_data(read, experiment.Options()))) == []


def test_changed_training_rows_stay_and_all_others_are_new() -> None:
    table = pd.DataFrame({
        "number": np.arange(1.5, 41.5), "whole": np.arange(1, 41), "text": [f"word {row % 5}" for row in range(40)],
        "answer": ["yes", "no"] * 20,
    })  # fmt: skip
    pictures = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 1), dtype=np.uint8)
    arrays = {"picture": pictures, "streamed": ArrayRows(pictures.astype(np.float32))}
    dataset = Dataset(40, columns=table, arrays=arrays)
    train = np.arange(0, 40, 2)
    other = changed(dataset, train, {"answer"}, 0)

    assert other.columns is not None
    pd.testing.assert_frame_equal(other.columns.iloc[train], table.iloc[train])
    assert list(other.columns.dtypes) == list(table.dtypes)
    held = other.columns.iloc[1::2]
    assert set(held["text"]) & set(table["text"]) == set()
    assert set(held["answer"]) == {"yes"}  # the training rows have no other
    assert held["number"].max() > table["number"].max()
    assert (held["whole"] != table["whole"].iloc[1::2]).mean() > 0.9
    for name in arrays:
        before, after = dataset.arrays[name][np.arange(40)], other.arrays[name][np.arange(40)]
        assert np.array_equal(before[train], after[train])
        assert (before[1::2] != after[1::2]).any(axis=(1, 2, 3)).all()
        assert np.array_equal(after, other.arrays[name][np.arange(40)])


def test_changed_values_of_training_rows_where_nothing_unseen_is_wanted() -> None:
    table = pd.DataFrame({"text": [f"word {row}" for row in range(10)]})
    other = changed(Dataset(10, columns=table), np.arange(5), set(), 0, unseen=False)
    assert other.columns is not None
    assert set(other.columns["text"].iloc[5:]) <= set(table["text"].iloc[:5])


def test_leaks_of_windows_there_are_none_and_a_seen_future_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of the table that stand in no training window are changed, and no others."""
    levels = np.cumsum(np.random.default_rng(0).normal(size=80)).round(3)
    (tmp_path / "series.csv").write_text("\n".join(["level", *map(str, levels)]) + "\n")
    path = tmp_path / "series.yaml"
    path.write_text(
        "data:\n  source: {csv: series.csv}\n  target: level\n  windows: {length: 4, horizon: 1}\n"
        "  features: {normalize: level}\n  split: {strategy: time, validation: 0.2, test: 0.2}\n"
        "model: {layers: [Flatten]}\n"
    )
    config = experiment.load(path)
    dataset = experiment.read_data(config, experiment.Options())
    assert told(prove(config, dataset)) == []
    leaking(monkeypatch, normalize, "level")
    assert any("normalize of level" in line for line in told(prove(config, dataset)))


def test_leaks_of_windows_that_answer_what_is_trained_on_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of three series by time: where folds were drawn by the number of windows alone, they would share targets."""
    draw = np.random.default_rng(0)
    table = pd.DataFrame({"series": np.repeat(["a", "b", "c"], 40), "t": np.tile(np.arange(40), 3)})
    table.assign(level=draw.normal(size=120)).to_csv(tmp_path / "series.csv", index=False)
    path = tmp_path / "series.yaml"
    path.write_text(
        "data:\n  source: {csv: series.csv}\n  target: level\n  windows: {length: 2, horizon: 6, group: series}\n"
        "  features: {normalize: level}\n  split: {strategy: time, column: t, test: 0.2}\n"
        "model: {layers: [Flatten]}\ncv: {folds: 2}\n"
    )
    config = experiment.load(path, cross_validation=True)
    dataset = experiment.read_data(config, experiment.Options())
    assert told(prove(config, dataset)) == []
    monkeypatch.setattr(Windows, "apart", lambda _, train, held_out: train)
    assert any("(fold 1)" in line for line in told(prove(config, dataset)))
