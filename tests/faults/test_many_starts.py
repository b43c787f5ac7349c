"""Many processes at once: every start gets a folder of its own, and only one of them goes on with a run."""

from __future__ import annotations

import signal
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from breaking import SHARES, reference, settle, undisturbed, wrong
from experiments import lengthened
from laboratory import laboratory
from tally import record

from nnrun.runs.run import runs_in

SOON = 0.5  # seconds, in which all of them are ready to begin


@pytest.mark.parametrize("whole", SHARES)
def test_many_starts_in_the_same_second_get_a_folder_each(whole: bool, tmp_path: Path) -> None:
    """Folder and lock come before the training, where each of them is stopped."""
    count = 100 if whole else 30
    lab, config = laboratory(), reference("dense").config
    command: list[str | Path] = ["train", config, "--runs", tmp_path / "runs", "-q"]
    at = time.time() + SOON
    cases = [lab.start(command, tmp_path / str(n), at=at, before="training") for n in range(count)]
    ended = [case.wait() for case in cases]
    said = [one.said for one in ended if one.code != 0]
    found = runs_in(tmp_path / "runs")
    record("R7", points=count, passed=len(found), note="starts in one second")
    assert said == []
    assert len(found) == count


def test_many_starts_that_run_whole_do_not_disturb_each_other(tmp_path: Path) -> None:
    lab, alone = laboratory(), reference("dense")
    command: list[str | Path] = ["train", alone.config, "--runs", tmp_path / "runs", "-q"]
    at = time.time() + SOON
    cases = [lab.start(command, tmp_path / str(n), at=at) for n in range(5)]
    ended = [case.wait() for case in cases]
    complaints = [complaint for one in ended if (complaint := wrong(alone, tmp_path, one))]
    settle("R7", 5, complaints, "whole runs at once")
    assert len(runs_in(tmp_path / "runs")) == 5


def test_many_starts_of_one_resume_have_one_winner(tmp_path: Path) -> None:
    lab = laboratory()
    endless = lengthened("dense", 100_000)
    whole = undisturbed(lengthened("dense", 60))
    config = endless.write(lab.folder)
    case = lab.start(["train", config, "--runs", "runs"], tmp_path)
    time.sleep(whole.seconds)
    case.signal(signal.SIGTERM)
    assert case.wait().code == 128 + signal.SIGTERM
    [run] = runs_in(tmp_path / "runs")
    at = time.time() + SOON
    cases = [lab.start(["resume", run.path], tmp_path / str(n), at=at) for n in range(20)]
    with ThreadPoolExecutor(len(cases)) as waiting:
        left = {waiting.submit(case.wait): case for case in cases}
        losers = []
        for done in as_completed(list(left)):
            losers.append(done.result())
            del left[done]
            if len(left) == 1:  # it would train for hours
                [(last, winner)] = left.items()
                winner.signal(signal.SIGTERM)
                break
        won = last.result()
    busy = [one for one in losers if one.code == 75]
    record("R7", points=20, passed=len(busy) + (won.code == 128 + signal.SIGTERM), note="resumes of one run")
    assert [one.said for one in losers if one.code != 75] == []
    assert won.code == 128 + signal.SIGTERM, won.said
