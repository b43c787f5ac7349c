"""Every step of an epoch, heard from the loop: each batch's own loss, and the batch at which the loss is lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnrun.data.dataset import row_names
from nnrun.errors import DivergedError
from nnrun.training.epochs import Feed
from nnrun.training.job import Job
from nnrun.training.pipeline import rows_after


class Steps:
    """Hears every step of an epoch, and writes each batch's own loss; `last_mean` is the loss of the epoch so far."""

    def __init__(self, job: Job, feed: Feed) -> None:
        self.job, self.feed = job, feed
        self.epoch, self.last_mean = 0, 0.0

    def __call__(self, first: int, means: np.ndarray[Any, Any]) -> None:
        """`means` are running means of the loss by rows; a batch's own loss is the difference of two of them."""
        if not len(means):
            return
        bad = np.flatnonzero(~np.isfinite(means))
        if len(bad):
            self._diverged(first + int(bad[0]), float(means[bad[0]]))
        steps = np.arange(first, first + len(means) + 1)
        seen = rows_after(steps, self.feed.batch_size, self.feed.size).astype(np.float64)
        sums = np.concatenate([[self.last_mean if first else 0.0], means]) * seen
        self.job.recorder.steps(self.epoch + 1, np.diff(sums) / np.diff(seen))
        self.last_mean = float(means[-1])
        self.job.progress.step(first + len(means), self.last_mean)

    def _diverged(self, step: int, loss: float) -> None:
        size, positions = self.feed.batch_size, self.feed.order(self.epoch)
        batch = self.job.rows[positions[step * size : (step + 1) * size]]
        shown = row_names(batch, self.job.dataset.row_lines)
        raise DivergedError(
            f"the loss is {loss} in epoch {self.epoch + 1}, batch {step + 1} ({shown})",
            expected="a finite loss",
            hint="try a tenth of the learning rate; look for extreme values in these rows (normalize the columns); "
            "give the optimizer `clipnorm: 1`",
        )
