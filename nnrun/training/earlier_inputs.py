"""What a training says of the networks it begins with: where each is cut, and whether inputs are prepared alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnrun.model import earlier, saved
from nnrun.training.job import Job
from nnrun.training.material import Material

PREPARATION = Path("preparation") / "preparation.json"


def tell(job: Job, data: Material) -> None:
    """A line for each network, and a warning where its run prepared its input in another way than any of these."""
    if job.fold not in (None, 1):
        return
    now = prepared(data.preparation.save_data()[0])
    for name, spec in earlier.called(job.config.model, ()).items():
        path = earlier.find(spec)
        job.progress.say(f"trained: {name}, until its layer {saved.saved(path, spec).cut(spec)!r}")
        before = path.parent / PREPARATION  # which a copy does not have
        told = prepared(json.loads(before.read_bytes())["inputs"]) if before.is_file() else {}
        if told and not set(told.values()) & set(now.values()):
            one, other = (", ".join(sorted(set(ways.values()))) for ways in (told, now))
            sentence = f"warning: {spec.where}: {name} was trained on an input prepared by {one}, and here by {other}"
            job.recorder.log(sentence)
            job.progress.say(sentence)


def prepared(data: Mapping[str, Any]) -> dict[str, str]:
    """How each input is prepared, in kind, as the saved preparation says it: the names of its steps, or its scale."""
    arrays = {name: "scaling to 0..1" if name in data["scale"] else "nothing" for name in data["arrays"]}
    columns = {
        name: " and ".join(sorted({" then ".join(step["name"] for step in entry["steps"]) for entry in entries}))
        for name, entries in data["inputs"].items()
    }
    return arrays | columns
