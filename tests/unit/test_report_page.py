"""The page that shows a run anywhere."""

from __future__ import annotations

import base64
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from runfolders import classifier, cross_validation, write_run

from nnrun.report.draw import draw
from nnrun.report.page import number, render, write_page
from nnrun.runs.run import Run

HOSTILE = "<script>alert('x')</script>"


class Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_page_shows_status_findings_scores_floor_and_config(tmp_path: Path) -> None:
    path = write_page(classifier(tmp_path / "iris"))
    assert path == tmp_path / "iris" / "report.html"
    page = path.read_text()
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
    assert "iris complete" in words
    assert "Training and validation loss part after epoch 4. From there to epoch 12" in words
    assert "accuracy 0.94 0.85 0.75 0.5 (majority)" in words
    assert "data: iris" in words
    assert "seed 7" in words


def test_page_of_a_cross_validation_shows_mean_interval_and_folds(tmp_path: Path) -> None:
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", render(cross_validation(tmp_path / "cv"))))
    assert "mae 2 1 0.5 to 3.5 2 - 1, 2, 3" in words
    assert "Interval: m." in words
    assert "fold-1 complete 4 val_loss 2" in words
    assert "Nothing that asks for attention" in words


def test_page_holds_its_pictures_and_asks_for_nothing_else(tmp_path: Path) -> None:
    run = classifier(tmp_path / "iris")
    paths = draw(run)
    elements = Elements(render(run)).found
    pictures = [attributes["src"] for tag, attributes in elements if tag == "img"]
    assert pictures == ["data:image/png;base64," + base64.b64encode(path.read_bytes()).decode() for path in paths]
    assert not [tag for tag, _ in elements if tag in ("script", "link", "iframe", "a")]
    (policy,) = [a["content"] for tag, a in elements if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


def test_page_escapes_every_text_of_a_run(tmp_path: Path) -> None:
    run = write_run(
        tmp_path / "<b>run",
        {"loss": [2, 1], HOSTILE: [1, 2]},
        status=HOSTILE,
        task={HOSTILE: {"task": HOSTILE}},
        argv=[HOSTILE],
        versions={HOSTILE: HOSTILE},
        monitor={"name": HOSTILE, "mode": "max"},
    )
    scores = {HOSTILE: 1.0}
    (run.path / "config.yaml").write_text(HOSTILE)
    (run.path / "metrics.json").write_text(
        json.dumps({"test": scores, "unit": {HOSTILE: HOSTILE}, "floor": {"test": {HOSTILE: scores}}})
    )
    (run.path / "cv.json").write_text(
        json.dumps({"metric": {HOSTILE: {"folds": [HOSTILE], "mean": HOSTILE, "method": HOSTILE}}})
    )
    write_run(run.path / "fold-<i>", status=HOSTILE)
    page = render(Run.open(run.path))
    assert page.count("&lt;script&gt;") > 10
    assert {"script", "b", "i"}.isdisjoint(tag for tag, _ in Elements(page).found)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "-"), (0.123456, "0.1235"), (3, "3"), (1234567.0, "1.235e+06"), ("a", "a")]
)
def test_page_numbers(value: object, text: str) -> None:
    assert number(value) == text
