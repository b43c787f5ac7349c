"""Examples of the public gallery, each said by a config: checked, counted, and trained for two steps.

`NNRUN_UPDATE_GOLDEN=1 pytest tests/gallery` writes docs/gallery.md anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import gallery
import pytest

from nnrun import experiment
from nnrun.check import examine_file
from nnrun.config.config import Config
from nnrun.data.files import Roots
from nnrun.data.memory import available

UPDATE = os.environ.get("NNRUN_UPDATE_GOLDEN") == "1"  # read before a test clears nnrun's settings
# Small ones, which a commit trains too: weights used twice, several outputs and class weights, a class for each pixel.
QUICK = ("siamese_contrastive", "attention_mil_classification", "collaborative_filtering_movielens")
# Those of more than a hundred million parameters, and the bytes that their training takes.
LARGE = {"basnet_segmentation": 12 * 10**9}


def ready(name: str, folder: Path) -> tuple[Config, experiment.Options]:
    """A config and its generated data, for a rehearsal."""
    gallery.MAKERS[name](folder)
    options = experiment.Options(runs=folder / "runs", data_root=folder, smoke=True)
    return experiment.load(gallery.HERE / f"{name}.yaml", gallery.overrides(name), options), options


def published(name: str, ours: int) -> None:
    """Holds a count against the published one; where the two differ, the note says ours and why."""
    row = gallery.row_of(name)
    assert row.parameters in (None, ours) or f"ours {ours:,}" in row.note


@pytest.mark.parametrize("name", [name for name in gallery.NAMES if gallery.is_of_keras(name)])
def test_gallery_config_is_good_without_its_data(name: str, folder: Path) -> None:
    examined = examine_file(gallery.HERE / f"{name}.yaml", [], Roots(gallery.HERE, (folder,)))
    assert [str(problem) for problem in examined.problems] == []


@pytest.mark.parametrize("name", gallery.NAMES)
def test_gallery_config_fits_its_data_and_has_the_published_parameters(name: str, folder: Path) -> None:
    config, options = ready(name, folder)
    ours = gallery.parameters(config, options)
    if ours is not None:  # an application is counted when it is built
        published(name, ours)


@pytest.mark.parametrize("name", QUICK)
def test_gallery_config_trains(name: str, folder: Path) -> None:
    config, options = ready(name, folder)
    published(name, experiment.train(config, options).info["parameters"])


@pytest.mark.nightly
@pytest.mark.parametrize("name", [name for name in gallery.NAMES if name not in QUICK])
def test_gallery_config_trains_in_the_night(name: str, folder: Path) -> None:
    if available() < LARGE.get(name, 0):
        pytest.skip(f"{name} takes {LARGE[name] / 1e9:.0f} GB of memory")
    config, options = ready(name, folder)
    published(name, experiment.train(config, options).info["parameters"])


def test_gallery_configs_data_and_tables_have_the_same_names() -> None:
    assert sorted(gallery.MAKERS) == gallery.NAMES
    assert [name for name in gallery.NAMES if name not in [row.name for row in gallery.rows()]] == []


def test_gallery_configs_open_with_their_example_and_what_differs() -> None:
    for name in gallery.NAMES:
        first, second = (gallery.HERE / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[:2]
        assert first.startswith("# keras.io, ")
        assert f"/{name.partition('.')[0]}" in first
        assert second.startswith("# ")


def test_gallery_tables_have_every_example_once_and_say_what_is_missing() -> None:
    rows = gallery.rows()
    assert len({row.name for row in rows}) == len(rows)
    assert len({row.example for row in rows}) == gallery.EXPRESSIBLE
    assert [row.name for row in rows if row.is_whole == bool(row.waits_for)] == []
    assert [row.name for row in rows if row.says["model"] and row.name not in gallery.NAMES] == []


def test_gallery_page_is_fresh() -> None:
    if UPDATE:
        gallery.PAGE.write_text(gallery.page(), encoding="utf-8")
    assert gallery.page() == gallery.PAGE.read_text(encoding="utf-8")
