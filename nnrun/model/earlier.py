"""Where the network of an earlier run lies: among the runs, or as the copy that a run keeps of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from nnrun.config.config import Config, Model
from nnrun.config.read_blocks import called_by, steps_of
from nnrun.config.references import references
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem, did_you_mean, listing
from nnrun.model.graph import Node
from nnrun.runs.run import Run, is_run, place, runs_in

MODEL = "model.keras"
FOLDER = "trained"  # of a run folder, where the copies lie

_runs: ContextVar[Path | None] = ContextVar("the folder of the runs", default=None)


@contextmanager
def among(runs: Path | str) -> Iterator[None]:
    """Inside, earlier runs are looked up in this folder; else in NNRUN_RUNS, or `runs`."""
    token = _runs.set(Path(runs))
    try:
        yield
    finally:
        _runs.reset(token)


def is_earlier(spec: Spec) -> bool:
    """Whether a step calls a network that was trained before."""
    return spec.slot == "applications" and spec.name == "trained"


def written(arguments: Mapping[str, Any]) -> str:
    """How a config names the network: its run, or its file."""
    return str(arguments.get("run") or arguments.get("file") or "")


def find(spec: Spec) -> Path:
    """The `.keras` file of a step `trained`: the copy of the run that the config lies in comes first.

    Raises ConfigError where there is none, where its run is not complete, or where it is another than `sha256` says.
    """
    run, file = spec.arguments.get("run"), spec.arguments.get("file")
    if (run is None) == (file is None):
        told = "trained names neither a run nor a file" if run is None else "trained names a run and a file"
        raise _refused(spec, told, "`trained: {run: NAME}`, or `trained: {file: model.keras}`")
    path = _copy(spec) or (_of_run(spec, str(run)) if run is not None else _of_file(spec, str(file)))
    wanted = spec.arguments.get("sha256")
    if wanted is not None and sha256(path) != str(wanted).lower():
        hint = "it was trained again, or changed; leave sha256 out to take it as it is"
        raise _refused(spec, f"{place(path)} has the sha256 {sha256(path)}", str(wanted), hint)
    return path


def weights_file(spec: Spec) -> Path | None:
    """The file of an application's weights, where its config names one. Raises ConfigError where it is another."""
    weights = spec.arguments.get("weights")
    if not isinstance(weights, Mapping):
        return None
    path = _found(spec, str(weights["file"]))
    if path is None:
        raise _refused(spec, f"there is no file {weights['file']}", "a file of weights, beside the config")
    if sha256(path) != weights["sha256"].lower():
        raise _refused(spec, f"{place(path)} has the sha256 {sha256(path)}", weights["sha256"])
    return path


def called(model: Model, nodes: Iterable[Node]) -> dict[str, Spec]:
    """Every step `trained` of a model, by how it names its network; `nodes` are its calls, as far as they are known."""
    steps = [*steps_of(model), *(step for block in called_by(model).values() for step in block.layers)]
    plain = (step.spec for step in steps if not any(True for _ in references(step.spec.arguments)))
    return {written(spec.arguments): spec for spec in (*plain, *(node.spec for node in nodes)) if is_earlier(spec)}


def begun_with(config: Config, nodes: Iterable[Node]) -> dict[str, Spec]:
    """Every earlier network that a run needs, by how it is named; `nodes` are the calls of its model."""
    found = called(config.model, nodes) | teachers(config)
    for model in config.family.values():
        found |= called(model, ())
    return found


def teachers(config: Config) -> dict[str, Spec]:
    """The networks that recipes learn from, as steps `trained`, by how they are named; models of the file left out."""
    recipes = {id(fit.recipe): fit.recipe for fit in config.fits if fit.recipe is not None}
    found = (teacher(recipe) for recipe in recipes.values())
    return {written(spec.arguments): spec for spec in found if spec is not None}


def teacher(recipe: Spec) -> Spec | None:
    """The earlier network that a recipe learns from, as a step `trained`; None where it names none."""
    given = recipe.arguments.get("teacher")
    return Spec("trained", given, recipe.where, "applications") if isinstance(given, Mapping) else None


def copies(specs: Mapping[str, Spec]) -> tuple[dict[str, bytes], dict[str, dict[str, str]]]:
    """What a run keeps of the networks that it begins with: the files, and of each name which file, and its sha256."""
    files, told = dict[str, bytes](), dict[str, dict[str, str]]()
    for name, spec in specs.items():
        path = find(spec)
        told[name] = {"file": copy_name(spec), "sha256": sha256(path)}
        files[told[name]["file"]] = path.read_bytes()
    return files, told


def copy_name(spec: Spec) -> str:
    """Where a run folder keeps its copy."""
    run = spec.arguments.get("run")
    name = str(run).replace("/", "-") if run is not None else Path(written(spec.arguments)).stem
    digest = sha256(find(spec))[:8]
    return f"{FOLDER}/{name.removesuffix(f'-{digest}')}-{digest}.keras"


def sha256(path: Path) -> str:
    """Of a file's contents."""
    about = path.stat()
    return _sha256(str(path), about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=64)
def _sha256(path: str, _changed: int, _size: int) -> str:
    with Path(path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _copy(spec: Spec) -> Path | None:
    """The copy that the run of this config, or the run around it, keeps."""
    folder = _folder(spec)
    for near in (folder, folder.parent):
        kept = Run(near).info.get(FOLDER, {}) if is_run(near) else {}
        if written(spec.arguments) in kept:
            told = kept[written(spec.arguments)]
            path = near / str(told["file"])
            if not path.is_file() or sha256(path) != told["sha256"]:
                what = f"{place(path)} is not what {place(near)} was begun with"
                raise _refused(spec, what, f"the sha256 {told['sha256']}", "restore the file from a copy")
            return path
    return None


def _folder(spec: Spec) -> Path:
    return Path(spec.where.file).absolute().parent if spec.where.file else Path.cwd()


def _found(spec: Spec, file: str) -> Path | None:
    """A file beside the config, else in the current folder; of a run's copy of a config, also where that lay."""
    folder = _folder(spec)
    origin = Run(folder).info.get("config") if is_run(folder) else None
    tried = [folder, Path.cwd(), folder.parent, *([Path(origin).parent] if origin else [])]
    return next((path / file for path in tried if (path / file).is_file()), None)


def _of_file(spec: Spec, file: str) -> Path:
    found = _found(spec, file)
    if found is None:
        near = sorted(path.name for path in _folder(spec).glob("*.keras"))
        raise _refused(spec, f"there is no file {file}", "a .keras file", did_you_mean(file, near) or _beside(near))
    if found.suffix != ".keras":
        raise _refused(
            spec, f"{file} is no .keras file", "what `model.save` of Keras 3 writes, such as RUN/model.keras"
        )
    return found


def _of_run(spec: Spec, name: str) -> Path:
    runs = _runs.get() or Path(os.environ.get("NNRUN_RUNS") or "runs")
    folder = runs / name
    if not is_run(folder):
        known = [run.name for run in runs_in(folder.parent)]
        hint = did_you_mean(folder.name, known) or _beside(known) or "train it first, or say where with --runs"
        raise _refused(spec, f"there is no run {name!r} in {place(runs)}", "the name of an earlier run", hint)
    run = Run(folder)
    if run.children:
        hint = f"one of its folds: `run: {name}/{run.children[0].name}`"
        raise _refused(spec, f"the run {name!r} has a network for each of its folds", hint=hint)
    if run.status != "complete":
        hint = f"`nnrun resume {place(folder)}` goes on with it"
        raise _refused(spec, f"the run {name!r} is {run.status}", "a run that is complete", hint)
    if not (folder / MODEL).is_file():
        raise _refused(spec, f"the run {name!r} has no {MODEL}", hint="train it again")
    return folder / MODEL


def _beside(names: list[str]) -> str:
    return f"there are {listing(names)}" if names else ""


def _refused(spec: Spec, what: str, expected: str = "", hint: str = "") -> ConfigError:
    return ConfigError([Problem(what, spec.where, expected, hint)])
