"""The one callback of ours: it orders the batches, writes the history, notices the end, and shows progress."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from nnrun.errors import DivergedError, StoppedError
from nnrun.model import framework
from nnrun.train.pipeline import Batches
from nnrun.train.progress import Progress
from nnrun.train.recorder import Recorder
from nnrun.train.stopping import Stop


def watcher(recorder: Recorder, progress: Progress, stop: Stop, batches: Batches) -> Any:
    """A Keras callback for one fit."""

    class Watcher(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.mean, self.seen, self.current, self.step = 0.0, 0, 0, 0
            self.began = 0.0

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            batches.rewind(epoch)
            self.current, self.mean, self.seen = epoch, 0.0, 0
            self.began = time.perf_counter()

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            mean = float((logs or {}).get("loss", 0.0))
            seen = min((batch + 1) * batches.batch_size, batches.size)
            self.step += 1
            if not math.isfinite(mean):
                rate = framework.learning_rate(self.model)
                raise DivergedError(
                    f"the loss is {mean} in epoch {self.current + 1}, batch {batch + 1}",
                    hint=f"the learning rate is {rate:g}: try a tenth of it; look for extreme values in the data "
                    "(normalize them), and at `clipnorm` of the optimizer",
                )
            # Keras logs the epoch's running mean, weighted by rows; this batch's own loss is its difference.
            own = (mean * seen - self.mean * self.seen) / max(seen - self.seen, 1)
            recorder.step(self.current + 1, own)
            self.mean, self.seen = mean, seen
            progress.step(batch + 1, mean)
            self._stop()

        def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            self._stop()

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            logs = dict(logs or {})
            logs.pop("learning_rate", None)  # ReduceLROnPlateau adds it; ours is always there
            row = {
                "epoch": float(epoch + 1),
                "seconds": time.perf_counter() - self.began,
                "learning_rate": framework.learning_rate(self.model),
                **{name: float(logs[name]) for name in sorted(logs, key=_place)},
            }
            recorder.epoch(row)
            progress.epoch(row)

        def _stop(self) -> None:
            if stop.signal_number is not None:
                raise StoppedError(f"stopped in epoch {self.current + 1}", signal_number=stop.signal_number)

    return Watcher()


def _place(name: str) -> tuple[bool, bool]:
    """The training loss first, then its metrics, then the same of the validation part."""
    return name.startswith("val_"), name.removeprefix("val_") != "loss"
