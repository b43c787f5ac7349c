"""Awkward label sets for folds: refused with counts, or every fold trains on every class and holds it out."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tally import record

from nnrun.config import Config
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError
from nnrun.studies.plan import plan
from nnrun.training.answers import answers
from nnrun.training.matching import raw, target_specs

POINTS = 100


def shuffled(draw: random.Random, values: list[Any]) -> list[Any]:
    return draw.sample(values, len(values))


def of_sizes(draw: random.Random, names: list[Any], least: int, most: int) -> list[Any]:
    return shuffled(draw, [name for name in names for _ in range(draw.randint(least, most))])


KINDS: dict[str, Callable[[random.Random], list[Any]]] = {
    "a class of fewer rows than folds": lambda draw: of_sizes(draw, ["a", "b"], 12, 30) + ["rare"] * draw.randint(1, 6),
    "many small classes": lambda draw: of_sizes(draw, [f"c{number}" for number in range(draw.randint(5, 25))], 1, 9),
    "sorted": lambda draw: sorted(of_sizes(draw, ["a", "b", "c"], 5, 25)),
    "one class alone": lambda draw: ["a"] * draw.randint(8, 30),
    "blanks": lambda draw: of_sizes(draw, ["a", "b", None], 4, 12),
    "numbers that are texts": lambda draw: of_sizes(draw, ["1", "1.0", "01", " 1"], 4, 12),
    "numbers and texts": lambda draw: of_sizes(draw, [1, "one", 2.0, True], 4, 12),
    "signs": lambda draw: of_sizes(draw, ["é", "e\u0301", "中", "=1+1", "a\nb", "'"], 4, 12),
    "numbers with holes": lambda draw: of_sizes(draw, [-7, 0, 3, 10**12], 4, 12),
    "hardly any rows": lambda draw: of_sizes(draw, ["a", "b"], 1, 4),
    "a class for each row": lambda draw: [f"row {number}" for number in range(draw.randint(6, 30))],
    "huge and rare": lambda draw: of_sizes(draw, ["usual"], 400, 600) + of_sizes(draw, ["rare"], 3, 12),
}


def config(draw: random.Random) -> Config:
    """Some folds, with or without a test part that is set aside, and an inner part that chooses."""
    split = draw.choice(["{test: 0.2}", "{test: 5}", "{validation: 0.1}", "{validation: 0.2, test: 0.1}"])
    keep = draw.choice(["best", "last"])
    text = f"""
data: {{source: {{csv: x.csv}}, target: y, split: {split}}}
task: multiclass
model: {{layers: [{{Dense: 2}}]}}
fit: {{keep: {keep}}}
cv: {{folds: {draw.randint(2, 10)}, seed: {draw.randint(0, 9)}, strategy: {draw.choice(["auto", "stratified"])}}}
"""
    found, problems = read(load_text(text.encode(), "config.yaml"), folder=Path(), written=b"")
    assert found is not None
    assert problems == []
    return found


def outcome(written: Config, labels: list[Any]) -> str:
    """Refused with counts, or folded with every class in every fold."""
    columns = pd.DataFrame({"x": np.arange(len(labels)), "y": pd.Series(labels, dtype=object)})
    dataset = Dataset(len(labels), columns, lines=np.arange(2, 2 + len(labels)))
    try:
        planned = plan(written, dataset)
        told = [answers(written, dataset, parts.train, ["table"])["y"].target for parts in planned.splits]
        numbers = raw(dataset, target_specs(written, dataset)[0])
        encoded = [target.apply(numbers, dataset.lines) for target in told]
    except DataError as error:
        return "refused" if any(sign.isdigit() for sign in str(error)) else f"refused without counts: {error}"
    for parts, classes in zip(planned.splits, encoded, strict=True):
        whole = set(classes[planned.folded].tolist())
        assert set(classes[parts.train].tolist()) == whole
        assert set(classes[parts.test].tolist()) == whole
    return "folded"


def test_awkward_labels_are_refused_with_counts_or_in_every_fold() -> None:
    draw = random.Random(14)
    found = []
    for number in range(POINTS):
        kind = list(KINDS)[number % len(KINDS)]
        labels, written = KINDS[kind](draw), config(draw)
        try:
            found.append(outcome(written, labels))
            assert found[-1] in ("refused", "folded")
        except Exception as error:  # whatever it is, the set that brought it to light is told with it
            error.add_note(f"point {number}, {kind}: {labels!r}, cv {written.cv}, split {written.data.split}")
            raise
    assert min(found.count("refused"), found.count("folded")) >= POINTS // 5
    record("R14", points=POINTS, passed=len(found))


@pytest.mark.parametrize("rare", [1, 2, 3])
def test_awkward_labels_a_rare_class_is_told_with_its_rows(rare: int) -> None:
    """Five folds of all rows."""
    labels = ["a"] * 60 + ["rare"] * rare
    text = b"data: {source: {csv: x.csv}, target: y, split: {}}\nmodel: {layers: [{Dense: 2}]}\n"
    written, _ = read(load_text(text, "config.yaml"), folder=Path(), written=b"")
    assert written is not None
    rows = f"{rare} row{'' if rare == 1 else 's'}"
    with pytest.raises(DataError, match=f"class rare has {rows}, fewer than 5 folds"):
        plan(written, Dataset(len(labels), pd.DataFrame({"y": labels, "x": labels})))
