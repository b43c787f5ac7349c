"""R11: malformed tables through the real reading and preparation, under each policy of `on_bad`."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from malformed import KINDS, NAMES, Case, case
from tally import record

from nnrun import experiment
from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset
from nnrun.data.headers import open_binary
from nnrun.errors import NnrunError
from nnrun.training.material import prepared

CASES = 1_000
POLICIES: tuple[OnBad, ...] = ("fail", "skip", "report")
CONFIG = """\
data:
  source: {{csv: houses.csv}}
  target: price
  on_bad: {policy}
  features:
    - normalize: [area, rooms]
    - one_hot: {{columns: city, num_oov_indices: 1}}
task: regression
model: {{layers: [{{Dense: 4}}]}}
"""


def test_malformed_csvs_some_of_them(tmp_path: Path) -> None:
    trial(range(0, CASES, 10), tmp_path)


@pytest.mark.nightly
def test_malformed_csvs_all_of_them(tmp_path: Path) -> None:
    trial(range(CASES), tmp_path)
    record("R11", points=CASES, passed=CASES)


def test_malformed_csvs_are_of_every_kind() -> None:
    """The generator does what it says: every kind of fault occurs, and all levels are tried."""
    cases = [case(number) for number in range(CASES)]
    assert {kind for found in cases for kind in found.done} == KINDS
    assert {found.level for found in cases} == {"file", "row", "cell", "none"}


def trial(numbers: range, folder: Path) -> None:
    """Every case under every policy; the cases that do not hold are told together."""
    wrong = []
    for number in numbers:
        tried = case(number)
        home = folder / str(number)
        home.mkdir()
        path = tried.write(home)
        for policy in POLICIES:
            (home / "config.yaml").write_text(CONFIG.format(policy=policy))
            told = _wrong(tried, path, policy)
            if told:
                wrong.append(f"case {number}, {policy}, {', '.join(tried.done)}: {told}")
    assert not wrong, "\n\n".join(wrong)


def _wrong(tried: Case, path: Path, policy: OnBad) -> str:
    """What is wrong with what became of a case; nothing where all is well."""
    try:
        config = experiment.load(path.parent / "config.yaml")
        dataset = experiment.read_data(config, experiment.Options())
        prepared(config, dataset, np.arange(dataset.size))
    except NnrunError as error:
        return _refusal(tried, path, policy, str(error))
    except Exception as error:
        return f"a traceback: {type(error).__name__}: {error}"
    if policy == "fail" and dataset.bad:
        return "rows were left out, and nothing was said"
    if policy == "fail" and tried.level in ("row", "cell"):
        return "a bad row was taken for a good one"
    return _rows(path, dataset)


def _refusal(tried: Case, path: Path, policy: OnBad, told: str) -> str:
    if tried.level == "file" and "does not exist" in told:  # the line of names is another: told where the YAML names it
        return "" if f"{path.parent / 'config.yaml'}:" in told else f"the place is not named: {told}"
    if str(path) not in told:
        return f"the file is not named: {told}"
    if tried.level == "none":
        return f"a good table was refused: {told}"
    if tried.level in ("row", "cell") and policy != "fail":
        return f"rows that could be left out were refused: {told}"
    if tried.level in ("row", "cell") and not re.search(rf"^{re.escape(str(path))}:\d+:\d+: ", told):
        return f"the row is not named: {told}"
    if tried.level == "cell" and not any(repr(name) in told for name in NAMES):
        return f"the column is not named: {told}"
    return ""


def _rows(path: Path, dataset: Dataset) -> str:
    """Rows in = rows used + rows left out, counted by the lines of the file and not by the reader."""
    with open_binary(path) as stream:
        lines = re.split(rb"\r\n|\r|\n", stream.read().removeprefix(b"\xef\xbb\xbf"))
    filled = {number: line for number, line in enumerate(lines, start=1) if line.strip(b" \t")}
    assert dataset.lines is not None
    used, left_out = dataset.lines.tolist(), [bad.row for bad in dataset.bad]
    if len({*used, *left_out}) != len(used) + len(left_out):
        return "a row was counted twice"
    if len(used) != dataset.size:
        return "a row has no line"
    counted = {next(iter(filled)), *used, *left_out}  # the line of names, and the rows
    for number in filled:
        before = max((place for place in counted if place < number), default=0)
        inside_quotes = before and b'"' in filled[before]
        if number not in counted and not inside_quotes:
            return f"line {number} was neither used nor left out"
    return ""
