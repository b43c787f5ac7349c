"""Models whose steps do not fit: refused before Keras is loaded, or by Keras at the step's line; never a traceback."""

from __future__ import annotations

import random
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from misfits import Misfit
from tally import record

from nnrun.config import load_config
from nnrun.config.dump import dump
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, Problem
from nnrun.model.build import build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

HEAD = {"label": Spec("Dense", {"units": 3, "activation": Spec("softmax", slot="activations")}, slot="layers")}
MOST = 300_000  # weights: what does not fit into it is not built here


def answer(file: Path, *, built: bool) -> str:
    """What becomes of the model of a file; `built` where Keras is asked too."""
    try:
        config = load_config(file)
    except ConfigError as error:
        return told("read", error.problems, file)
    shapes = dict(config.model.inputs or {})
    measure = Arithmetic()
    plan = expand(config.model, shapes, HEAD, None, measure)
    problems = (*plan.problems, *measure.problems)
    if problems:
        return told("arithmetic", problems, file)
    if not built or sum(row.parameters or 0 for row in measure.rows(plan)) > MOST:
        return "not built"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            build(plan, config.model, shapes, {}, HEAD, {}, "misfit")
    except ConfigError as error:
        return told("Keras", error.problems, file)
    return "built"


def told(by: str, problems: Iterable[Problem], file: Path) -> str:
    """Who refused it; every problem stands at a line of the file, and inside of a block tells the call."""
    for problem in problems:
        assert problem.where, f"{by}: no place: {problem}"
        assert problem.where.file == str(file), f"{by}: another place: {problem}"
        assert min(problem.where.line, problem.where.column) > 0, f"{by}: no line: {problem}"
        inside = problem.where.path.startswith("blocks.") and by != "read"
        assert not inside or "called at" in problem.hint, f"{by}: no call of the block: {problem}"
    return by


def hold_all(file: Path, seeds: Iterable[int], *, built: bool) -> Counter[str]:
    """Every seed's model; a failure names its seed and holds its text."""
    counts: Counter[str] = Counter()
    for seed in seeds:
        text = dump(Misfit(random.Random(seed)).config())
        file.write_text(text, encoding="utf-8")
        try:
            counts[answer(file, built=built)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error!r}\n{text}") from error
    print(dict(counts))
    record("R10", points=counts.total(), passed=counts.total(), note="")
    return counts


def test_wrong_shapes_are_refused_by_arithmetic(tmp_path: Path) -> None:
    counts = hold_all(tmp_path / "a.yaml", range(450), built=False)
    assert counts["arithmetic"] > 150


def test_wrong_shapes_that_keras_refuses_are_told_at_their_line(tmp_path: Path) -> None:
    counts = hold_all(tmp_path / "a.yaml", range(450, 500), built=True)
    assert counts["built"] > 0


@pytest.mark.nightly
def test_wrong_shapes_of_five_thousand_models(tmp_path: Path) -> None:
    counts = hold_all(tmp_path / "a.yaml", range(5_000), built=True)
    assert min(counts["Keras"], counts["built"], counts["arithmetic"]) > 50
