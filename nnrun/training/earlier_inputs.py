"""What a training says of the networks it begins with: where each is cut, and whether inputs are prepared alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem, listing
from nnrun.model import earlier, saved
from nnrun.runs.run import Run, is_run
from nnrun.storage import arrays
from nnrun.training.job import Job
from nnrun.training.material import Material

PREPARATION, SPLITS = Path("preparation") / "preparation.json", "splits.npz"


def tell(job: Job, data: Material) -> None:
    """A line for each network, and a warning where its run prepared its input in another way than any of these."""
    if job.fold not in (None, 1):
        return
    for name, spec in earlier.called(job.config.model, ()).items():
        job.progress.say(f"trained: {name}, until its layer {saved.saved(earlier.find(spec), spec).cut(spec)!r}")
        _compare(job, data, name, spec)
    for name, spec in earlier.teachers(job.config).items():
        job.progress.say(f"teacher: {name}")
        _compare(job, data, name, spec)
        _require_classes(data, name, spec)


def _compare(job: Job, data: Material, name: str, spec: Spec) -> None:
    """Warns where the network was trained on an input prepared otherwise, or on rows that are held out here."""
    before = earlier.find(spec).parent / PREPARATION  # which a copy does not have
    saved_then = json.loads(before.read_bytes())["inputs"] if before.is_file() else None
    told = prepared(saved_then) if saved_then else {}
    now = prepared(data.preparation.save_data()[0])
    if saved_then and other_words(saved_then, data.preparation.save_data()[0]):
        what = f"{name} was trained with another vocabulary, in which the numbers that it reads here are other words"
        _warn(job, spec, f"{what}: the same training rows give the same one")
    if told and not set(told.values()) & set(now.values()):
        one, other = (", ".join(sorted(set(ways.values()))) for ways in (told, now))
        _warn(job, spec, f"{name} was trained on an input prepared by {one}, and here by {other}")
    held = np.concatenate([job.split.validation, job.split.test])
    seen = _trained_on(job, earlier.find(spec).parent, held)
    if seen:
        what = f"{name} was trained on {seen:,} of the {len(held):,} rows that are held out here"
        _warn(job, spec, f"{what}: scores are too good, unless both runs have the same split")


def _trained_on(job: Job, folder: Path, rows: np.ndarray[Any, Any]) -> int:
    """How many of some rows another run was trained on, where it is known to have the same data."""
    if not is_run(folder) or not (folder / SPLITS).is_file():
        return 0
    theirs, own = (info.get("fingerprints", {}).get("data") for info in (Run(folder).info, job.recorder.info))
    return len(np.intersect1d(rows, arrays.read(folder / SPLITS)["train"])) if own is not None and own == theirs else 0


def _warn(job: Job, spec: Spec, what: str) -> None:
    sentence = f"warning: {spec.where}: {what}"
    job.recorder.log(sentence)
    job.progress.say(sentence)


def _require_classes(data: Material, name: str, spec: Spec) -> None:
    """A teacher tells the classes that its student learns, in the same order; of a file it is not known."""
    folder = earlier.find(spec).parent
    told = Run(folder).info.get("task", {}) if is_run(folder) else {}
    classes = [list(task["classes"]) for task in told.values()]
    own = [list(answer.target.classes) for answer in data.answers.values()]
    if len(classes) == len(own) == 1 and classes != own:
        what = f"the teacher {name} tells the classes {listing(classes[0])}, and its student {listing(own[0])}"
        raise ConfigError([Problem(what, spec.where, "the same classes in the same order")])


def other_words(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether both have inputs that are numbers of words, and no vocabulary in common."""
    known = [
        {
            tuple(step["state"]["vocabulary"])
            for entries in data["inputs"].values()
            for entry in entries
            for step in entry["steps"]
            if step["state"].get("vocabulary")
        }
        for data in (before, now)
    ]
    return all(known) and not known[0] & known[1]


def prepared(data: Mapping[str, Any]) -> dict[str, str]:
    """How each input is prepared, in kind, as the saved preparation says it: the names of its steps, or its scale."""
    whole = {name: "scaling to 0..1" if name in data["scale"] else "nothing" for name in data["arrays"]}
    columns = {
        name: " and ".join(sorted({" then ".join(step["name"] for step in entry["steps"]) for entry in entries}))
        for name, entries in data["inputs"].items()
    }
    return whole | columns
