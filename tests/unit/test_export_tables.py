"""What a script reads of a table is what nnrun reads of it."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nnrun.config.spec import Spec
from nnrun.data.categories import as_text
from nnrun.data.files import Roots
from nnrun.data.sources import read
from nnrun.errors import ConfigError, Where
from nnrun.export import sources
from nnrun.export.code import Code, Script

TABLE = pd.DataFrame({"part": ["a", "b", "a", "a"], "kind": [">5 ", ">5.", "?", "<5"], "x": [1.5, None, 3, 4]})
SHARED: dict[str, Any] = {
    "strip": True,
    "na_values": ["?"],
    "values": {"kind": {">5.": ">5"}},
    "where": {"part": ["a", "b"]},
    "limit": 3,
}


def scripted(folder: Path, name: str, settings: dict[str, Any]) -> tuple[Any, Any]:
    """The table as the script and as nnrun read it."""
    dataset = read(name, settings, Roots(folder))
    script = Script()
    script.section("The data")
    written = {**settings, "path": Code(f'HERE / "{settings["path"]}"')}
    found = sources.read(script, Spec(name, settings, Where(""), "sources"), written, "", dataset)
    names: dict[str, Any] = {"HERE": folder}
    exec(script.text([], [], []), names)
    return names[found.table], dataset.columns


def same(folder: Path, name: str, settings: dict[str, Any]) -> None:
    ours, theirs = scripted(folder, name, settings)
    assert list(ours.columns) == list(theirs.columns)
    for column in theirs.columns:
        texts = [as_text(table[column].to_numpy(dtype=object)).tolist() for table in (ours, theirs)]
        assert texts[0] == texts[1], column


@pytest.mark.parametrize("settings", [{}, SHARED], ids=["plain", "settings"])
@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "excel", "parquet"])
def test_export_reads_a_table_as_nnrun_does(name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    path = {"excel": "t.xlsx"}.get(name, f"t.{name}")
    file = tmp_path / path
    if name in ("json", "jsonl"):
        TABLE.to_json(file, orient="records", lines=name == "jsonl")
    else:
        getattr(TABLE, f"to_{name}")(file, **({} if name == "parquet" else {"index": False}))
    same(tmp_path, name, {"path": path, **settings})


def test_export_reads_json_at_its_pointer(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"train": [["hi there", "greet"], ["bye", "part"]]}))
    same(tmp_path, "json", {"path": "t.json", "pointer": "/train", "names": ["text", "intent"]})


def test_export_reads_text_as_it_is_written(tmp_path: Path) -> None:
    text = 'made by x\n# a\nKöln\t"one\t1\n# b\nBonn\ttwo"\t2\n'
    (tmp_path / "t.tsv").write_bytes(text.encode("latin-1"))
    given = {"header": ["city", "n", "m"], "quoting": False, "skip_rows": 1, "comment": "#", "encoding": "latin-1"}
    same(tmp_path, "csv", {"path": "t.tsv", **given})


def test_export_refuses_a_sign_of_comments_inside_of_cells(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("# a\nx,y\n1,no. #2\n")
    with pytest.raises(ConfigError, match="'y' has '#' inside of a cell"):
        scripted(tmp_path, "csv", {"path": "t.csv", "comment": "#"})


def test_export_refuses_dates_of_files_with_types(tmp_path: Path) -> None:
    pd.DataFrame({"when": pd.to_datetime(["2020-01-02", "2021-03-04"])}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(ConfigError, match="'when' holds dates"):
        scripted(tmp_path, "parquet", {"path": "t.parquet"})
