"""The second guard: a key that the check accepted and that nothing takes up is an error, not silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnrun.config import load_config
from nnrun.config.sections import COMPILE, FIT
from nnrun.errors import ConfigError
from nnrun.training import consumed, feeds, fitting


def test_consumed_tells_the_key_and_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "data: {source: {sklearn: digits}}\nmodel: {layers: [Flatten]}\nfit:\n  epochs: 3\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError) as caught:
        consumed.require(load_config(file), "fit", ("batch_size",))
    problem = caught.value.problems[0]
    assert problem.what == "fit.epochs was accepted, and nothing has used it"
    assert problem.where is not None
    assert problem.where.line == 4


def test_consumed_every_key_of_fit_is_taken_up_somewhere() -> None:
    assert sorted((*fitting.TAKEN, *feeds.TAKEN)) == sorted(FIT)


def test_consumed_metrics_of_a_model_without_targets_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        "data: {source: {sklearn: digits}}\nmodel: {layers: [Flatten]}\ncompile: {metrics: [accuracy]}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=r"compile\.metrics was accepted"):
        consumed.require(load_config(file), "compile", [key for key in COMPILE if key != "metrics"])
