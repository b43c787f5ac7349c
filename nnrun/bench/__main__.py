"""The process in which one variant is measured: `python -m nnrun.bench REQUEST`, started by `compare` alone."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from nnrun import experiment
from nnrun.bench.measure import measure
from nnrun.errors import NnrunError
from nnrun.model import framework
from nnrun.storage.atomic import write_json


def main() -> None:
    """Leaves `answer.json` in the request's folder: the measurement, or what went wrong."""
    request = json.loads(sys.argv[1])
    folder = Path(request["folder"])
    framework.configure(lean=True)
    options = experiment.Options(
        runs=folder / "runs", data_root=request["data_root"], allow_download=request["allow_download"]
    )
    try:
        found = measure(
            Path(request["config"]), request["overrides"], options, request["seconds"], began=request["began"]
        )
    except NnrunError as error:
        problem = error.problems[0]
        answer = {"failed": " ".join(problem.what.split()), "hint": problem.hint, "exit_code": error.exit_code}
    else:
        answer = {"measurement": asdict(found)} if found else {"failed": "the training ended before it could be timed"}
    write_json(folder / "answer.json", answer)


if __name__ == "__main__":
    main()
