"""What one training is asked to do, and what it leaves behind for the study that asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.split import Split
from nnrun.devices.plan import Plan
from nnrun.training.answers import Answer
from nnrun.training.pipeline import steps_of_epoch
from nnrun.training.progress import Progress
from nnrun.training.recorder import Recorder
from nnrun.training.stopping import Stop

if TYPE_CHECKING:
    from nnrun.training.network import Networks
    from nnrun.training.sequences import Said

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Job:
    """One training of one config on one split, into one run folder.

    `networks` is shared by the trainings of a study. `watch` are rows whose loss is recorded each epoch but by which
    nothing chooses (the held-out fold). `weights_from` is a run whose weights this one begins with. `sampled` are the
    training rows as an epoch takes them, where it takes some several times or not at all. `plan` says what computes.
    Of several fits in a row this is the `phase`-th, counted from 0, which began after `began` epochs.
    """

    config: Config
    dataset: Dataset
    split: Split
    recorder: Recorder
    progress: Progress
    stop: Stop
    networks: Networks
    watch: Array | None = None
    fold: int | None = None
    weights_from: Path | None = None
    sampled: Array | None = None
    plan: Plan = field(default_factory=Plan)
    phase: int = 0
    phase_name: str = ""
    began: int = 0

    @property
    def label(self) -> str:
        """What is told of while it trains."""
        name = self.recorder.path.name
        return f"{name}, {self.phase_name}" if self.phase_name else name

    @property
    def rows(self) -> Array:
        """The rows that an epoch goes through."""
        return self.split.train if self.sampled is None else self.sampled

    @property
    def steps_per_epoch(self) -> int:
        """How many batches an epoch has."""
        section = self.config.fit
        most = section.others.get("steps_per_epoch")
        return steps_of_epoch(len(self.rows), section.batch_size, most, whole=self.whole)

    @property
    def whole(self) -> bool:
        """Whether an epoch has whole batches only."""
        return self.plan.remainder == "drop"


@dataclass(frozen=True)
class Part:
    """Held-out rows with what is true and what the model answered, by output; `fold` is None outside of folds.

    `thresholds` are those of outputs that are not read at one half, `masks` say which steps of an output count. `said`
    are whole answers of outputs that are read as sequences.
    """

    name: str
    fold: int | None
    rows: Array
    truths: Mapping[str, Array]
    outputs: Mapping[str, Array]
    thresholds: Mapping[str, float] = field(default_factory=dict)
    masks: Mapping[str, Array] = field(default_factory=dict)
    said: Mapping[str, Said] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The scores of every part beside the trivial ones, and the part that was scored last.

    `penalties` are the regularization losses of the finished model by part, which the losses of `metrics` hold.
    """

    answers: Mapping[str, Answer]
    metrics: Mapping[str, Mapping[str, float]]
    floors: Mapping[str, Mapping[str, Mapping[str, float]]]
    penalties: Mapping[str, float]
    last: Part | None
    facts: Mapping[str, Any]
    graph_losses: tuple[str, ...] = ()
