"""A training whose loss is lost ends at that batch, and says which lines of the file were in it."""

from __future__ import annotations

import re
from pathlib import Path

import tiny
from commandline import Nnrun

from nnrun.runs.run import Run


def test_diverged_names_the_lines_of_the_batch(nnrun: Nnrun, folder: Path) -> None:
    features = "data.features=[{raw: [weight]}]"
    settings = (features, "data.target=height", "task=regression", "compile.optimizer={SGD: 1e9}", "report.figures=[]")
    ended = nnrun("train", tiny.write(folder), *(part for setting in settings for part in ("-s", setting)))
    assert ended.code == 5
    told = re.search(r"the loss is (inf|nan) in epoch \d+, batch \d+ \((line \d+, ){4}line \d+ and 3 more\)", ended.err)
    assert told is not None, ended.err
    assert Run.open(folder / "runs" / "tiny").status == "diverged"


def test_diverged_units_that_do_not_fit_the_classes_are_told(nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun("train", tiny.write(folder), "-s", "model.outputs={Dense: {units: 1, activation: sigmoid}}")
    assert ended.code == 2
    assert "the output 'kind' has 1 unit for 3 classes" in ended.err
    assert "3 units with the loss SparseCategoricalCrossentropy" in ended.err
