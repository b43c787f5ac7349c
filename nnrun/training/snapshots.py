"""When a snapshot is taken: after the first step or epoch that is `runtime.snapshot_every` past the last one."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.data.parallel import processors
from nnrun.model import framework
from nnrun.runs.environment import versions
from nnrun.storage import snapshots
from nnrun.training import variables
from nnrun.training.job import Job
from nnrun.training.state import State, finite

LARGEST_SHARE = 0.05  # of the time spent


class Snapshots:
    """The snapshots of one training: the newest that holds, and when the next is due."""

    def __init__(self, job: Job, model: Any, callbacks: Sequence[Any], *, goes_on: bool = True) -> None:
        self.job, self.model, self.callbacks = job, model, callbacks
        self.folder = job.recorder.path / "snapshots"
        self._every = job.config.runtime.snapshot_every
        self._began = self._last = time.monotonic()
        self._spent = 0.0
        found = snapshots.newest(self.folder) if goes_on else None
        self.newest = None if found is None else State.of(found)
        if found is not None:
            self._compare(found.manifest)

    @property
    def due(self) -> bool:
        """Whether it is time, and the time that snapshots take is in proportion."""
        now = time.monotonic()
        return now - self._last >= self._every and (
            not self._every or self._spent <= LARGEST_SHARE * (now - self._began)
        )

    def take(self, epoch: int, step: int, recorded: Mapping[str, Any], metrics: Any = None) -> None:
        """Writes the present state, unless it has diverged."""
        began = time.monotonic()
        state = State.capture(self.model, self.callbacks, epoch, step, recorded, metrics)
        if finite(variables.without_metrics(self.model, state.variables)):
            about = {"epoch": epoch, "step": step, **self._about()}
            arrays = {"variables": state.variables, "callbacks": state.arrays}
            self.job.recorder.snapshot(about, arrays, {"state": state.data})
        self._last = time.monotonic()
        self._spent += self._last - began

    def _about(self) -> dict[str, Any]:
        """What the same bits depend on."""
        return {
            "fingerprints": self.job.recorder.info.get("fingerprints", {}),
            "backend": framework.backend(),
            "device": self.job.plan.told,
            "threads": self.job.config.runtime.threads or processors(),
            "versions": versions(("keras", framework.backend(), "numpy")),
        }

    def _compare(self, manifest: Mapping[str, Any]) -> None:
        now = self._about()
        other = [
            f"{key} {manifest.get(key)}" for key in ("device", "threads", "versions") if manifest.get(key) != now[key]
        ]
        if other:
            self.job.progress.say(
                f"the snapshot was made with {', '.join(other)}: the result may differ in the last bits"
            )
