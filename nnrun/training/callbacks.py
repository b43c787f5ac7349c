"""The one callback of ours: it orders the epochs, writes the history, notices the end, and shows progress."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.errors import StoppedError
from nnrun.model import framework
from nnrun.training.epochs import Loop
from nnrun.training.job import Job
from nnrun.training.numbers import numbers
from nnrun.training.steps import Steps


def watcher(job: Job, steps: Steps, training: Loop, *, validates: bool) -> Any:
    """A Keras callback for one fit; `validates` says that validation columns belong into the history."""

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
            found = numbers(logs or {})
            found.pop("learning_rate", None)  # ReduceLROnPlateau adds it; ours is always there
            row = {
                "epoch": float(epoch + 1),
                "seconds": time.perf_counter() - self.began,
                "learning_rate": framework.learning_rate(self.model),
                **{name: found[name] for name in sorted(found, key=_place)},
            }
            own = [name for name in row if not name.startswith("val_")]
            logged = own[own.index("learning_rate") + 1 :]
            job.recorder.epoch(row, [*own, *(f"val_{name}" for name in logged)] if validates else own)
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


def kept_epoch(callbacks: Sequence[Any]) -> int | None:
    """The epoch, counted from 1, whose weights EarlyStopping has restored; None where the last ones are kept."""
    kind = framework.keras().callbacks.EarlyStopping
    restored = [c for c in callbacks if isinstance(c, kind) and c.restore_best_weights and c.best_weights is not None]
    return int(restored[-1].best_epoch) + 1 if restored else None


def _place(name: str) -> tuple[bool, bool]:
    """The training loss first, then its metrics, then the same of the validation part."""
    return name.startswith("val_"), name.removeprefix("val_") != "loss"
