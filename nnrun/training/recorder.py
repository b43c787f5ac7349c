"""The writing side of a run folder: every file of the contract, each through `storage`."""

from __future__ import annotations

import io
import traceback
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nnrun.errors import NnrunError, StorageError
from nnrun.model import framework
from nnrun.model.readable import readable_anywhere
from nnrun.runs import environment, process
from nnrun.runs.run import Run, is_run
from nnrun.storage import append, atomic, folders, snapshots, tables
from nnrun.storage.locks import Lock

FORMAT = 1
STEPS_KEPT = 2_000
SHARED = ("argv", "versions", "platform", "seed", "overrides", "fingerprints")  # with the runs inside a run


class Recorder:
    """One run folder while it is being written; the lock on it is held by one process at a time."""

    def __init__(self, path: Path, info: Mapping[str, Any], lock: Lock | None = None) -> None:
        self.path, self._lock = path, lock
        self.info: dict[str, Any] = {
            "format": FORMAT,
            "name": path.name,
            "status": "running",
            "times": {"started": _now()},
            **info,
            "process": process.identity(),
        }
        self._columns: list[str] = []
        self._history: append.Appender | None = None
        self._steps: append.Appender | None = None
        self._trace: append.Appender | None = None
        self._step, self._every = 0, 0
        self.rows: list[Mapping[str, float]] = []
        self._write_info()

    @classmethod
    def new(
        cls, runs: Path, name: str, info: Mapping[str, Any], argv: Sequence[str], files: Mapping[str, Any]
    ) -> Recorder:
        """A new run, to which `latest` points; it is a run once the `files` that describe it are there."""
        folder = folders.create_run_folder(runs, name)
        lock = Lock.take(folder)
        _write(folder, files)
        recorder = cls(folder, {**environment.collect(argv), **info}, lock)
        folders.point_latest(runs, folder)
        return recorder

    @property
    def init_from(self) -> Path | None:
        """The run whose weights this one begins with; None where a snapshot holds weights of its own."""
        path = self.info.get("init_from")
        return None if path is None or snapshots.newest(self.path / "snapshots") else Path(path)

    @classmethod
    def reopen(cls, path: Path, overrides: Sequence[str] | None = None) -> Recorder:
        """A run that goes on in its folder; BusyError where another process trains it."""
        lock = Lock.take(path)
        try:
            atomic.sweep(path)
            info = Run(path).info  # read when nobody else writes it any more
            times = dict(info.get("times", {}))
            times.pop("ended", None)
            times["resumed"] = [*times.get("resumed", []), _now()]
            told = {key: value for key, value in info.items() if key not in ("status", "error")}
            changed = {} if overrides is None else {"overrides": list(overrides)}
            return cls(path, {**told, **changed, "times": times}, lock)
        except BaseException:
            lock.release()
            raise

    def child(self, name: str, info: Mapping[str, Any], files: Mapping[str, Any]) -> Recorder:
        """A run inside this run, a fold, a seed, a trial; where it was begun before, it goes on."""
        folder = self.path / name
        if is_run(folder):
            return Recorder.reopen(folder)
        if not folder.is_dir():  # a death may have left it without its files
            folders.create_child(self.path, name)
        _write(folder, files)
        shared: dict[str, Any] = {key: self.info[key] for key in SHARED if key in self.info}
        return Recorder(folder, {**shared, **info, "parent": self.path.name})

    def plan_steps(self, total: int) -> None:
        """steps.csv is thinned to at most 2,000 rows, those of an earlier and shorter plan too."""
        every = max(self._every, 1)
        while total > every * STEPS_KEPT:
            every *= 2  # so that a longer run keeps what it would have kept from the start
        append.cut(self.path / "steps.csv", "step", self._step, every)
        self._every = every

    def recorded(self) -> dict[str, Any]:
        """What a snapshot holds of the history; the rows themselves are durable when this returns."""
        for appender in (self._history, self._steps, self._trace):
            if appender is not None:
                appender.sync()
        return {"columns": self._columns, "rows": list(self.rows), "step": self._step, "every": self._every}

    def go_on(self, recorded: Mapping[str, Any] | None) -> None:
        """Cuts history and steps back to what a snapshot knows; to nothing where there is none."""
        self.close()
        told = recorded or {"columns": [], "rows": [], "step": 0, "every": 0}
        if "resumed" in self.info["times"]:
            self.log(f"resumed after epoch {len(told['rows'])}, step {told['step']}")
        self._columns, self._step, self._every = list(told["columns"]), told["step"], told["every"]
        self.rows = []
        append.cut(self.path / "steps.csv", "step", self._step)
        append.cut(self.path / "trace.csv", "step", self._step)
        append.cut(self.path / "history.csv", "epoch", 0)
        for row in told["rows"]:
            self.epoch(row, self._columns)

    def snapshot(self, about: Mapping[str, Any], arrays: Mapping[str, Any], data: Mapping[str, Any]) -> None:
        """A state of the training from which it can go on."""
        snapshots.write(self.path / "snapshots", about, arrays, data)

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
        if not (self.path / "preparation").is_dir():
            folders.create_child(self.path, "preparation")
        atomic.write_json(self.path / "preparation" / "preparation.json", {"format": FORMAT, **data})
        atomic.write_npz(self.path / "preparation" / "preparation.npz", arrays)

    def log(self, text: str) -> None:
        append.append_line(self.path / "train.log", f"{_now()} {text}")

    def epoch(self, row: Mapping[str, float], columns: Sequence[str]) -> None:
        """One row of history.csv, on disk before the next epoch begins; a column without a value stays blank."""
        self.rows.append(row)
        if self._history is None:
            self._columns = list(columns)
            self._history = append.Appender(self.path / "history.csv", columns)
        elif not set(columns) <= set(self._columns):  # another phase measures more
            self._history.close()
            self._columns += [name for name in columns if name not in self._columns]
            append.widen(self.path / "history.csv", self._columns)
            self._history = append.Appender(self.path / "history.csv", self._columns)
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

    @property
    def steps_done(self) -> int:
        """How many steps are recorded, over all epochs."""
        return self._step

    def trace(self, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
        """What one traced step has to tell, a row for each layer."""
        if self._trace is None:
            self._trace = append.Appender(self.path / "trace.csv", columns)
        for row in rows:
            self._trace.row(row)

    def table(self, name: str, columns: Sequence[str], blocks: Iterable[Iterable[Sequence[Any]]]) -> None:
        tables.write(self.path / name, columns, blocks)

    def model(self, model: Any, name: str = "model.keras") -> None:
        path, anywhere = self.path / name, readable_anywhere(model)
        with atomic.staged(path) as temporary, framework.without_tensorflow(), anywhere:
            model.save(temporary)

    def close(self) -> None:
        for appender in (self._history, self._steps, self._trace):
            if appender is not None:
                appender.close()
        self._history = self._steps = self._trace = None

    def finish(self, status: str, error: BaseException | None = None) -> None:
        """The last word about the run: complete, stopped, failed or diverged; gives the folder free."""
        try:
            self._finish(status, error)
        except StorageError:
            if error is None:
                raise  # else the disk is full, and the first error says so
        finally:
            if self._lock is not None:
                self._lock.release()

    def _finish(self, status: str, error: BaseException | None) -> None:
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


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table as CSV, in which no cell is a formula."""
    text = io.StringIO()
    tables.write_to(text, columns, [rows])
    return text.getvalue()


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    """Files that describe a run: bytes as they are, anything else as JSON."""
    for name, content in files.items():
        if Path(name).parent != Path():
            atomic.make_folder((folder / name).parent)
        if isinstance(content, bytes):
            atomic.write_bytes(folder / name, content)
        else:
            atomic.write_json(folder / name, content)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
