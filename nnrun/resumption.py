"""Which run of a config goes on, and what must not have changed since it was begun."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnrun.config import Config, read_config
from nnrun.config.changes import Change, changes
from nnrun.devices.plan import Plan
from nnrun.devices.wanted import ONE
from nnrun.errors import ConfigError, DataError, Problem, RunError, UsageError, listing
from nnrun.runs.index import list_runs
from nnrun.runs.run import UNREADABLE, Run, place

ENDED = ("complete", "diverged", UNREADABLE)
_PLANNED = ("strategy", "replicas", "remainder", "mesh", "layout")  # of a plan: what the steps of a training depend on


def unfinished(
    config: Config, runs: Path, kind: str, *, smoke: bool = False, name: str | None = None, init_from: Run | None = None
) -> list[Run]:
    """The runs of the same file that have not ended, the newest first; `kind` is train or cv.

    Only those called `name`, and begun with the weights of `init_from`, where that is said.
    """
    told = {"config": str(Path(config.document.file).absolute()), "kind": kind, "smoke": smoke}
    if init_from is not None:
        told["init_from"] = str(init_from.path)
    return [
        run
        for run in list_runs(runs)
        if run.status not in ENDED
        and all(run.info.get(key) == value for key, value in told.items())
        and (name is None or re.fullmatch(rf"{re.escape(name)}(-smoke)?(-\d+)?", run.name))
    ]


def to_go_on(
    config: Config, runs: Path, kind: str, *, smoke: bool = False, name: str | None = None, init_from: Run | None = None
) -> tuple[Run, list[str]] | None:
    """The newest unfinished run of a config, and the changes that it takes up, as overrides.

    Raises ConfigError where there are only runs that were begun with something else.
    """
    other: tuple[Run, list[Change]] | None = None
    begun_runs = unfinished(config, runs, kind, smoke=smoke, name=name, init_from=init_from)
    for run in sorted(begun_runs, key=lambda run: run.status == "running"):  # one that still runs comes last
        begun, _ = read_config(run.path / "config.yaml", overrides(run))
        if begun is None:
            continue
        found = changes(begun.document, config.document)
        if all(change.is_free for change in found):
            return run, [change.override for change in found if change.is_written]
        other = other or (run, found)
    if other is not None:
        refuse_changes(other[0], other[1], config)
    return None


def overrides(run: Run) -> list[str]:
    """What a run was begun with beside its config."""
    return [str(override) for override in run.info.get("overrides", ())]


def advice(run: Run | Path) -> str:
    """The command that goes on with a run."""
    return _command("resume", run if isinstance(run, Path) else run.path)


def fingerprints(written: bytes, files: Mapping[str, Any]) -> dict[str, str]:
    """What tells whether a config and its data are those of a run: sums of the bytes of both."""
    return {"config": _sum(written), "data": _sum(json.dumps(files, sort_keys=True).encode("utf-8"))}


def refuse_part(run: Run) -> None:
    """A fold goes on with the whole cross validation."""
    if run.parent is not None:
        raise UsageError(
            f"{place(run.path)} is a part of {place(run.parent.path)}",
            hint=f"to go on with all of it: {advice(run.parent)}",
        )


def refuse_edited(run: Run) -> None:
    """The copy of the config says what a run is; edited, it would say what the run has never been."""
    begun, copy = run.info.get("fingerprints", {}).get("config"), run.path / "config.yaml"
    if begun is not None and copy.is_file() and _sum(copy.read_bytes()) != begun:
        raise RunError(
            f"{place(copy)} was edited after the run was begun",
            expected="the config as it was written",
            hint=f"restore it from {place(Path(str(run.info.get('config'))))}, or change what may change with -s",
        )


def refuse_other_code(run: Run, config: Config) -> None:
    """Own Python files must be, byte for byte, those that a run was begun with."""
    begun = dict(run.info.get("plugins", {}))
    now = {file.name: file.sha256 for file in config.plugins}
    changed = sorted(name for name in {*begun, *now} if begun.get(name) != now.get(name))
    if changed:
        raise RunError(
            f"{listing(changed)} is not what {place(run.path)} was begun with",
            expected="the same files, byte for byte",
            hint=f"the copy in the run goes on: {advice(run)}; {_anew(run, overrides(run))}",
        )


def refuse_ended(run: Run, *, longer: bool) -> None:
    """A run that has nothing left to do; more epochs or patience give a complete training something."""
    if run.status == "diverged":
        raise RunError(f"{place(run.path)} has diverged, and would again", hint=_anew(run, overrides(run)))
    if run.status == "complete" and run.info.get("kind") == "cv":
        raise RunError(f"{place(run.path)} is complete: nothing is left to do")
    if run.status == "complete" and not longer:
        raise RunError(f"{place(run.path)} is complete", hint=f"for more epochs: {advice(run)} -s fit.epochs=N")


def refuse_changes(run: Run, found: Sequence[Change], config: Config) -> None:
    """A run that went on with anything else would be no run of either config.

    Folds that are complete have had their epochs: those that follow get the same.
    """
    fixed = [change for change in found if not change.is_free]
    hint = f"a run goes on with more epochs or patience, and with what only shows; {_anew(run, config.overrides)}"
    if not fixed and any(child.status == "complete" for child in run.children):
        fixed = [change for change in found if change.is_longer]
        hint = f"some folds are complete, and all are trained alike; {_anew(run, config.overrides)}"
    if not fixed and config.phases:
        fixed = [change for change in found if change.is_longer]
        hint = f"a run of several phases goes on as it was begun; {_anew(run, config.overrides)}"
    if fixed:
        *others, last = ConfigError(change.problem(config.document) for change in fixed).problems
        raise ConfigError([*others, replace(last, hint=hint)])


def refuse_fewer_epochs(run: Run, config: Config) -> None:
    """What is done cannot be undone; the epochs of phases cannot change at all."""
    if config.phases:
        return
    done = max(len(part.history or ()) for part in (run, *run.children))
    if config.fit.epochs < done:
        what = f"{config.fit.epochs} epochs are fewer than the {done} that are done"
        raise ConfigError([Problem(what, config.document.value(("fit", "epochs")), f"{done} or more")])


def refuse_averaged(run: Run, before: int, config: Config) -> None:
    """More epochs behind the last of `before`, in which SwapEMAWeights gave the weights up for their averages."""
    swaps = [spec for spec in config.fit.callbacks if spec.name == "SwapEMAWeights"]
    ended = any(part.history and part.history.epochs[-1] >= before for part in (run, *run.children))
    if ended and config.fit.epochs > before and any(spec.arguments.get("swap_on_epoch") for spec in swaps):
        what = f"the weights of {place(run.path)} are averages since its last epoch: it cannot take more of them"
        raise ConfigError([Problem(what, swaps[0].where, hint=_anew(run, config.overrides))])


def refuse_other_plan(run: Run, plan: Plan) -> None:
    """Where steps are done, those that follow are parted among as many devices, and end an epoch alike.

    The kind of device may be another: its last bits are.
    """
    begun = [part for part in (run, *run.children) if part.status == "complete" or _has_snapshot(part)]
    if not begun:
        return  # it begins at step 0
    known = {**Plan().to_data(), **begun[0].info.get("plan", {})}  # before there was a plan, there was one device
    now = plan.to_data()
    other = [key for key in _PLANNED if known.get(key) != now.get(key)]
    if other:
        before, after = (listing([f"{key} {_shown(data.get(key))}" for key in other]) for data in (known, now))
        raise RunError(
            f"{place(run.path)} was begun with {before}; here it would go on with {after}",
            expected="as many devices, the same strategy and the same remainder",
            hint=f"as it was begun: {_command('resume', run.path, *_as_begun(known, other))}; "
            + _anew(run, overrides(run)),
        )


def refuse_other_data(run: Run, files: Mapping[str, Any]) -> None:
    """`files` are the fingerprints of today."""
    path = run.path / "data.json"
    try:
        before = dict(json.loads(path.read_bytes())["files"] if path.is_file() else files)
    except (ValueError, LookupError, TypeError) as error:
        raise RunError(f"{place(path)} is damaged: {error}", hint="restore the file from a copy") from None
    changed = sorted(name for name in {*before, *files} if before.get(name) != files.get(name))
    if changed:
        raise DataError(
            f"the data is not what {place(run.path)} was begun with: {listing(changed)}",
            expected="the same files, byte for byte",
            hint=_anew(run, overrides(run)),
        )


def _has_snapshot(run: Run) -> bool:
    return any((run.path / "snapshots").glob("snapshot-*"))


def _as_begun(known: Mapping[str, Any], other: Sequence[str]) -> list[str]:
    """The settings that give a plan again, as they are typed."""
    settings: dict[str, Any] = {}
    if other != ["remainder"]:
        settings["strategy"] = known["strategy"]
        if known["strategy"] != ONE:
            settings["devices"] = len(known["devices"])
    if "remainder" in other:
        settings["remainder"] = "auto" if known["remainder"] == "short" else known["remainder"]
    return [word for key, value in settings.items() for word in ("-s", f"runtime.{key}={value}")]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "none" if value is None else json.dumps(value)


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _anew(run: Run, settings: Sequence[str]) -> str:
    """A run of its own for what this one cannot take up; one from its weights, where it has some."""
    config = Path(str(run.info.get("config", "CONFIG")))
    typed: list[str | Path] = [word for setting in settings for word in ("-s", setting)]
    if "data_root" in run.info:
        typed += ["--data-root", Path(run.info["data_root"])]
    if run.info.get("kind") == "cv":
        return f"a new one: {_command('cv', config, *typed)}"
    return f"a new run from its weights: {_command('train', config, *typed, '--init-from', run.path)}"


def _command(*words: str | Path) -> str:
    """A command of ours as a person can paste it here."""
    return shlex.join(["nnrun", *(place(word) if isinstance(word, Path) else word for word in words)])
