"""The writing side of a run folder: every file of the contract, each through `storage`."""

from __future__ import annotations

import csv
import io
import traceback
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nnrun.errors import NnrunError
from nnrun.runs import environment, process
from nnrun.storage import append, atomic, folders

FORMAT = 1
STEPS_KEPT = 2_000


class Recorder:
    """One run folder while it is being written."""

    def __init__(self, path: Path, info: Mapping[str, Any]) -> None:
        self.path = path
        self.info: dict[str, Any] = {
            "format": FORMAT,
            "name": path.name,
            "status": "running",
            "times": {"started": _now()},
            "process": process.identity(),
            **info,
        }
        self._history: append.Appender | None = None
        self._steps: append.Appender | None = None
        self._step, self._every = 0, 1
        self.rows: list[Mapping[str, float]] = []
        self._write_info()

    @classmethod
    def new(cls, runs: Path, name: str, info: Mapping[str, Any], argv: Sequence[str]) -> Recorder:
        """A new run, to which `latest` points."""
        folder = folders.create_run_folder(runs, name)
        recorder = cls(folder, {**environment.collect(argv), **info})
        folders.point_latest(runs, folder)
        return recorder

    def child(self, name: str, info: Mapping[str, Any]) -> Recorder:
        """A run inside this run: a fold, a seed, a trial."""
        shared: dict[str, Any] = {
            key: self.info[key] for key in ("argv", "versions", "platform", "seed", "overrides") if key in self.info
        }
        return Recorder(folders.create_child(self.path, name), {**shared, **info, "parent": self.path.name})

    def plan_steps(self, total: int) -> None:
        """steps.csv is thinned to at most 2,000 rows."""
        self._every = max(1, -(-total // STEPS_KEPT))

    def tell(self, **info: Any) -> None:
        """Adds facts to run.json."""
        self.info.update(info)
        self._write_info()

    def text(self, name: str, text: str | bytes) -> None:
        data = text.encode("utf-8") if isinstance(text, str) else text
        atomic.write_bytes(self.path / name, data)

    def data(self, name: str, data: Any) -> None:
        atomic.write_json(self.path / name, data)

    def arrays(self, name: str, arrays: Mapping[str, Any]) -> None:
        atomic.write_npz(self.path / name, arrays)

    def preparation(self, data: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        folders.create_child(self.path, "preparation")
        atomic.write_json(self.path / "preparation" / "preparation.json", {"format": FORMAT, **data})
        atomic.write_npz(self.path / "preparation" / "preparation.npz", arrays)

    def log(self, text: str) -> None:
        append.append_line(self.path / "train.log", f"{_now()} {text}")

    def epoch(self, row: Mapping[str, float], columns: Sequence[str]) -> None:
        """One row of history.csv, on disk before the next epoch begins; a column without a value stays blank."""
        self.rows.append(row)
        if self._history is None:
            self._history = append.Appender(self.path / "history.csv", columns)
        self._history.row({**row, "epoch": int(row["epoch"]), "seconds": round(row["seconds"], 6)})

    def steps(self, epoch: int, losses: Iterable[float]) -> None:
        """The loss of batches, one after another; only each n-th is kept where there are many."""
        for loss in losses:
            self._step += 1
            if self._step % self._every:
                continue
            if self._steps is None:
                self._steps = append.Appender(self.path / "steps.csv", ["step", "epoch", "loss"])
            self._steps.row({"step": self._step, "epoch": epoch, "loss": float(loss)})

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([_cell(column) for column in columns])
        writer.writerows([_cell(value) for value in row] for row in rows)
        self.text(name, text.getvalue())

    def model(self, model: Any) -> None:
        with atomic.staged(self.path / "model.keras") as temporary:
            model.save(temporary)

    def close(self) -> None:
        for appender in (self._history, self._steps):
            if appender is not None:
                appender.close()
        self._history = self._steps = None

    def finish(self, status: str, error: BaseException | None = None) -> None:
        """The last word about the run: complete, stopped, failed or diverged."""
        self.close()
        self.log(status if error is None else f"{status}: {error}")
        if status == "failed" and error is not None and not isinstance(error, NnrunError):
            self.log("".join(traceback.format_exception(error)))
        told: dict[str, Any] = {"status": status, "times": {**self.info["times"], "ended": _now()}}
        if error is not None:
            told["error"] = str(error) if isinstance(error, NnrunError) else f"{type(error).__name__}: {error}"
        self.tell(**told)

    def _write_info(self) -> None:
        atomic.write_json(self.path / "run.json", self.info)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a quote in front; numbers stay numbers."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        try:
            float(value)
        except ValueError:
            return "'" + value
    return value
