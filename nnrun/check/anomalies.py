"""`predict: {anomaly: ...}`, held against the targets and the columns of the data."""

from __future__ import annotations

from nnrun.check.data import Seen
from nnrun.config.config import Config
from nnrun.config.predict import Anomaly
from nnrun.errors import Problem, did_you_mean, one_of


def problems(config: Config, seen: Seen) -> list[Problem]:
    """Answers that have no error for a row of which only the inputs are there; a column that is not there."""
    wanted = config.predict.anomaly
    if wanted is None:
        return []
    made = [target for target in config.data.targets if target.of_input and target.masked is None]
    found = []
    if config.models or len(made) != 1 or len(config.data.targets) != 1:
        what = "anomaly looks at the error of a row, and of new rows nothing is known but the inputs"
        expected = "one target that is made of an input: `target: {copy: INPUT}`"
        found.append(Problem(what, wanted.where, expected))
    return found + _column(config, seen, wanted)


def _column(config: Config, seen: Seen, wanted: Anomaly) -> list[Problem]:
    """The column that says which rows are anomalies: it is there, and no input."""
    entries = [entry for entries in (config.data.features or {}).values() for entry in entries]
    told = next((entry for entry in entries if wanted.truth in entry.columns), None)
    if told is not None:
        what = f"{wanted.truth} says which rows are anomalies, and it is among the features"
        return [Problem(what, told.place(str(wanted.truth)), hint="take it out of the features")]
    peek = seen.peek
    known = [*(peek.columns or ()), *peek.arrays, *peek.targets, *([peek.target] if peek.target else [])]
    if wanted.truth is None or not known or wanted.truth in known:
        return []
    hint = did_you_mean(wanted.truth, known)
    return [Problem(f"there is no column {wanted.truth!r}", wanted.where, one_of(known, hint), hint)]
