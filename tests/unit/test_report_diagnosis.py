"""Findings in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runfolders import classifier, write_run

from nnrun.report.diagnosis import diagnose
from nnrun.runs import process
from nnrun.runs.run import Run


def test_diagnosis_says_where_the_losses_part_and_with_which_numbers(tmp_path: Path) -> None:
    (finding,) = diagnose(classifier(tmp_path / "iris"))
    assert finding.what == "Training and validation loss part after epoch 4"
    assert finding.evidence == (
        "from there to epoch 12 the training loss went from 0.25 to 0.08333, the validation loss from 0.4 to 1.2"
    )
    assert finding.epoch == 4
    assert "EarlyStopping" in finding.advice


def test_diagnosis_says_when_validation_was_still_falling(tmp_path: Path) -> None:
    losses = [2 - 0.125 * epoch for epoch in range(10)]
    (finding,) = diagnose(write_run(tmp_path / "a", {"loss": losses, "val_loss": losses}))
    assert finding.what == "Validation loss was still falling at the end"
    assert finding.evidence == "from 2 to 0.875 in 10 epochs"


def test_diagnosis_of_a_loss_that_is_not_finite_says_nothing_else(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", {"loss": [1, 2, float("nan")], "val_loss": [1, 2, 3]}, status="diverged")
    (finding,) = diagnose(run)
    assert (finding.what, finding.epoch) == ("The loss is not a finite number any more", 3)


@pytest.mark.parametrize(
    ("status", "what"), [("failed", "The training failed"), ("running", "The training was interrupted")]
)
def test_diagnosis_begins_with_how_a_run_ended(tmp_path: Path, status: str, what: str) -> None:
    dead = process.identity() | {"pid": 2**22 + 1}
    (finding,) = diagnose(write_run(tmp_path / "a", {"loss": [2, 1]}, status=status, process=dead))
    assert finding.what == what
    assert "after 2 recorded epochs" in finding.evidence


def test_diagnosis_has_nothing_to_say_about_an_empty_run(tmp_path: Path) -> None:
    assert diagnose(write_run(tmp_path / "a")) == []
    assert diagnose(write_run(tmp_path / "b", {"loss": [0.5] * 9, "val_loss": [0.5] * 9})) == []


def test_diagnosis_says_when_a_model_is_no_better_than_the_trivial_answer(tmp_path: Path) -> None:
    write_run(tmp_path / "a")
    scores = {"test": {"loss": 0.7}, "floor": {"test": {"majority": {"loss": 0.69}}}}
    (tmp_path / "a" / "metrics.json").write_text(json.dumps(scores))
    (finding,) = diagnose(Run.open(tmp_path / "a"))
    assert finding.what == "The model is no better than the trivial answer (majority)"
    assert finding.evidence == "its test loss is 0.7, that of the trivial answer 0.69"
    for better in ({"test": {"loss": 0.68}}, {"regularization": {"test": 0.1}}):
        (tmp_path / "a" / "metrics.json").write_text(json.dumps({**scores, **better}))
        assert diagnose(Run.open(tmp_path / "a")) == []


@pytest.mark.parametrize(
    ("method", "what", "whose"),
    [
        ("linear", "a linear model of the same inputs", "the linear model"),
        ("persistence", "the last known value (persistence)", "the last known value"),
    ],
)
def test_diagnosis_says_when_a_simpler_model_is_as_good(tmp_path: Path, method: str, what: str, whose: str) -> None:
    """Judged on the test part alone, where there is one."""
    write_run(tmp_path / "a")
    floors = {"mean": {"loss": 2.0}, method: {"loss": 0.5}}
    scores = {"validation": {"loss": 0.7}, "test": {"loss": 0.6}, "floor": {"validation": floors, "test": floors}}
    (tmp_path / "a" / "metrics.json").write_text(json.dumps(scores))
    (finding,) = diagnose(Run.open(tmp_path / "a"))
    assert finding.what == f"The model is no better than {what}"
    assert finding.evidence == f"its test loss is 0.6, that of {whose} 0.5"
    (tmp_path / "a" / "metrics.json").write_text(json.dumps({**scores, "test": {"loss": 0.4}}))
    assert diagnose(Run.open(tmp_path / "a")) == []


def test_diagnosis_of_a_cross_validation_counts_the_folds_that_part(tmp_path: Path) -> None:
    parent = write_run(tmp_path / "cv")
    classifier(tmp_path / "cv" / "fold-1")
    write_run(tmp_path / "cv" / "fold-2", {"loss": [3, 2, 1], "val_loss": [3, 2, 1]})
    (finding,) = diagnose(parent)
    assert finding.what == "Training and validation loss part in 1 of 2 folds"
    assert finding.evidence == "after epoch 4"
