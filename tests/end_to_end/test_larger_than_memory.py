"""R19: a table that is larger than memory trains from files on the disk, to the same numbers as one in memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commandline import Nnrun
from PIL import Image
from tally import record

from nnrun.data.file_table import FileTable, filed
from nnrun.data.files import Roots
from nnrun.data.sources import read

CONFIG = """
data:
  source: {csv: big.csv}
  target: y
  split: {strategy: random, validation: 0.2, test: 0.2}
model: {layers: [{Dense: {units: 8, activation: relu}}]}
fit: {epochs: 2, batch_size: BATCH}
"""


def write_table(path: Path, size: int) -> int:
    """A table of at least so many bytes, ten numbers with blanks and a category to learn from; gives its rows."""
    random = np.random.default_rng(0)
    rows = 0
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join([*(f"x{place}" for place in range(10)), "kind", "y"]) + "\n")
        while file.tell() < size:
            numbers = random.normal(size=(5000, 10)).round(4)
            kind = random.integers(0, 5, 5000)
            answer = (2 * numbers[:, 0] + numbers[:, 1] - kind).round(4)
            table = pd.DataFrame(numbers).mask(random.random((5000, 10)) < 0.01)
            table["kind"], table["y"] = [f"k{number}" for number in kind], answer
            file.write(table.to_csv(header=False, index=False))
            rows += 5000
    return rows


def test_table_in_files_trains_like_one_in_memory(tmp_path: Path, nnrun: Nnrun) -> None:
    write_table(tmp_path / "big.csv", 1_000_000)
    (tmp_path / "big.yaml").write_text(CONFIG.replace("BATCH", "512"), encoding="utf-8")
    found = {}
    for stream in ("true", "false"):
        where = ("--runs", tmp_path / "runs", "--name", stream, "-s", f"runtime.stream={stream}")
        ended = nnrun("train", tmp_path / "big.yaml", *where)
        assert ended.code == 0, ended.err
        found[stream] = json.loads((tmp_path / "runs" / stream / "metrics.json").read_text())
        found[stream]["floor"]["test"].pop("linear", None)  # of arrays in memory alone
        found[stream]["floor"]["validation"].pop("linear", None)
    assert found["true"] == found["false"]


def test_file_table_gives_the_columns_of_a_table(tmp_path: Path) -> None:
    write_table(tmp_path / "big.csv", 200_000)
    roots = Roots(tmp_path)
    held = read("csv", {"path": "big.csv"}, roots, stream=False)
    on_disk = read("csv", {"path": "big.csv"}, roots, stream=True)
    assert isinstance(on_disk.columns, FileTable)
    assert held.columns is not None
    assert on_disk.size == held.size
    for name in held.columns.columns:
        expected, given = held.columns[name], on_disk.columns[str(name)]
        assert list(given.isna()) == list(expected.isna())
        assert list(given.dropna()) == list(expected.dropna())
    piece = on_disk.columns.piece(10, 20)
    assert piece["x3"].tolist() == pytest.approx(held.columns["x3"].iloc[10:20].tolist(), nan_ok=True)
    assert piece["kind"].tolist() == held.columns["kind"].iloc[10:20].tolist()
    chosen = on_disk.columns.chosen(np.array([3, 5, 8]))
    assert chosen["y"].tolist() == held.columns["y"].iloc[[3, 5, 8]].tolist()


def test_file_table_takes_a_column_that_turns_into_text_as_text() -> None:
    pieces = [pd.DataFrame({"a": ["1", "02"], "b": ["1", "2"]}), pd.DataFrame({"a": ["x", "4"], "b": ["5", "2.5"]})]

    def read_again(text: list[str]) -> list[pd.DataFrame]:
        found = []
        for piece in pieces:
            numbers = {name: pd.to_numeric(piece[name], errors="coerce") for name in piece if name not in text}
            known = {str(name): column for name, column in numbers.items() if column.notna().all()}
            found.append(piece.assign(**known))
        return found

    table = filed(lambda text: iter(read_again(list(text))))
    assert table["a"].tolist() == ["1", "02", "x", "4"]
    assert table["b"].tolist() == [1.0, 2.0, 5.0, 2.5]


def test_parquet_is_read_into_files_too(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    write_table(tmp_path / "big.csv", 200_000)
    pd.read_csv(tmp_path / "big.csv").to_parquet(tmp_path / "big.parquet", row_group_size=500)
    roots = Roots(tmp_path)
    held = read("parquet", {"path": "big.parquet"}, roots, stream=False)
    on_disk = read("parquet", {"path": "big.parquet"}, roots, stream=True)
    assert isinstance(on_disk.columns, FileTable)
    assert held.columns is not None
    pd.testing.assert_frame_equal(on_disk.columns.piece(0, on_disk.size), held.columns, check_dtype=False)


@pytest.mark.nightly
def test_a_table_of_a_gigabyte_trains_in_a_gigabyte_and_a_half(tmp_path: Path) -> None:
    rows = write_table(tmp_path / "big.csv", 10**9)
    (tmp_path / "big.yaml").write_text(CONFIG.replace("BATCH", "8192").replace("epochs: 2", "epochs: 1"))
    limit = "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_DATA, (3 * 2**30, 3 * 2**30)); "
    code = limit + "sys.argv[0] = 'nnrun'; runpy.run_module('nnrun', run_name='__main__')"
    command = [sys.executable, "-c", code, "train", "big.yaml", "-q"]
    began = time.perf_counter()
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    assert ended.returncode == 0, ended.stderr
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    note = f"{rows:,} rows, {peak / 1e9:.2f} GB resident, {seconds:.0f} s"
    print(note)
    record("R19", points=1, passed=int(peak <= 1.5e9), note=note)
    assert peak <= 1.5e9


def test_table_in_files_has_pictures_and_a_test_part_of_its_own(tmp_path: Path, nnrun: Nnrun) -> None:
    random = np.random.default_rng(0)
    for part, rows in (("train", 40), ("test", 20)):
        lines = ["file,size,kind"]
        for row in range(rows):
            name = f"{part}{row}.png"
            Image.fromarray(random.integers(0, 255, (8, 8), dtype=np.uint8)).save(tmp_path / name)
            lines.append(f"{name},{row % 7},{'ab'[row % 2]}")
        (tmp_path / f"{part}.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "pictures.yaml").write_text(
        "data:\n  source: {csv: train.csv}\n  test: {csv: test.csv}\n  target: kind\n"
        "  features: {table: {normalize: size}, picture: {image: {columns: file, color_mode: grayscale}}}\n"
        "  split: {strategy: random, validation: 0.2}\n"
        "model: {layers: [{Flatten: {from: picture}}, {Concatenate: {from: [previous, table]}}, {Dense: 4}]}\n"
        "fit: {epochs: 1}\n"
    )
    found = {}
    for stream in ("true", "false"):
        where = ("--runs", tmp_path / "runs", "--name", stream, "-s", f"runtime.stream={stream}")
        ended = nnrun("train", tmp_path / "pictures.yaml", *where)
        assert ended.code == 0, ended.err
        found[stream] = json.loads((tmp_path / "runs" / stream / "metrics.json").read_text())
        for part in ("validation", "test"):
            found[stream]["floor"][part].pop("linear", None)
    assert found["true"] == found["false"]
