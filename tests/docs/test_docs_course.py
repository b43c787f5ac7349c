"""Every topic of the course notes is shown by configs of the cookbook, all of which `test_cookbook.py` trains.

mission.csv has a row for each topic; `shown` names configs, each with the words that it has to say. docs/course.md is
the same table to be read: `python tests/docs/test_docs_course.py` writes it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from pages import ROOT, generated

CONFIGS = ROOT / "configs"
PAGE = ROOT / "docs" / "course.md"
HEAD = "| topic | what is to be seen | configs | try |\n|---|---|---|---|\n"
WITHOUT_A_CONFIG = ("M26", "M27")  # devices, and what every run leaves
_COMMENT = re.compile(r"(^|\s)#.*$", re.M)

Row = Mapping[str, str]


def rows() -> Sequence[Row]:
    with (Path(__file__).parent / "mission.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def shown(row: Row) -> dict[str, list[str]]:
    """The configs of a topic by name, each with the words that it has to say."""
    named = (part.partition(":") for part in row["shown"].split(";") if part.strip())
    return {name.strip(): words.split() for name, _, words in named}


def table() -> str:
    lines = []
    for row in rows():
        links = ", ".join(f"[{name}](../configs/{name}.yaml)" for name in shown(row))
        lines.append(f"| {row['topic']} | {row['what must be seen to work']} | {links} | `{row['command']}` |\n")
    return HEAD + "".join(lines)


def said(name: str) -> str:
    """A config without its comments."""
    return _COMMENT.sub("", (CONFIGS / f"{name}.yaml").read_text(encoding="utf-8"))


def test_docs_course_has_every_topic_once() -> None:
    assert [row["row"] for row in rows()] == [f"M{number:02}" for number in range(1, 28)]
    assert [row["row"] for row in rows() if not shown(row) and row["row"] not in WITHOUT_A_CONFIG] == []


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["row"]))
def test_docs_course_a_topic_is_in_the_configs_that_show_it(row: Row) -> None:
    lacking = {
        name: missing
        for name, words in shown(row).items()
        if (missing := [word for word in words if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", said(name))])
    }
    assert lacking == {}


def test_docs_course_every_config_named_in_a_command_exists() -> None:
    named = [path for row in rows() for path in re.findall(r"configs/[\w.]+", row["command"])]
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_docs_course_page_is_fresh() -> None:
    assert generated()["course"] == table()


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- generated: course -->\n", "<!-- end -->"
    PAGE.write_text(text.partition(begin)[0] + begin + table() + end + text.partition(end)[2], encoding="utf-8")
