"""The page about reliability says what the fault tests counted."""

from __future__ import annotations

import re

import reliability


def test_reliability_the_table_sums_the_counts_of_a_promise() -> None:
    tally = [
        {"name": "R6", "points": 60, "passed": 60, "note": "95 of 100 stop within 0.42 s"},
        {"name": "R1", "points": 1_200, "passed": 1_199, "note": "dense"},
        {"name": "R1", "points": 30, "passed": 30, "note": "cnn"},
    ]
    lines = reliability.table(tally, "Counted today.").strip().splitlines()
    assert lines[2] == "| R1 | kill -9 before every operation that changes a file | 1,230 | 1,229 |"
    assert lines[3] == "| R2 | kill -9 at a random time, every third again while it goes on | - | - |"
    assert lines[7] == "| R6 | SIGTERM, SIGINT, SIGHUP at a random time; 95 of 100 stop within 0.42 s | 60 | 60 |"
    assert lines[-1] == "Counted today."


def test_reliability_the_page_has_every_promise() -> None:
    text = reliability.PAGE.read_text(encoding="utf-8")
    written = text[text.index(reliability.BEGIN) : text.index(reliability.END)]
    assert re.findall(r"^\| (R\d+) \|", written, re.M) == list(reliability.WHAT)
