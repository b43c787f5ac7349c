"""Texts in folders, one long text as tokens."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from nnrun.data.files import Roots
from nnrun.data.sources import peek, read
from nnrun.errors import DataError


@pytest.fixture
def reviews(tmp_path: Path) -> Roots:
    for name, text in (("pos/b.txt", "good\r\nfilm"), ("neg/a.txt", "dull"), ("pos/c.txt", "déjà vu"), ("neg/.x", "")):
        path = tmp_path / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return Roots(tmp_path)


def load(roots: Roots, on_bad: Any = "fail", **settings: Any) -> Any:
    return read("texts", {"path": "p", **settings}, roots, on_bad=on_bad)


def test_texts_of_class_folders_are_a_table(reviews: Roots) -> None:
    data = load(reviews)
    assert data.columns.to_dict("list") == {
        "text": ["dull", "good\nfilm", "déjà vu"], "label": ["neg", "pos", "pos"],
    }  # fmt: skip
    assert (data.target, data.classes) == ("label", {"label": ("neg", "pos")})
    told = peek("texts", {"path": "p"}, reviews)
    assert (told.columns, told.target, told.num_classes, told.rows) == (("text", "label"), "label", 2, 3)
    assert load(reviews, class_names=["pos", "neg"]).columns["label"].tolist() == ["pos", "pos", "neg"]
    bare = load(reviews, labels="none")
    assert (list(bare.columns), bare.target, bare.size) == (["text"], None, 3)
    assert load(reviews, labels="none", limit=2).size == 2


def test_texts_that_cannot_be_read_are_named(reviews: Roots) -> None:
    (reviews.config_folder / "p/neg/latin.txt").write_bytes("déjà".encode("latin-1"))
    (reviews.config_folder / "p/neg/blank.txt").write_text(" \n")
    with pytest.raises(DataError, match="2 of its entries cannot be used") as caught:
        load(reviews)
    assert "neg/latin.txt is not in utf-8: byte 1 cannot be read" in str(caught.value)
    assert "neg/blank.txt holds no text" in str(caught.value)
    data = load(reviews, "skip")
    assert (data.size, len(data.bad)) == (3, 2)
    assert len(load(reviews, "report", encoding="latin-1").bad) == 1
    with pytest.raises(DataError, match="there is no encoding 'utf-9'"):
        load(reviews, encoding="utf-9", labels="none")


def test_texts_beside_what_is_no_text(reviews: Roots) -> None:
    (reviews.config_folder / "p/neg/notes.pdf").write_text("x")
    with pytest.raises(DataError, match=r"neg/notes.pdf is not a text that is read \(.txt\)"):
        peek("texts", {"path": "p"}, reviews)


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ("character", list("It's 3 o'clock,\n\nsaid\nI.")),
        ("word", ["It's", "3", "o'clock", ",", "said", "I", "."]),
        ("line", ["It's 3 o'clock,", "said", "I."]),
    ],
)
def test_texts_as_tokens(tmp_path: Path, split: str, expected: list[str]) -> None:
    with gzip.open(tmp_path / "t.txt.gz", "wt") as stream:
        stream.write("It's 3 o'clock,\n\nsaid\nI.")
    settings = {"path": "t.txt.gz", "split": split}
    data = read("tokens", settings, Roots(tmp_path))
    assert data.columns is not None
    assert data.columns["token"].tolist() == expected
    assert peek("tokens", settings, Roots(tmp_path)).columns == ("token",)


def test_texts_without_a_token_are_refused(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("")
    (tmp_path / "t.gz").write_bytes(b"\x1f\x8bnothing")
    for name, told in (("t.txt", "holds no text"), ("t.gz", "cannot be read")):
        with pytest.raises(DataError, match=told):
            read("tokens", {"path": name}, Roots(tmp_path))
