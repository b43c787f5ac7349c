"""A run folder, read: the one thing that figures, tables, comparison, resuming and prediction work on."""

from __future__ import annotations

import csv
import json
import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from nnrun.errors import RunError, did_you_mean, listing
from nnrun.runs import process
from nnrun.runs.history import History, Mode

FORMAT = 1
RUN_FILE = "run.json"
INTERRUPTED = "interrupted"
UNREADABLE = "unreadable"
MOST_PREDICTIONS = 50_000  # rows of a part that figures are drawn from

_CHILD = re.compile(r"(fold|seed|trial)-")


@dataclass(frozen=True)
class Run:
    """A run on disk. What has been read is kept: open the run again to see what training added since.

    Reading a damaged file, or one of a newer format, raises RunError.
    """

    path: Path

    @classmethod
    def open(cls, path: Path) -> Run:
        """The run in the folder `path`; RunError with the nearest names if there is none."""
        folder = path.resolve()
        if not is_run(folder):
            names = [entry.name for entry in runs_in(folder.parent)]
            raise RunError(
                f"{path} is no run" if folder.is_dir() else f"there is no run {path}",
                expected=f"a folder with {RUN_FILE}",
                hint=did_you_mean(folder.name, names)
                or (f"beside it: {listing(names)}" if names else "`nnrun ls` lists the runs"),
            )
        run = cls(folder)
        _refuse_newer(run._json(RUN_FILE, damaged_is={}), folder / RUN_FILE)
        return run

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @cached_property
    def info(self) -> dict[str, Any]:
        """`run.json`."""
        return self._json(RUN_FILE)

    @property
    def status(self) -> str:
        """running, complete, stopped, failed or diverged; interrupted if the process that ran it has died.

        A run whose `run.json` cannot be read is unreadable, so that a list of runs can still show it.
        """
        try:
            status = str(self.info.get("status", "unknown"))
        except RunError:
            return UNREADABLE
        dead = status == "running" and process.alive(self.info.get("process") or {}) is False
        return INTERRUPTED if dead else status

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """By output: `{"task": "multiclass", "classes": [...]}`."""
        return dict(self.info.get("task") or {})

    @property
    def monitor(self) -> tuple[str, Mode]:
        """What the best epoch is chosen by, and whether less or more of it is better."""
        monitor = self.info.get("monitor") or {}
        return monitor.get("name", "val_loss"), "max" if monitor.get("mode") == "max" else "min"

    @property
    def phases(self) -> list[dict[str, Any]]:
        """Several fits in a row: name, first_epoch, last_epoch, optimizer, trainable, frozen; none of a plain run."""
        found = self.info.get("phases") or []
        return [phase for phase in found if isinstance(phase, dict) and {"name", "first_epoch"} <= phase.keys()]

    @cached_property
    def history(self) -> History | None:
        """`history.csv`, a row an epoch; None if no epoch was ever recorded."""
        return self._history("history.csv")

    @cached_property
    def steps(self) -> History | None:
        """`steps.csv`, a row a step, thinned; None if not recorded."""
        return self._history("steps.csv")

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """`metrics.json`: scores by part, floors, units; empty until the run has been scored."""
        return self._json("metrics.json")

    @cached_property
    def cv(self) -> dict[str, Any] | None:
        """`cv.json` of a cross validation, else None."""
        return self._json("cv.json") or None

    @cached_property
    def predictions(self) -> list[dict[str, str]]:
        """`predictions.csv` as written, every cell a text: of each part and output the first 50,000 rows."""
        path = self.path / "predictions.csv"
        if not path.is_file():
            return []
        counts: dict[tuple[str | None, str | None], int] = {}
        kept = []
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                key = row.get("part"), row.get("output")
                counts[key] = counts.get(key, 0) + 1
                if counts[key] <= MOST_PREDICTIONS:
                    kept.append(row)
        return kept

    @cached_property
    def trace(self) -> list[dict[str, str]]:
        """`trace.csv` as written, a row for each traced step and layer; empty where none was traced."""
        path = self.path / "trace.csv"
        if not path.is_file():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    @cached_property
    def config(self) -> str | None:
        """`config.yaml`, the text as its author wrote it."""
        return self._text("config.yaml")

    @cached_property
    def resolved(self) -> str | None:
        """`resolved.yaml`, the config with every default filled in."""
        return self._text("resolved.yaml")

    @property
    def figures(self) -> Path:
        """The folder of the figures; it need not exist."""
        return self.path / "figures"

    @property
    def children(self) -> list[Run]:
        """The folds, seeds and trials inside this run, in the order of their numbers."""
        return [child for child in runs_in(self.path) if _CHILD.match(child.name)]

    @property
    def parent(self) -> Run | None:
        """The run that this one is a fold, a seed or a trial of."""
        return Run(self.path.parent) if _CHILD.match(self.name) and is_run(self.path.parent) else None

    def _history(self, name: str) -> History | None:
        path = self.path / name
        history = History.read(path) if path.is_file() else None
        return history if history and len(history) else None

    def _text(self, name: str) -> str | None:
        path = self.path / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None

    def _json(self, name: str, damaged_is: dict[str, Any] | None = None) -> dict[str, Any]:
        path = self.path / name
        if not path.is_file():
            return {}
        try:
            data = json.loads(path.read_bytes())
        except ValueError as error:
            if damaged_is is not None:
                return damaged_is
            raise RunError(f"{path} is damaged: {error}", hint="restore the file from a copy") from None
        if not isinstance(data, dict):
            raise RunError(f"{path} holds a {type(data).__name__}", expected="a mapping")
        _refuse_newer(data, path)
        return data


def is_run(folder: Path) -> bool:
    """Whether `folder` is a run."""
    return (folder / RUN_FILE).is_file()


def runs_in(folder: Path) -> list[Run]:
    """The runs directly in `folder`, links and hidden folders left out, `fold-2` before `fold-10`."""
    if not folder.is_dir():
        return []
    found = (entry for entry in folder.iterdir() if not entry.name.startswith(".") and not entry.is_symlink())
    return sorted((Run(entry) for entry in found if is_run(entry)), key=lambda run: natural(run.name))


def place(path: Path) -> str:
    """A path as short as it can be typed from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def natural(name: str) -> list[tuple[int, str]]:
    """A key that sorts names by the numbers in them."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _refuse_newer(data: dict[str, Any], path: Path) -> None:
    written = data.get("format", FORMAT)
    if isinstance(written, int) and written > FORMAT:
        raise RunError(
            f"{path} has format {written}, written by a newer nnrun",
            expected=f"format {FORMAT} or older",
            hint="update nnrun to read this run",
        )
