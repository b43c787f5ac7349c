"""`nnrun init`: what a first config says of the data that was looked at, and that it trains."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import pytest
from commandline import CONFIGS, Nnrun

from nnrun.config.loader import load_text
from nnrun.guide import begin

BUNDLED = [
    ("mixed.csv", "left"),
    ("machines.csv", "leak"),
    ("sentences.csv", "opinion"),
    ("sequences.npz", "label"),
    ("houses.npz", "price"),
    ("shapes", "label"),
]


@pytest.fixture
def data(folder: Path) -> Path:
    """The cookbook's data in the current folder."""
    shutil.copytree(CONFIGS / "data", folder / "data")
    return folder / "data"


def written(path: str) -> Any:
    return load_text(Path(path).read_bytes(), path).data


def table(path: str, header: list[str] | None, rows: list[list[Any]], delimiter: str = ",") -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerows([header] if header else [])
    writer.writerows(rows)
    Path(path).write_text(text.getvalue(), encoding="utf-8")


def houses(count: int = 60) -> list[list[Any]]:
    """A number of the row, a size, rooms with blanks, a city, a note, a constant, a price."""
    cities = ["Bern", "Basel", "Chur"]
    return [
        [
            1 + row,
            50.5 + row,
            "" if row % 10 == 0 else 2 + row % 4,
            cities[row % 3],
            f"house {row}",
            "CH",
            1e5 + 1e3 * row,
        ]
        for row in range(count)
    ]


HEADER = ["number", "area", "rooms", "city", "note", "country", "price"]


@pytest.mark.parametrize("name", begin.templates())
def test_guide_init_writes_every_template_so_that_check_accepts_it(name: str, nnrun: Nnrun) -> None:
    done = nnrun("init", "--template", name)
    assert (done.code, done.out) == (0, f"{name}.yaml\nnnrun train {name}.yaml\n")
    assert Path(f"{name}.yaml").read_text(encoding="utf-8").splitlines()[0].endswith(f"Run: nnrun train {name}.yaml")
    assert nnrun("check", f"{name}.yaml").code == 0


def test_guide_init_without_a_name_begins_with_a_template(nnrun: Nnrun) -> None:
    done = nnrun("init")
    assert (done.code, done.out) == (0, "config.yaml\nnnrun train config.yaml\n")
    assert "images" in done.err


def test_guide_init_never_overwrites(nnrun: Nnrun) -> None:
    Path("mine.yaml").write_text("mine\n", encoding="utf-8")
    done = nnrun("init", "mine")
    assert (done.code, done.err) == (
        2,
        "nnrun: mine.yaml exists already, and is never overwritten\n    give another name\n",
    )
    assert Path("mine.yaml").read_text(encoding="utf-8") == "mine\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--template", "image"], 2, "did you mean 'images'?"),
        (["--data", "nothing.csv"], 2, "there is no 'nothing.csv'"),
        (["--target", "price"], 2, "`--data PATH` beside it"),
        (["--data", "houses.csv", "--template", "images"], 2, "one of them"),
        (["--data", "houses.csv"], 2, "say it: `--target COLUMN`"),
        (["--data", "houses.csv", "--target", "pricee"], 2, "did you mean 'price'?"),
        (["--data", "notes.md"], 2, "of no kind that init reads"),
        (["--data", "blank.csv", "--target", "price"], 3, "the target 'price' is blank in 1 rows"),
    ],
)
def test_guide_init_says_what_is_wrong_and_writes_nothing(
    arguments: list[str], code: int, said: str, nnrun: Nnrun
) -> None:
    table("houses.csv", HEADER, houses())
    table("blank.csv", HEADER, [*houses(), [99, 1.5, 2, "Bern", "x", "CH", ""]])
    Path("notes.md").write_text("# Notes\n", encoding="utf-8")
    done = nnrun("init", "new.yaml", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert not Path("new.yaml").exists()


def test_guide_init_looks_at_every_column_of_a_table(nnrun: Nnrun) -> None:
    table("houses.csv", HEADER, houses())
    done = nnrun("init", "--data", "houses.csv", "--target", "price", "--json")
    assert done.json["next"] == "nnrun train houses.yaml"
    assert done.json["notes"] == [
        "left out: number, the number of the row",
        "left out: note, 60 different texts in 60 rows",
        "left out: country, the same in every row",
    ]
    data = written("houses.yaml")
    assert data["data"]["source"] == {"csv": "houses.csv"}
    assert data["data"]["features"] == {"table": [{"normalize": ["area", "rooms"]}, {"one_hot": ["city"]}]}
    assert data["model"]["outputs"] == {"Rescaling": {"scale": 17000, "offset": 130000}}
    assert "# blanks become the median of the training rows: rooms 6 blank" in Path("houses.yaml").read_text()
    assert nnrun("check", "houses.yaml").code == 0


def test_guide_init_finds_delimiter_blanks_and_many_categories(nnrun: Nnrun) -> None:
    rows = [[row % 7 if row % 5 else "?", f"town {row % 30}", "yes" if row % 3 else "no"] for row in range(90)]
    table("towns.csv", ["size", "Town Name", "target"], rows, ";")
    assert nnrun("init", "--data", "towns.csv").code == 0  # a column of this name is the target
    data = written("towns.yaml")
    assert data["data"]["source"] == {"csv": {"path": "towns.csv", "delimiter": ";", "na_values": ["?"]}}
    assert data["data"]["features"] == {"table": [{"normalize": ["size"]}], "town_name": {"index": "Town Name"}}
    assert data["model"]["layers"][0] == {
        "Embedding": {
            "input_dim": "$data.town_name.vocabulary_size",
            "output_dim": 8,
            "from": "town_name",
            "name": "town_name_vector",
        }
    }
    assert nnrun("check", "towns.yaml").code == 0


def test_guide_init_leaves_out_a_column_that_tells_the_answer(nnrun: Nnrun) -> None:
    rows = [[row * 0.37, row % 2, "yes" if row % 2 else "no"] for row in range(60)]
    table("sick.csv", ["age", "diagnosis", "sick"], rows)
    done = nnrun("init", "--data", "sick.csv", "--target", "sick")
    assert "left out: diagnosis, it alone tells the target" in done.err
    assert written("sick.yaml")["data"]["features"] == {"table": [{"normalize": ["age"]}]}


def test_guide_init_reads_a_table_without_names(nnrun: Nnrun) -> None:
    table("plain.csv", None, [[row * 0.3, row % 5, 0, "abc"[row % 3]] for row in range(50)])
    assert nnrun("init", "--data", "plain.csv", "--target", "3").code == 0
    assert written("plain.yaml")["data"]["source"] == {"csv": {"path": "plain.csv", "header": False}}
    assert nnrun("check", "plain.yaml").code == 0


def test_guide_init_names_a_root_for_data_that_lies_elsewhere(
    nnrun: Nnrun, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    table(str(elsewhere / "houses.csv"), HEADER, houses())
    done = nnrun("init", "--data", elsewhere / "houses.csv", "--target", "price")
    assert done.out == f"houses.yaml\nnnrun train houses.yaml --data-root {elsewhere}\n"
    assert written("houses.yaml")["data"]["source"] == {"csv": "houses.csv"}
    assert nnrun("check", "houses.yaml", "--data-root", elsewhere).code == 0


@pytest.mark.parametrize(("name", "target"), BUNDLED)
def test_guide_init_writes_configs_for_data_of_every_kind(name: str, target: str, data: Path, nnrun: Nnrun) -> None:
    done = nnrun("init", "first.yaml", "--data", data / name, "--target", target)
    assert (done.code, done.out) == (0, "first.yaml\nnnrun train first.yaml\n")
    assert nnrun("check", "first.yaml", "--data").code == 0


@pytest.mark.nightly
@pytest.mark.parametrize("name", begin.templates())
def test_guide_init_every_template_learns(name: str, nnrun: Nnrun) -> None:
    assert nnrun("init", "first.yaml", "--template", name).code == 0
    assert learns(nnrun)


@pytest.mark.nightly
@pytest.mark.parametrize(("name", "target"), BUNDLED)
def test_guide_init_every_first_config_trains_and_learns(name: str, target: str, data: Path, nnrun: Nnrun) -> None:
    assert nnrun("init", "first.yaml", "--data", data / name, "--target", target).code == 0
    assert learns(nnrun)


def learns(nnrun: Nnrun) -> bool:
    """The loss of the test part is below that of the trivial answer."""
    done = nnrun("train", "first.yaml", "--json")
    assert done.code == 0, done.err
    metrics = load_text(Path(done.json["path"], "metrics.json").read_bytes(), "metrics.json").data
    [trivial] = metrics["floor"]["test"].values()
    return bool(metrics["test"]["loss"] < trivial["loss"])
