"""Figures as files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from runfolders import classifier, cross_validation

from nnrun.errors import UsageError
from nnrun.report.draw import draw, names


def test_draw_names_are_the_files_of_the_folder() -> None:
    assert names() == [
        "adversaries",
        "anomalies",
        "augmentation",
        "confusion",
        "curves",
        "embeddings",
        "feature_maps",
        "filters",
        "fold_scores",
        "folds",
        "iterations",
        "learning_rate",
        "residuals",
        "samples",
        "segmentation",
        "trace",
        "translations",
    ]


def test_draw_writes_what_applies_as_pictures(tmp_path: Path) -> None:
    run = classifier(tmp_path / "iris")
    paths = draw(run)
    assert [path.name for path in paths] == [
        "confusion.png",
        "curves.png",
        "iterations.png",
        "learning_rate.png",
    ]
    assert sorted(os.listdir(run.figures)) == [path.name for path in paths]
    for path in paths:
        with Image.open(path) as picture:
            picture.verify()
            assert picture.format == "PNG"
    assert [path.stem for path in draw(cross_validation(tmp_path / "cv"))] == [
        "fold_scores",
        "folds",
        "residuals",
    ]


def test_draw_only_some_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    run = classifier(tmp_path / "iris")
    (path,) = draw(run, only=["curves"])
    first = path.read_bytes()
    draw(run, only=["curves"])
    assert path.read_bytes() == first
    assert os.listdir(run.figures) == ["curves.png"]


def test_draw_an_unknown_figure_is_told_before_anything_is_drawn(tmp_path: Path) -> None:
    run = classifier(tmp_path / "iris")
    with pytest.raises(UsageError, match=r"no figure 'curve'") as caught:
        draw(run, only=["confusion", "curve"])
    assert caught.value.problems[0].hint == "did you mean 'curves'?"
    assert not run.figures.exists()


def test_draw_and_page_load_no_training_libraries_no_pyplot_and_change_no_settings(tmp_path: Path) -> None:
    classifier(tmp_path / "iris")
    code = (
        "import sys, matplotlib; from pathlib import Path\n"
        "before = matplotlib.rcParams.copy()\n"
        "from nnrun.report.draw import draw; from nnrun.report.page import write_page\n"
        "from nnrun.runs.run import Run\n"
        "run = Run.open(Path(sys.argv[1])); draw(run); write_page(run)\n"
        "heavy = {'keras', 'tensorflow', 'sklearn', 'pandas', 'matplotlib.pyplot'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert matplotlib.rcParams.copy() == before\n"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, tmp_path / "iris"],
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert (tmp_path / "iris" / "report.html").is_file()


def test_draw_tables_and_findings_need_the_standard_library_only(tmp_path: Path) -> None:
    classifier(tmp_path / "iris")
    code = (
        "import sys; from pathlib import Path\n"
        "from nnrun.report.tables import run_rows, metric_rows; from nnrun.report.diagnosis import diagnose\n"
        "from nnrun.runs.index import list_runs; import nnrun.report.page, nnrun.report.figures.curves\n"
        "runs = list_runs(Path(sys.argv[1])); run_rows(runs); metric_rows(runs[0]); diagnose(runs[0])\n"
        "heavy = {'numpy', 'matplotlib', 'jinja2', 'pandas', 'sklearn', 'keras'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True, cwd=Path(__file__).parents[2])
