"""A fold that is complete gives the same outcome from its folder as it gave when it was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.data.dataset import Dataset
from nnrun.data.split import Split
from nnrun.errors import RunError
from nnrun.training.finished import read_outcome
from nnrun.training.job import Job, Outcome
from nnrun.training.network import Networks
from nnrun.training.progress import Progress
from nnrun.training.recorder import Recorder
from nnrun.training.stopping import Stop
from nnrun.training.trainer import train

CONFIG = """\
data: {source: {npz: points.npz}, target: [height, kind]}
model: {layers: [{Dense: {units: 3, kernel_regularizer: {L2: 0.1}}}], outputs: {height: {Dense: 1}, kind: {Dense: 1}}}
fit: {epochs: 1}
report: {figures: []}
"""


@pytest.fixture
def job(folder: Path) -> Job:
    """The second fold of a study of two targets."""
    numbers = np.random.default_rng(0)
    place = numbers.normal(size=(12, 2)).astype(np.float32)
    height, kind = numbers.normal(size=(2, 12)).astype(np.float32)
    np.savez(folder / "points.npz", place=place, height=height, kind=kind)
    (folder / "points.yaml").write_text(CONFIG)
    from nnrun import experiment

    config = load_config(folder / "points.yaml")
    dataset: Dataset = experiment.read_data(config, experiment.Options())
    rows = np.random.default_rng(1).permutation(12)
    recorder = Recorder.new(folder / "runs", "fold-2", {}, [], {})
    split = Split(rows[:7], rows[7:9], rows[9:])
    return Job(config, dataset, split, recorder, Progress(), Stop(), Networks(), fold=2)


def _same(one: Outcome, other: Outcome) -> None:
    assert (one.metrics, one.floors, one.penalties) == (other.metrics, other.floors, other.penalties)
    assert one.last is not None
    assert other.last is not None
    assert (one.last.name, one.last.fold) == (other.last.name, other.last.fold) == ("test", 2)
    np.testing.assert_array_equal(one.last.rows, other.last.rows)
    for mine, theirs in ((one.last.truths, other.last.truths), (one.last.outputs, other.last.outputs)):
        assert list(mine) == list(theirs) == ["height", "kind"]
        for name in mine:
            assert (mine[name].dtype, mine[name].tobytes()) == (theirs[name].dtype, theirs[name].tobytes())


def test_training_finished_reads_what_the_training_gave(job: Job) -> None:
    trained = train(job)
    _same(read_outcome(job, job.recorder.path), trained)
    assert trained.penalties["test"] > 0


@pytest.mark.parametrize(
    ("name", "content"), [("predictions.npz", None), ("predictions.npz", b"torn"), ("metrics.json", b"{}")]
)
def test_training_finished_tells_a_folder_that_is_not_whole(name: str, content: bytes | None, job: Job) -> None:
    path = job.recorder.path
    train(job)
    (path / name).unlink()
    if content is not None:
        (path / name).write_bytes(content)
    with pytest.raises(RunError) as caught:
        read_outcome(job, path)
    told = str(caught.value)
    assert told.startswith("runs/fold-2 is complete, and its metrics.json or predictions.npz cannot be read: ")
    assert told.endswith("\n    remove the folder runs/fold-2, and it is trained again")
