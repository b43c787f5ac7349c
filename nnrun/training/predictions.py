"""predictions.csv: a row for each held-out row, in the words of the data; whole arrays go to predictions.npz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.training.answers import Answer
from nnrun.training.recorder import Recorder
from nnrun.training.score import probabilities

Array = np.ndarray[Any, Any]
Part = tuple[str, Array, Mapping[str, Array], Mapping[str, Array]]  # part, rows, truths, outputs


def write_predictions(
    recorder: Recorder,
    answers: Mapping[str, Answer],
    parts: Sequence[Part],
    fold: int | None,
    folds: Sequence[int] | None = None,
) -> None:
    """Writes the predictions of all parts; `folds` gives each part's own fold where they are joined."""
    several = len(answers) > 1
    table: list[list[Any]] = []
    arrays: dict[str, Array] = {}
    classes = _classes(answers)
    for index, (part, rows, truths, outputs) in enumerate(parts):
        number = folds[index] if folds is not None else fold
        for name, answer in answers.items():
            shares = probabilities(answer, outputs[name])
            if shares is None and outputs[name].reshape(len(rows), -1).shape[1] != 1:
                arrays[f"{part}/{number or 0}/{name}"] = outputs[name]
                continue
            for row, cells in zip(rows, _cells(answer, truths[name], outputs[name], shares, classes), strict=True):
                table.append([*([name] if several else []), int(row), part, number or "", *cells])
    columns = [
        *(["output"] if several else []),
        "row",
        "part",
        "fold",
        "target",
        "prediction",
        *(f"p_{c}" for c in classes),
    ]
    if table:
        recorder.table("predictions.csv", columns, table)
    if arrays:
        recorder.arrays("predictions.npz", arrays)


def _classes(answers: Mapping[str, Answer]) -> list[str]:
    found: dict[str, None] = {}
    for answer in answers.values():
        found.update(dict.fromkeys(str(name) for name in answer.target.classes or ()))
    return list(found)


def _cells(
    answer: Answer, truth: Array, output: Array, shares: Array | None, classes: Sequence[str]
) -> list[list[Any]]:
    if shares is None:
        return [
            [_number(t), _number(o), *[""] * len(classes)]
            for t, o in zip(truth.reshape(-1), output.reshape(-1), strict=True)
        ]
    own = [str(name) for name in answer.target.classes or ()]
    truths = truth.argmax(axis=-1) if answer.spec.one_hot else truth.astype(int).reshape(-1)
    chosen = (shares[:, 1] > 0.5).astype(int) if output.shape[-1] == 1 else shares.argmax(axis=-1)
    places = [own.index(name) if name in own else None for name in classes]
    return [
        [
            _name(own, t),
            _name(own, c),
            *("" if place is None else float(f"{row[place]:.6g}") for place in places),
        ]
        for t, c, row in zip(truths, chosen, shares, strict=True)
    ]


def _number(value: Any) -> float:
    """A float32 as a person would write it: 40.8, not 40.79999923706055."""
    return float(f"{float(value):.7g}")


def _name(classes: Sequence[str], number: int) -> str:
    return classes[number] if number < len(classes) else str(number)
