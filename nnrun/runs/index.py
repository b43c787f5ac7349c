"""Finding runs by name, and listing them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from nnrun.errors import RunError, did_you_mean, listing
from nnrun.run_name import LATEST
from nnrun.runs.run import RUN_FILE, Run, is_run, runs_in


def find(root: Path, name: str) -> Run:
    """The run called `name` in the folder of runs `root`: a name, `latest`, `<name>/fold-1`, or a path.

    Raises RunError with the nearest names.
    """
    if name == LATEST:
        return latest(root)
    for folder in (root / name, Path(name)):
        if is_run(folder):
            return Run.open(folder)
    for folder in (root / name, Path(name)):
        if folder.is_dir():
            return Run.open(folder)  # which says what a run is
    names = [run.name for run in runs_in(root)]
    raise RunError(
        f"there is no run {name!r} in {root}",
        expected=f"one of {listing(names)}" if names else "",
        hint=did_you_mean(name, names) or "`nnrun ls` lists the runs; --runs says where they are",
    )


def latest(root: Path) -> Run:
    """The run that `latest` points to, be it a link or a text file; else the newest one."""
    pointer = root / LATEST
    folder = root / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else pointer
    if is_run(folder):
        return Run.open(folder)
    runs = list_runs(root)
    if not runs:
        raise RunError(f"there is no run in {root} yet", hint="`nnrun train` makes the first one")
    return Run.open(runs[0].path)


def list_runs(root: Path) -> list[Run]:
    """The runs directly in `root`, the newest first; those inside a run are its `children`."""
    return sorted(runs_in(root), key=started, reverse=True)


def started(run: Run) -> datetime:
    """When the run began, by `run.json`; else when that file was last written."""
    try:
        when = datetime.fromisoformat(str(run.info["times"]["started"]))
    except (RunError, KeyError, TypeError, ValueError):
        when = datetime.fromtimestamp((run.path / RUN_FILE).stat().st_mtime, UTC)
    return when if when.tzinfo else when.replace(tzinfo=UTC)
