"""`data.on_bad` in a run: what is said, and which files name the rows that were left out."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from commandline import Nnrun

CONFIG = """\
data:
  source: {csv: houses.csv}
  target: price
  features: {normalize: [area, rooms]}
model: {layers: [{Dense: 2}]}
"""


@pytest.fixture
def houses(folder: Path) -> Path:
    rows = [f"{50 + number},{number % 5},{100 + 1.5 * number}" for number in range(60)]
    rows[7], rows[8], rows[9] = "50,3", "=1+1,3,99.5", "inf,2,120.5"
    (folder / "houses.csv").write_text("\n".join(["area,rooms,price", *rows]) + "\n")
    (folder / "houses.yaml").write_text(CONFIG)
    return folder / "houses.yaml"


def test_bad_rows_fail_with_file_and_line(nnrun: Nnrun, houses: Path) -> None:
    failed = nnrun("train", houses)
    assert failed.code == 3
    assert f"{houses.with_suffix('.csv')}:9:1: the row has 2 cells, the table 3 columns" in failed.err


@pytest.mark.parametrize("policy", ["skip", "report"])
def test_bad_rows_are_left_out_and_named(policy: str, nnrun: Nnrun, houses: Path) -> None:
    trained = nnrun("train", houses, "--smoke", "-s", f"data.on_bad={policy}")

    assert trained.code == 0, trained.err
    assert "csv: 3 of 60 rows are left out, the first:" in trained.err
    about = json.loads((trained.run / "data.json").read_text())
    assert (about["rows"], about["bad_rows"]["count"]) == (57, 3)
    assert [row["row"] for row in about["bad_rows"]["first"]] == [9, 10, 11]
    assert f"on_bad: {policy}" in (trained.run / "resolved.yaml").read_text()
    table = trained.run / "bad_rows.csv"
    assert table.exists() is (policy == "report")
    if policy == "report":
        told = list(csv.DictReader(table.read_text().splitlines()))
        assert [(row["row"], row["column"], row["value"]) for row in told] == [
            ("9", "", "50,3"),
            ("10", "area", "'=1+1"),  # no formula for a spreadsheet
            ("11", "area", "inf"),
        ]
