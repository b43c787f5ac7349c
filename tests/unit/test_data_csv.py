import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError


def table(tmp_path: Path, text: str | bytes, **settings: Any) -> Any:
    (tmp_path / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return read("csv", {"path": "t.csv", **settings}, Roots(tmp_path))


def refusal(tmp_path: Path, text: str | bytes, **settings: Any) -> str:
    with pytest.raises(DataError) as caught:
        table(tmp_path, text, **settings)
    return str(caught.value)


def test_csv_types_blanks_and_lines(tmp_path: Path) -> None:
    data = table(tmp_path, "a,b,c\n1,2.5,x\n\n3,,NA\n")
    assert data.size == 2
    assert [str(dtype) for dtype in data.columns.dtypes[:2]] == ["int64", "float64"]
    assert data.columns["c"].tolist() == ["x", "NA"]
    assert np.isnan(data.columns["b"][1])
    assert data.lines.tolist() == [2, 4]
    assert data.files == (tmp_path / "t.csv",)


def test_csv_gzip_names_strip_and_na_values(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"39, State-gov , ?\n50, Private,7 \n"))
    settings = {"path": "t.csv.gz", "names": ["age", "work", "x"], "strip": True, "na_values": ["?"]}
    columns = read("csv", settings, Roots(tmp_path)).columns
    assert columns is not None
    assert columns["age"].tolist() == [39, 50]
    assert columns["work"].tolist() == ["State-gov", "Private"]
    assert np.isnan(columns["x"][0])
    assert columns["x"][1] == 7.0


def test_csv_question_mark_is_text_unless_named(tmp_path: Path) -> None:
    assert table(tmp_path, "a\n1\n?\n").columns["a"].tolist() == ["1", "?"]


def test_csv_header_with_names_renames(tmp_path: Path) -> None:
    data = table(tmp_path, "p,q\n1,2\n", names=["a", "b"], header=True)
    assert data.columns.to_dict("list") == {"a": [1], "b": [2]}


def test_csv_quotes_delimiter_limit_and_byte_order_mark(tmp_path: Path) -> None:
    data = table(tmp_path, b'\xef\xbb\xbfa;b\n"x;y\nz";1\nq;2\nr;3\n', delimiter=";", limit=2)
    assert data.columns["a"].tolist() == ["x;y\nz", "q"]
    assert data.columns["b"].tolist() == [1, 2]
    assert data.lines.tolist() == [2, 4]


@pytest.mark.parametrize(("row", "count"), [("1", 1), ("1,2,3", 3), ('"x",2,3', 3)])
def test_csv_ragged_row_is_named_with_its_line(tmp_path: Path, row: str, count: int) -> None:
    text = refusal(tmp_path, f"a,b\n1,2\n\n{row}\n")
    assert text.startswith(f"{tmp_path / 't.csv'}:4:1: the row has {count} cells, the table 2 columns")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("a,b\n", "the file holds no rows"),
        ("a,b,a\n1,2,3\n", "two columns are called a"),
        ("a,,c\n1,2,3\n", "column 2 of 3 has no name"),
        ("1,2\n3,4\n", "the first line holds numbers"),
        (b"a,b\n1,x\n2,\xff\n", ":3:1: byte 0xff is not UTF-8"),
        (b"a,b\n1,x\n" + b"3,\x00\n", ":3:1: the row holds a zero byte"),
        ('a,b\n1,"x\n', ":2:1: the quotes of the row are wrong"),
    ],
)
def test_csv_broken_files(tmp_path: Path, text: str | bytes, message: str) -> None:
    assert message in refusal(tmp_path, text)


def test_csv_broken_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"1,2\n" * 1000)
    assert "cannot be read" in refusal(tmp_path, whole[:-12])


def test_csv_names_must_fit(tmp_path: Path) -> None:
    assert "3 names but 2 cells" in refusal(tmp_path, "1,2\n", names=["a", "b", "c"])
    assert "repeats `names`" in refusal(tmp_path, "a,b\n1,2\n", names=["a", "b"])
    assert "not one character" in refusal(tmp_path, "a,b\n1,2\n", delimiter=", ")


def test_csv_peek_reads_names_and_lists_missing(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a, b\n1\n")
    assert peek("csv", {"path": "t.csv"}, Roots(tmp_path)).columns == ("a", "b")
    gone = peek("csv", {"path": "no.csv", "names": ["x"]}, Roots(tmp_path))
    assert (gone.columns, gone.missing) == (("x",), ("no.csv",))


def test_csv_columns_without_names_are_called_by_their_place(tmp_path: Path) -> None:
    assert table(tmp_path, "1,2\n3,4\n", header=False).columns.to_dict("list") == {"0": [1, 3], "1": [2, 4]}
    assert list(table(tmp_path, "1,2\n", header=["a", "b"]).columns) == ["a", "b"]
    assert "`names` and `header` both" in refusal(tmp_path, "1,2\n", header=["a", "b"], names=["a", "b"])


def test_csv_of_tabs_without_quotes(tmp_path: Path) -> None:
    (tmp_path / "t.tsv.gz").write_bytes(gzip.compress(b'label\ttext\nham\t"Hi, you\nspam\tfree "prize"\n'))
    columns = read("csv", {"path": "t.tsv.gz", "quoting": False}, Roots(tmp_path)).columns
    assert columns is not None
    assert columns["text"].tolist() == ['"Hi, you', 'free "prize"']


def test_csv_passes_over_lines_and_takes_encodings(tmp_path: Path) -> None:
    text = 'made by x\n# a, b\ncity,n\nKöln,1\n# 3\n"a\n\n# b",2\n'
    data = table(tmp_path, text.encode("latin-1"), skip_rows=1, comment="#", encoding="latin-1")
    assert data.columns.to_dict("list") == {"city": ["Köln", "a\n\n# b"], "n": [1, 2]}
    assert data.lines.tolist() == [4, 6]
    assert table(tmp_path, "city\nKöln\n".encode("utf-16"), encoding="utf-16").columns["city"].tolist() == ["Köln"]
    assert "there is no encoding 'utf-9'" in refusal(tmp_path, "a\n", encoding="utf-9")
    assert "there is no encoding 'base64'" in refusal(tmp_path, "a\n", encoding="base64")


def test_csv_values_that_hide_numbers(tmp_path: Path) -> None:
    data = table(tmp_path, "x,y\n1,>50K.\nnone,<=50K\n", values={"x": {"none": 0}, "y": {">50K.": ">50K"}})
    assert data.columns["y"].tolist() == [">50K", "<=50K"]
    assert pd.to_numeric(data.columns["x"]).tolist() == [1, 0]


def test_csv_leaves_bad_rows_out_and_names_each_line(tmp_path: Path) -> None:
    text = b'a,b\n1,x\n2\n3,\xff\n4,\x00\n5,"y\n6,z"w\n\n7,v\n'
    (tmp_path / "t.csv").write_bytes(text)
    data = read("csv", {"path": "t.csv"}, Roots(tmp_path), on_bad="skip")
    assert data.columns is not None
    assert data.lines is not None
    assert (data.columns["a"].tolist(), data.columns["b"].tolist()) == ([1, 7], ["x", "v"])
    assert (data.lines.tolist(), [bad.row for bad in data.bad]) == ([2, 9], [3, 4, 5, 6, 7])
    assert [bad.value for bad in data.bad[3:]] == ['5,"y', '6,z"w']
    assert data.bad[4].what.startswith("part of the row of line 6: the quotes of the row are wrong")


def test_csv_a_quote_that_is_never_closed_hides_no_row_in_silence(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,x\n2,"y\n' + "".join(f"{number},z\n" for number in range(50)))
    data = read("csv", {"path": "t.csv"}, Roots(tmp_path), on_bad="report")
    assert (data.size, len(data.bad)) == (1, 51)


def test_csv_all_rows_bad_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1\n2\n")
    with pytest.raises(DataError, match=r"all 2 rows are left out, the first: .*t.csv:2:1: the row has 1 cells"):
        read("csv", {"path": "t.csv"}, Roots(tmp_path), on_bad="skip")


def test_csv_packed_file_that_is_cut_off_names_the_line_it_reached(tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(20_000)))
    (tmp_path / "t.csv").write_bytes(whole[:-400])
    with pytest.raises(DataError, match=r"t.csv:\d{4,}:1: behind this line the file cannot be read"):
        read("csv", {"path": "t.csv"}, Roots(tmp_path), on_bad="skip")
