"""predictions.csv: a row for each held-out row, in the words of the data; whole arrays go to predictions.npz."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nnrun.training.answers import Answer
from nnrun.training.job import Part
from nnrun.training.readings import class_names, read, truths
from nnrun.training.recorder import Recorder

Array = np.ndarray[Any, Any]
SAID = ".said"  # behind the name of an output in predictions.npz: the numbers of the tokens that were read
MASK = ".mask"  # behind the name of an output in predictions.npz: which of its steps count
BLOCK = 2**16  # rows that are text at once


def write_predictions(
    recorder: Recorder,
    answers: Mapping[str, Answer],
    parts: Sequence[Part],
    losses: Sequence[str] = (),
    *,
    exact: bool = False,
) -> None:
    """Writes the predictions of all parts, a row a held-out row and output; `exact` adds them all as arrays.

    Outputs without a target are arrays too; the losses of the graph are no predictions. Of an output that is read as a
    sequence the texts are written, and with `exact` the numbers of its tokens.
    """
    several = len(answers) > 1
    told: list[tuple[Part, str]] = []  # what fits into cells
    arrays: dict[str, Array] = {}
    read_whole = {name for part in parts for name in part.said}
    classes = class_names({name: answer for name, answer in answers.items() if name not in read_whole})
    for part in parts:
        others = [name for name in part.outputs if name not in answers and (exact or name not in losses)]
        arrays.update({f"{part.name}/{part.fold or 0}/{name}": part.outputs[name] for name in others})
        for name, answer in answers.items():
            is_array = name not in part.said and read(answer, part.outputs[name][:1]).is_array
            if name in part.said and exact:
                arrays[f"{part.name}/{part.fold or 0}/{name}{SAID}"] = part.said[name].numbers
            if is_array or exact:
                arrays[f"{part.name}/{part.fold or 0}/{name}"] = part.outputs[name]
            if name in part.masks:
                arrays[f"{part.name}/{part.fold or 0}/{name}{MASK}"] = part.masks[name]
            told += [] if is_array else [(part, name)]
    columns = [
        *(["output"] if several else []),
        "row",
        "part",
        "fold",
        "target",
        "prediction",
        *(f"p_{c}" for c in classes),
    ]
    if told:
        blocks = (block for part, name in told for block in _blocks(answers[name], part, name, classes, several))
        recorder.table("predictions.csv", columns, blocks)
    if arrays:
        recorder.arrays("predictions.npz", arrays)


def _blocks(
    answer: Answer, part: Part, name: str, classes: Sequence[str], several: bool
) -> Iterator[Iterator[list[Any]]]:
    """The rows of an output, some at a time: as text they would take many times what they do as numbers."""
    where = [part.name, part.fold or ""]
    before = [name] if several else []
    if name in part.said:
        said, blank = part.said[name], [""] * len(classes)
        told = zip(part.rows, said.truths, said.texts, strict=True)
        yield ([*before, int(row), *where, truth, text, *blank] for row, truth, text in told)
        return
    for first in range(0, len(part.rows), BLOCK):
        piece = slice(first, first + BLOCK)
        reading = read(answer, part.outputs[name][piece], part.thresholds.get(name))
        cells = zip(part.rows[piece], truths(answer, part.truths[name][piece]), reading.cells(classes), strict=True)
        yield ([*before, int(row), *where, truth, *others] for row, truth, others in cells)
