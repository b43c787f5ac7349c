"""The one callback of ours: it orders the epochs, writes the history, notices the end, and shows progress."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.errors import DivergedError, StoppedError
from nnrun.model import framework
from nnrun.training.epochs import Loop
from nnrun.training.job import Job
from nnrun.training.pipeline import Batches


class Steps:
    """Hears every step of an epoch, and writes each batch's own loss."""

    def __init__(self, job: Job, batches: Batches) -> None:
        self.job, self.batches = job, batches
        self.epoch, self.last_mean = 0, 0.0

    def __call__(self, first: int, means: np.ndarray[Any, Any]) -> None:
        """`means` are running means of the loss by rows; a batch's own loss is the difference of two of them."""
        bad = np.flatnonzero(~np.isfinite(means))
        if len(bad):
            self._diverged(first + int(bad[0]), float(means[bad[0]]))
        seen = self.batches.rows_after(np.arange(first, first + len(means) + 1)).astype(np.float64)
        sums = np.concatenate([[self.last_mean if first else 0.0], means]) * seen
        self.job.recorder.steps(self.epoch + 1, np.diff(sums) / np.diff(seen))
        self.last_mean = float(means[-1])
        self.job.progress.step(first + len(means), self.last_mean)

    def _diverged(self, step: int, loss: float) -> None:
        size, rows = self.batches.batch_size, self.batches.order(self.epoch)
        batch = self.job.split.train[rows[step * size : (step + 1) * size]]
        shown = ", ".join(str(row) for row in batch[:8]) + (", ..." if len(batch) > 8 else "")
        raise DivergedError(
            f"the loss is {loss} in epoch {self.epoch + 1}, batch {step + 1} (rows {shown})",
            expected="a finite loss",
            hint="try a tenth of the learning rate; look for extreme values in these rows (normalize the columns); "
            "give the optimizer `clipnorm: 1`",
        )


def watcher(job: Job, steps: Steps, training: Loop) -> Any:
    """A Keras callback for one fit."""

    class Watcher(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.began = 0.0

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            training.begin(epoch)
            steps.epoch = epoch
            self.began = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            self._stop()

        def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            self._stop()

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            found = dict(logs or {})
            found.pop("learning_rate", None)  # ReduceLROnPlateau adds it; ours is always there
            row = {
                "epoch": float(epoch + 1),
                "seconds": time.perf_counter() - self.began,
                "learning_rate": framework.learning_rate(self.model),
                **{name: float(found[name]) for name in sorted(found, key=_place)},
            }
            job.recorder.epoch(row)
            job.progress.epoch(row)

        def _stop(self) -> None:
            if job.stop.signal_number is not None:
                raise StoppedError(f"stopped in epoch {steps.epoch + 1}", signal_number=job.stop.signal_number)

    return Watcher()


def needs_every_batch(callbacks: list[Any]) -> bool:
    """Whether a callback of the config acts on single batches, so that a call may run one step only."""
    base = framework.keras().callbacks.Callback
    hooks = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    return any(getattr(type(callback), hook) is not getattr(base, hook) for callback in callbacks for hook in hooks)


def _place(name: str) -> tuple[bool, bool]:
    """The training loss first, then its metrics, then the same of the validation part."""
    return name.startswith("val_"), name.removeprefix("val_") != "loss"
