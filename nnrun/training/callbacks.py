"""The one callback of ours: it orders the epochs, writes history and snapshots, notices the end, and shows progress."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.errors import DivergedError
from nnrun.model import framework
from nnrun.training import variables
from nnrun.training.epochs import Loop
from nnrun.training.job import Job
from nnrun.training.numbers import numbers
from nnrun.training.snapshots import Snapshots
from nnrun.training.state import State, finite
from nnrun.training.steps import Steps


def watcher(
    job: Job,
    steps: Steps,
    training: Loop,
    validation: Loop | None,
    snapshots: Snapshots,
    *,
    begin: State | None,
    last: int,
    late: Sequence[str] = (),
) -> Any:
    """A Keras callback for one fit, the last of its list; `begin` is the state to go on from, `last` the last epoch.

    `late` are the names of what is measured of the validation part alone.
    """

    class Watcher(framework.keras().callbacks.Callback):  # type: ignore[misc]  # Keras has no types
        def __init__(self) -> None:
            super().__init__()
            self.began = 0.0

        def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            self.began = time.perf_counter()
            if begin is not None:  # the callbacks before this one have reset themselves
                begin.restore(self.model, snapshots.callbacks)
                steps.last_mean = begin.recorded["last_mean"]

        def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            goes_on = begin is not None and begin.epoch == epoch and begin.step > 0
            training.begin(epoch, begin.step if begin is not None and goes_on else 0)
            if begin is not None and goes_on:
                variables.set_values(self.model, begin.variables, metrics_only=True)
            steps.epoch = epoch

        def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            steps(training.first, training.means)
            job.stop.defer()  # from here on there is something to lose
            stops = job.stop.asked  # once: a signal that comes during a snapshot is heard at the next call
            if stops or snapshots.due:
                self._snapshot(steps.epoch, training.step)
            if stops:
                raise job.stop.error(f"stopped in epoch {steps.epoch + 1}")

        def on_test_begin(self, logs: Mapping[str, Any] | None = None) -> None:
            if validation is not None:
                validation.begin(0)

        def on_test_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
            if job.stop.asked and not _swapped(snapshots.callbacks):
                metrics = variables.named_metrics(self.model, training.program.metrics)  # not the evaluation's own
                self._snapshot(steps.epoch, training.step, metrics)
                raise job.stop.error(f"stopped in epoch {steps.epoch + 1}")

        def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
            found = numbers(logs or {})
            found.pop("learning_rate", None)  # ReduceLROnPlateau adds it; ours is always there
            began, self.began = self.began, time.perf_counter()  # nothing between two epochs is left out
            row = {
                "epoch": float(epoch + 1),
                "seconds": self.began - began,
                "learning_rate": framework.learning_rate(self.model),
                **{name: found[name] for name in sorted(found, key=_place)},
            }
            own = [name for name in row if not name.startswith("val_")]
            logged = own[own.index("learning_rate") + 1 :]
            validates = validation is not None
            columns = [*own, *(f"val_{name}" for name in logged), *late] if validates else own
            job.recorder.epoch(row, columns)
            job.progress.epoch(row)
            ends = epoch + 1 == last or self.model.stop_training
            if (ends or not _all_finite(row)) and not self._is_finite():
                raise DivergedError(
                    f"weights are not finite any more after epoch {epoch + 1}",
                    expected="finite weights",
                    hint="try a tenth of the learning rate; give the optimizer `clipnorm: 1`",
                )
            stops = job.stop.asked
            if ends or stops or snapshots.due:
                self._snapshot(epoch + 1, 0, variables.blank_metrics(self.model))
            if stops:
                raise job.stop.error(f"stopped after epoch {epoch + 1}")

        def _is_finite(self) -> bool:
            return finite(variables.without_metrics(self.model, variables.values(self.model)))

        def _snapshot(self, epoch: int, step: int, metrics: Any = None) -> None:
            phase = {"phase": job.phase, "began": job.began}
            snapshots.take(epoch, step, {**job.recorder.recorded(), "last_mean": steps.last_mean, **phase}, metrics)

    return Watcher()


def needs_every_batch(callbacks: Sequence[Any]) -> bool:
    """Whether a callback acts on single batches, so that a call may run one step only."""
    base = framework.keras().callbacks.Callback
    hooks = ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    acting = [callback for callback in callbacks if not _waits_for_epochs(callback)]
    # LambdaCallback has its hooks in the object, not in the class.
    return any(
        getattr(getattr(callback, hook), "__func__", None) is not getattr(base, hook)
        for callback in acting
        for hook in hooks
    )


def _waits_for_epochs(callback: Any) -> bool:
    """Some of Keras' own have hooks for batches in which, as they are set up, they do nothing."""
    kinds = framework.keras().callbacks
    if type(callback) in (kinds.ModelCheckpoint, kinds.BackupAndRestore):
        return bool(callback.save_freq == "epoch")
    if type(callback) is kinds.TensorBoard:
        return callback.update_freq == "epoch" and not callback._should_trace
    return False


def kept_epoch(callbacks: Sequence[Any]) -> int | None:
    """The epoch, counted from 1, whose weights EarlyStopping has restored; None where the last ones are kept."""
    best = best_of(callbacks)
    return None if best is None else int(best.best_epoch) + 1


def best_of(callbacks: Sequence[Any]) -> Any:
    """The EarlyStopping that holds the best weights; None where none does."""
    kind = framework.keras().callbacks.EarlyStopping
    holding = [c for c in callbacks if isinstance(c, kind) and c.restore_best_weights and c.best_weights is not None]
    return holding[-1] if holding else None


def _swapped(callbacks: Sequence[Any]) -> bool:
    """Whether averages stand in the place of the weights, as SwapEMAWeights has it while it evaluates."""
    return any(getattr(callback, "_ema_weights_in_model", False) for callback in callbacks)


def _all_finite(row: Mapping[str, float]) -> bool:
    return all(abs(value) < float("inf") for value in row.values())


def _place(name: str) -> tuple[bool, bool]:
    """The training loss first, then its metrics, then the same of the validation part."""
    return name.startswith("val_"), name.removeprefix("val_") != "loss"
