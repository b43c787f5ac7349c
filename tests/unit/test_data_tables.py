"""The sources of tables beside csv, and what all of them share."""

import builtins
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.data.bad import OnBad
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError, MissingError, NnrunError, SettingError


def rows(folder: Path, name: str, path: str, on_bad: OnBad = "fail", **settings: Any) -> Dataset:
    return read(name, {"path": path, **settings}, Roots(folder), on_bad=on_bad)


def values(dataset: Dataset) -> dict[str, list[Any]]:
    assert dataset.columns is not None
    return {str(name): dataset.columns[name].tolist() for name in dataset.columns}


def write(folder: Path, name: str, text: str | bytes) -> None:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)


def test_json_takes_objects_lists_and_columns(tmp_path: Path) -> None:
    write(tmp_path, "objects.json", '[{"a": 1, "b": "x"}, {"b": null, "a": 2.5}]')
    write(tmp_path, "lists.json", "[[1, 2], [3, 4]]")
    write(tmp_path, "columns.json", '{"a": [1, 2], "b": ["x", null]}')

    assert values(rows(tmp_path, "json", "objects.json"))["a"] == [1, 2.5]
    assert values(rows(tmp_path, "json", "lists.json")) == {"0": [1, 3], "1": [2, 4]}
    assert values(rows(tmp_path, "json", "lists.json", names=["a", "b"])) == {"a": [1, 3], "b": [2, 4]}
    assert values(rows(tmp_path, "json", "columns.json"))["b"][0] == "x"
    assert peek("json", {"path": "columns.json"}, Roots(tmp_path)).columns == ("a", "b")


def test_json_follows_a_pointer_in_a_packed_file(tmp_path: Path) -> None:
    data = {"a/b": {"rows~": [{"x": 1}]}, "list": [0, [{"x": 2}]]}
    write(tmp_path, "t.json.gz", gzip.compress(json.dumps(data).encode()))

    assert values(rows(tmp_path, "json", "t.json.gz", pointer="/a~1b/rows~0")) == {"x": [1]}
    assert values(rows(tmp_path, "json", "t.json.gz", pointer="/list/1")) == {"x": [2]}
    with pytest.raises(SettingError, match=r"nothing at /lists(.|\n)*did you mean 'list'"):
        rows(tmp_path, "json", "t.json.gz", pointer="/lists")
    with pytest.raises(SettingError, match="begin with a slash"):
        rows(tmp_path, "json", "t.json.gz", pointer="list")


def test_json_parts_of_one_file_are_parts_under_other_pointers_only(tmp_path: Path) -> None:
    write(tmp_path, "t.json", '{"train": [[1, "x"]], "test": [[2, "y"]]}')
    train, test = (rows(tmp_path, "json", "t.json", pointer=f"/{part}", names=["a", "b"]) for part in ("train", "test"))

    whole = combine(train, {"test": test})

    assert (whole.size, whole.parts["test"].tolist()) == (2, [1])
    with pytest.raises(DataError, match=r"`data.test` is the same file as the source"):
        combine(train, {"test": train})


def test_csv_parts_of_one_file_are_refused_where_rows_are_in_both(tmp_path: Path) -> None:
    write(tmp_path, "t.csv", "year,x\n1,1\n2,2\n3,3\n")
    first = rows(tmp_path, "csv", "t.csv", where={"year": [1, 2]})
    last = rows(tmp_path, "csv", "t.csv", where={"year": 3})

    assert combine(first, {"test": last}).parts["test"].tolist() == [2]
    with pytest.raises(DataError, match="same file"):
        combine(first, {"test": rows(tmp_path, "csv", "t.csv", where={"year": [2, 3]})})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("3", "holds no rows"),
        ("[]", "holds no rows"),
        ('{"a": [1], "b": [1, 2]}', "not equally long: a 1, b 2"),
        ('{"train": [[1]], "test": [[2]]}', "several tables: /train, /test"),
        ('[{"a": 1}, 3]', "row 1: the row is 3"),
        ('[[1, 2], [3]]', "row 1: the row has 1 cells, the table 2 columns"),
        ('[{"a": 1}, {"a": {"b": 2}}]', "row 1: the column 'a' holds an object"),
    ],
)  # fmt: skip
def test_json_refuses_what_is_no_table(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "t.json", text)
    with pytest.raises(DataError) as caught:
        rows(tmp_path, "json", "t.json")
    assert message in str(caught.value)
    assert "t.json" in str(caught.value)


def test_json_leaves_bad_rows_out_and_names_the_others_as_before(tmp_path: Path) -> None:
    write(tmp_path, "t.json", '[{"a": 1}, 3, {"a": [4]}, {"a": 5}]')
    found = rows(tmp_path, "json", "t.json", "skip")
    assert found.lines is not None
    assert (values(found), found.lines.tolist()) == ({"a": [1, 5]}, ["row 0", "row 3"])
    assert [(bad.row, bad.column, bad.what) for bad in found.bad] == [
        (1, "", "the row is 3"),
        (2, "a", "the column 'a' holds a list"),
    ]


def test_jsonl_names_lines(tmp_path: Path) -> None:
    write(tmp_path, "t.jsonl", b'\xef\xbb\xbf{"a": 1, "b": "x"}\n\n{"a": \n{"a": 2}\n{"a": "\xff"}\n')
    with pytest.raises(DataError, match=r"t.jsonl:3:1: the row is no JSON"):
        rows(tmp_path, "jsonl", "t.jsonl")
    found = rows(tmp_path, "jsonl", "t.jsonl", "report")
    assert found.lines is not None
    assert (values(found)["a"], found.lines.tolist(), [bad.row for bad in found.bad]) == ([1, 2], [1, 4], [3, 5])


def test_excel_reads_a_sheet_by_name_or_place(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        pd.DataFrame({"a": [1]}).to_excel(book, sheet_name="first", index=False)
        table = {"a": [1, None], "when": pd.to_datetime(["2020-01-02", "2021-03-04"]), "c": ["x", "?"]}
        pd.DataFrame(table).to_excel(book, sheet_name="second", index=False)

    found = rows(tmp_path, "excel", "t.xlsx", sheet="second", na_values=["?"])

    assert values(rows(tmp_path, "excel", "t.xlsx")) == {"a": [1]}
    assert values(rows(tmp_path, "excel", "t.xlsx", sheet=1))["when"] == ["2020-01-02", "2021-03-04"]
    assert found.columns is not None
    assert found.lines is not None
    assert (found.columns.isna().sum().tolist(), found.lines.tolist()) == ([1, 0, 1], [2, 3])
    assert peek("excel", {"path": "t.xlsx", "sheet": "second"}, Roots(tmp_path)).columns == ("a", "when", "c")
    with pytest.raises(SettingError, match=r"there is no sheet 'secnd'(.|\n)*did you mean 'second'"):
        rows(tmp_path, "excel", "t.xlsx", sheet="secnd")


def test_excel_errors_in_cells_are_bad_rows(tmp_path: Path) -> None:
    pd.DataFrame({"a": [1, 2], "b": ["#DIV/0!", 3]}).to_excel(tmp_path / "t.xlsx", index=False)
    with pytest.raises(DataError, match=r"t.xlsx:2:1: the column 'b' holds the error #DIV/0!"):
        rows(tmp_path, "excel", "t.xlsx")
    assert values(rows(tmp_path, "excel", "t.xlsx", "skip")) == {"a": [2], "b": [3]}


def test_parquet_reads_in_pieces_what_where_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnrun.data.sources import parquet

    monkeypatch.setattr(parquet, "PIECE", 10)
    table = pd.DataFrame({"x": range(95), "part": pd.Categorical(["a", "b", "b", "b", "b"] * 19)})
    table.to_parquet(tmp_path / "t.parquet", row_group_size=25)

    found = rows(tmp_path, "parquet", "t.parquet", where={"part": "a"}, limit=4)

    assert values(found) == {"x": [0, 5, 10, 15], "part": ["a"] * 4}
    assert found.lines is not None
    assert found.lines.tolist()[-1] == "row 15"
    assert rows(tmp_path, "parquet", "t.parquet", columns=["x"]).size == 95
    assert peek("parquet", {"path": "t.parquet"}, Roots(tmp_path)).rows == 95


def test_parquet_refuses_nested_columns(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1], "y": [[1, 2]]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match=r"'y' holds list(.|\n)*`columns: \[x\]`"):
        rows(tmp_path, "parquet", "t.parquet")


@pytest.mark.parametrize(("source", "package"), [("excel", "openpyxl"), ("parquet", "pyarrow")])
def test_missing_packages_are_told(source: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *others: Any, **names: Any) -> Any:
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return real(name, *others, **names)

    write(tmp_path, "t", "")
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingError, match=rf"needs the package {package}(.|\n)*pip install 'nnrun\[{source}\]'"):
        rows(tmp_path, source, "t")


ARFF = """\
% a comment
@RELATION trees
@ATTRIBUTE 'tall in m' NUMERIC
@attribute kind {oak, 'red, or so', 1}
@attribute note string
@data
12.5, oak, 'it\\'s old'
?,'red, or so',?
% between
7,1,plain
"""


def test_arff_keeps_classes_as_text(tmp_path: Path) -> None:
    write(tmp_path, "t.arff", ARFF)
    found = rows(tmp_path, "arff", "t.arff")
    assert found.columns is not None
    assert found.lines is not None
    assert found.columns["kind"].tolist() == ["oak", "red, or so", "1"]
    assert found.columns["note"].fillna("").tolist() == ["it's old", "", "plain"]
    assert np.array_equal(found.columns["tall in m"], [12.5, np.nan, 7], equal_nan=True)
    assert (found.classes, found.lines.tolist()) == ({"kind": ("oak", "red, or so", "1")}, [7, 8, 10])
    assert peek("arff", {"path": "t.arff"}, Roots(tmp_path)).columns == ("tall in m", "kind", "note")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("@data", "@dat", ":6:1: the line '@dat' is no attribute"),
        (ARFF[ARFF.index("@data") :], "", "has no line @data"),
        ("NUMERIC", "relational", ":3:1: the line"),
        ("12.5, oak, 'it\\'s old'", "{0 1}", "its rows are sparse"),
        ("7,1,plain", "7,1", ":10:1: the row has 2 cells, the table 3 columns"),
        ("kind {", "note {", "two attributes are called note"),
    ],
)
def test_arff_refusals(tmp_path: Path, old: str, new: str, message: str) -> None:
    write(tmp_path, "t.arff", ARFF.replace(old, new))
    with pytest.raises(DataError) as caught:
        rows(tmp_path, "arff", "t.arff")
    assert message in str(caught.value)


TS = "# x\n@problemName p\n@univariate {one}\n@equalLength {equal}\n@classLabel true up down\n@data\n"


def test_ts_of_several_dimensions_and_lengths(tmp_path: Path) -> None:
    head = TS.format(one="false", equal="false")
    write(tmp_path, "t.ts.gz", gzip.compress((head + "1,2,3:4,5,6:up\n7,8:9,10:down\n").encode()))

    found = rows(tmp_path, "ts", "t.ts.gz")

    assert found.arrays["series"].tolist() == [[[1, 4], [2, 5], [3, 6]], [[7, 9], [8, 10], [0, 0]]]
    assert (found.targets["label"].tolist(), found.classes) == (["up", "down"], {"label": ("up", "down")})
    assert found.notes == ("t.ts.gz: 1 of 2 series are shorter than 3 steps and end in zeros",)
    assert rows(tmp_path, "ts", "t.ts.gz", length=5).arrays["series"].shape == (2, 5, 2)
    with pytest.raises(DataError, match=r":7:1: the series has 3 steps, more than the `length` of 2"):
        rows(tmp_path, "ts", "t.ts.gz", length=2)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,x:up", ":7:1: the series holds 'x'"),
        ("1,?:up", ":7:1: the series has a blank in it"),
        ("1,inf:up", ":7:1: the series holds NaN, an infinity"),
        ("1,2:sideways", ":7:1: the label 'sideways' is none of the classes up, down"),
        ("1,2:3,4:up", ":7:1: the row has 2 dimensions, the file 1"),
        ("", "holds no series"),
    ],
)
def test_ts_bad_rows(tmp_path: Path, row: str, message: str) -> None:
    write(tmp_path, "t.ts", TS.format(one="true", equal="true") + row + "\n")
    with pytest.raises(DataError) as caught:
        rows(tmp_path, "ts", "t.ts")
    assert message in str(caught.value)


def test_ts_peek_tells_the_shape(tmp_path: Path) -> None:
    write(tmp_path, "t.ts", TS.format(one="true", equal="true").replace("@data", "@seriesLength 2\n@data") + "1,2:up\n")
    told = peek("ts", {"path": "t.ts"}, Roots(tmp_path))
    assert (told.arrays, told.num_classes, told.target) == ({"series": (2, 1)}, 2, "label")


@pytest.mark.parametrize("name", ["csv", "json", "jsonl", "excel", "parquet"])
def test_tables_share_values_where_and_limit(name: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"part": ["a", "b", "a", "a"], "kind": [">5", ">5.", "<5", ">5."], "x": [1, 2, 3, 4]})
    if name == "csv":
        table.to_csv(tmp_path / "t", index=False)
    elif name == "excel":
        table.to_excel(tmp_path / "t.xlsx", index=False)
    elif name == "parquet":
        table.to_parquet(tmp_path / "t")
    else:
        table.to_json(tmp_path / "t", orient="records", lines=name == "jsonl")
    path = "t.xlsx" if name == "excel" else "t"

    given: dict[str, Any] = {"values": {"kind": {">5.": ">5"}, "x": {3: 30}}, "where": {"part": "a"}}

    assert values(rows(tmp_path, name, path, **given)) == {
        "part": ["a"] * 3,
        "kind": [">5", "<5", ">5"],
        "x": [1, 30, 4],
    }
    assert values(rows(tmp_path, name, path, **given, limit=2))["x"] == [1, 30]
    wrongs: list[tuple[dict[str, Any], str]] = [
        ({"where": {"parts": "a"}}, "did you mean 'part'"),
        ({"where": {"part": "c"}}, "no row has part c"),
        ({"values": {"x": 3}}, "`values` of 'x' is 3"),
        ({"limit": 0}, "limit is 0"),
    ]
    for wrong, message in wrongs:
        with pytest.raises(NnrunError, match=message):
            rows(tmp_path, name, path, **wrong)
