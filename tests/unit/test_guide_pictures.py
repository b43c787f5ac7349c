"""`nnrun help NAME --figure FILE.png`: functions, losses, schedules and optimizers as pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Nnrun
from PIL import Image

from nnrun.errors import NnrunError, UsageError
from nnrun.guide import pictures, topics

# Losses of pictures, of pairs and of whole batches are no function of one number.
UNDRAWN = {"CTC", "Circle", "EdgeSmoothness", "Masked", "SSIM", "Triplet", "crossentropy"}


@pytest.mark.parametrize("name", ["sigmoid", "Huber", "CosineDecay"])
def test_guide_pictures_are_drawn_beside_the_help(name: str, nnrun: Nnrun) -> None:
    done = nnrun("help", name, "--figure", "drawn.png")
    assert (done.code, done.out.splitlines()[-1]) == (0, "drawn.png")
    with Image.open("drawn.png") as picture:
        assert picture.width > 600
        assert len(set(picture.convert("L").get_flattened_data())) > 20  # lines and letters, not one colour


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("Dense", "drawn.png", "Dense cannot be drawn"),
        ("relu", "drawn.txt", "--figure FILE.png"),
        ("CTC", "a.png", "CTC"),
    ],
)
def test_guide_pictures_that_cannot_be_drawn_are_refused(name: str, file: str, said: str, nnrun: Nnrun) -> None:
    done = nnrun("help", name, "--figure", file)
    assert (done.code, Path(file).exists()) == (2, False)
    assert said in done.err


@pytest.mark.nightly
@pytest.mark.parametrize("family", pictures.families())
def test_guide_pictures_of_all_names(family: str, tmp_path: Path) -> None:
    refused = set()
    for name in topics.names(family):
        try:
            pictures.draw(topics.of(family, name), tmp_path / f"{name}.png")
        except (UsageError, NnrunError):
            refused.add(name)
    assert refused - UNDRAWN == set()
