"""predictions.csv: a row for each held-out row, in the words of the data; whole arrays go to predictions.npz."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.training.answers import Answer
from nnrun.training.job import Part
from nnrun.training.recorder import Recorder
from nnrun.training.score import probabilities

Array = np.ndarray[Any, Any]


def write_predictions(
    recorder: Recorder,
    answers: Mapping[str, Answer],
    parts: Sequence[Part],
    losses: Sequence[str] = (),
    *,
    exact: bool = False,
) -> None:
    """Writes the predictions of all parts, a row a held-out row and output; `exact` adds them all as arrays.

    Outputs without a target are arrays too; the losses of the graph are no predictions.
    """
    several = len(answers) > 1
    table: list[list[Any]] = []
    arrays: dict[str, Array] = {}
    classes = _classes(answers)
    for part in parts:
        others = [name for name in part.outputs if name not in answers and (exact or name not in losses)]
        arrays.update({f"{part.name}/{part.fold or 0}/{name}": part.outputs[name] for name in others})
        for name, answer in answers.items():
            output = part.outputs[name]
            shares = probabilities(answer, output)
            is_array = shares is None and output.reshape(len(part.rows), -1).shape[1] != 1
            if is_array or exact:
                arrays[f"{part.name}/{part.fold or 0}/{name}"] = output
            if is_array:
                continue
            cells = _cells(answer, part.truths[name], output, shares, classes)
            where = [part.name, part.fold or ""]
            table += [
                [*([name] if several else []), int(row), *where, *told]
                for row, told in zip(part.rows, cells, strict=True)
            ]
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
    truths = answer.class_numbers(truth)
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
