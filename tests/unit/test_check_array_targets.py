"""What the headers of an array that is a target tell the check."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun.check import examine_file
from nnrun.data.files import Roots

CONFIG = (
    "data: {{source: {{npz: a.npz}}, split: {{test: 2}}}}\n{task}model: {{layers: [{{Dense: 4}}]{outputs}}}\n{compiled}"
)


def examined(folder: Path, target: np.ndarray, task: str = "", outputs: str = "", compiled: str = "") -> object:
    np.savez(folder / "a.npz", x=np.zeros((8, 5), np.float32), y=target)
    path = folder / "a.yaml"
    path.write_text(CONFIG.format(task=task, outputs=outputs, compiled=compiled))
    return examine_file(path, [], Roots(folder, ()))


def test_multilabel_head_is_as_wide_as_the_target(tmp_path: Path) -> None:
    found = examined(tmp_path, np.zeros((8, 3), np.int64), task="task: multilabel\n")
    assert [row.shape for row in found.rows] == [(4,), (3,)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("shape", "refused"), [((8, 3), False), ((8,), True), ((8, 1), True)])
def test_categorical_loss_reads_a_target_that_is_one_hot_already(
    shape: tuple[int, ...], refused: bool, tmp_path: Path
) -> None:
    outputs, loss = ", outputs: {Dense: {units: 3, activation: softmax}}", "compile: {loss: categorical_crossentropy}\n"
    found = examined(tmp_path, np.zeros(shape, np.int64), outputs=outputs, compiled=loss)
    told = [problem.what for problem in found.problems]  # type: ignore[attr-defined]
    assert told == (["the loss CategoricalCrossentropy wants a one-hot target"] if refused else [])
