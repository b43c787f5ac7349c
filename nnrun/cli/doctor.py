"""`nnrun doctor [CONFIG]`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.errors import NnrunError

if TYPE_CHECKING:
    from nnrun.cli.console import Console
    from nnrun.devices.doctor import Backend
    from nnrun.devices.plan import Plan

KERAS_DEFAULTS = {
    "backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last",
}  # fmt: skip


def doctor(
    config: Annotated[
        str | None, typer.Argument(metavar="CONFIG", help="A YAML file: say on what it would be trained, or why not.")
    ] = None,
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Tell what this machine has to train on, what each backend sees of it, and what `device: auto` takes.

    Each backend is asked in a process of its own, for a minute at most.

    Example: nnrun doctor configs/cnn.yaml
    """
    from nnrun.devices import doctor as about

    console = o.console(quiet=quiet, as_json=as_json)
    machine = about.machine()
    console.say("asking each backend what it sees")
    asked = about.backends()
    found, error = _plan(config, settings or [], data_root, asked) if config else (None, None)
    told = {**machine, "backends": {backend.name: backend.to_data() for backend in asked}}
    if config:
        problems = [problem.what for problem in error.problems] if error else []
        told["config"] = {"file": config, "plan": about.plan_data(found) if found else None, "problems": problems}
    console.json(told)
    _show(machine, asked, console)
    if found:
        console.result(f"\n{config}: {found.line}")
    about.usable(asked)
    if error:
        raise error


def _plan(
    config: str, settings: list[str], data_root: Path | None, asked: Sequence[Backend]
) -> tuple[Plan | None, NnrunError | None]:
    """The plan of a config, or what its training would be refused for: said after all else."""
    from nnrun import experiment
    from nnrun.check.data import look
    from nnrun.check.devices import nodes
    from nnrun.devices import doctor as about

    path = Path(config)
    try:
        loaded = experiment.load(path, settings, experiment.Options(data_root=data_root))
        with loaded.names():
            calls = nodes(loaded, look(loaded, experiment.roots_of(path.parent, data_root)))
            return about.plan_of(loaded, calls, asked), None
    except NnrunError as error:
        return None, error


def _show(machine: Mapping[str, Any], asked: Sequence[Backend], console: Console) -> None:
    memory = machine["memory"]
    console.result(f"nnrun {machine['nnrun']}, Python {machine['python']}, {machine['platform']}")
    whole = "" if memory["whole"] is None else f"{_gigabytes(memory['whole'])} of memory, "
    console.result(f"{_count(machine['processors'], 'processor')}, {whole}{_gigabytes(memory['available'])} free")
    if machine["gpus"]:
        console.result("")
        console.table([_gpu(gpu) for gpu in machine["gpus"]], right=frozenset({"GPU", "memory", "free"}))
    console.result("")
    console.table([{"package": name, "version": version} for name, version in machine["packages"].items()])
    console.result("")
    console.table([_row(backend) for backend in asked])
    reasons = [reason for backend in asked for reason in _reasons(backend)]
    notes = [*reasons, *_optional(machine["missing"]), *_ignored(machine["keras_json"])]
    for note in ["", *notes] if notes else []:
        console.result(note)


def _row(backend: Backend) -> dict[str, Any]:
    seen = [name for kind, name in backend.answer.devices if kind != "cpu"]
    names = [f"{seen.count(name)} x {name}" if seen.count(name) > 1 else name for name in dict.fromkeys(seen)]
    return {
        "backend": backend.name,
        "sees": ", ".join(["CPU", *names]) if backend.answer.devices else None,
        "auto takes": replace(backend.auto, reasons=()).line if backend.auto else "nothing",
    }


def _gpu(gpu: Mapping[str, Any]) -> dict[str, Any]:
    sizes = {key: None if gpu[key] is None else _gigabytes(gpu[key]) for key in ("memory", "free")}
    return {"GPU": str(gpu["number"]), "name": gpu["name"], **sizes, "driver": gpu["driver"]}


def _reasons(backend: Backend) -> list[str]:
    """Why `auto` takes what it takes, and what came of looking for other kinds of device."""
    if backend.auto is None:
        return [f"- {backend.name}: {backend.answer.failed}"]
    sought = [] if backend.auto.device == "tpu" else list(backend.probe.sought.values())
    return [f"- {backend.name}: {reason}" for reason in dict.fromkeys([*backend.auto.reasons, *sought])]


def _optional(missing: Mapping[str, str]) -> list[str]:
    return [f"- optional, not installed: {extra} (`{how}`)" for extra, how in missing.items()]


def _ignored(keras_json: Mapping[str, Any] | None) -> list[str]:
    if keras_json is None:
        return []
    says = keras_json["says"]
    others = [f"{key}: {value}" for key, value in (says or {}).items() if value != KERAS_DEFAULTS.get(key, value)]
    told = " and cannot be read" if says is None else f" ({', '.join(others)})" if others else ""
    return [f"- {keras_json['file']} is ignored{told}: what counts stands in the config"]


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
