"""Classes of pixels over their pictures: what a training keeps of them, and the figure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from commandline import Nnrun
from PIL import Image
from runfolders import write_run

from nnrun.errors import RunError
from nnrun.report.figures.segmentation import INVENTED, MISSED, _wrong, segmentation
from nnrun.training.segmented import overlap

TRUTH, PREDICTED = np.array([[0, 0, 1], [0, 1, 1]]), np.array([[0, 1, 1], [0, 0, 1]])


def test_segmentation_overlap_is_the_mean_of_the_classes_that_are_there() -> None:
    assert overlap(TRUTH, PREDICTED, 2) == (2 / 4 + 2 / 4) / 2
    assert overlap(TRUTH, PREDICTED, 5) == (2 / 4 + 2 / 4) / 2
    assert overlap(TRUTH, TRUTH, 3) == 1


def test_segmentation_figure_shows_pixels_that_were_missed_or_invented(tmp_path: Path) -> None:
    grey = np.full((2, 3, 3), 0.5)
    shown = _wrong(grey, TRUTH, PREDICTED, 2)
    assert np.argwhere((shown != shown[0, 0]).any(axis=-1)).tolist() == [[0, 1], [1, 1]]
    assert (shown[1, 1].argmax(), MISSED[1:3]) == (0, "e5")  # red
    assert (shown[0, 1].argmax(), INVENTED[5:]) == (2, "ce")  # blue
    run = write_run(tmp_path / "cells")
    arrays = {"part": "test", "rows": [4, 2], "overlaps": [0.5, 1.0], "classes": ["ground", "cell"]}
    pictures = np.zeros((2, 2, 3, 1), np.float16)
    np.savez(
        run.path / "segmentation.npz",
        pictures=pictures,
        truth=np.stack([TRUTH, TRUTH]),
        predicted=np.stack([PREDICTED, TRUTH]),
        **{name: np.asarray(value) for name, value in arrays.items()},  # type: ignore[arg-type]
    )
    figure = segmentation(run)
    assert figure is not None
    assert len(figure.axes) == 2 * 4
    texts = {text.get_text() for text in figure.texts}
    assert {"row 4\noverlap 0.50", "■ cell missed", "■ cell where there is none", "where they differ"} <= texts
    assert segmentation(write_run(tmp_path / "other")) is None
    (run.path / "segmentation.npz").write_bytes(b"no arrays")
    with pytest.raises(RunError, match=r"segmentation\.npz cannot be read"):
        segmentation(run)


def test_segmentation_of_pictures_and_masks_in_folders_is_trained_and_drawn(nnrun: Nnrun, folder: Path) -> None:
    draw = np.random.default_rng(0)
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for number in range(20):
        image = draw.integers(0, 256, (6, 6), dtype=np.uint8)
        Image.fromarray(image).save(folder / "images" / f"{number}.png")
        Image.fromarray((image > 128).astype(np.uint8) * 255).save(folder / "masks" / f"{number}.png")
    (folder / "images" / "no.png").write_text("nothing")
    (folder / "masks" / "no.png").write_text("nothing")
    (folder / "a.yaml").write_text(
        "data:\n"
        "  source: {image_masks: {images: images, masks: masks, color_mode: grayscale, values: [0, 255]}}\n"
        "  on_bad: skip\n"
        "  split: {validation: 4}\n"
        "model: {layers: [{Conv2D: {filters: 4, kernel_size: 1, activation: relu}}]}\n"
        "fit: {epochs: 1, batch_size: 4}\n",
        encoding="utf-8",
    )
    done = nnrun("train", "a.yaml", "-q", "--name", "a")
    assert done.code == 0, done.err
    with np.load(folder / "runs" / "a" / "segmentation.npz") as kept:
        assert (kept["pictures"].shape, kept["truth"].shape) == ((4, 6, 6, 1), (4, 6, 6))
        assert kept["overlaps"].tolist() == sorted(kept["overlaps"].tolist())
        assert (kept["truth"] == (kept["pictures"][..., 0] > 128.5 / 255)).all()
    assert (folder / "runs" / "a" / "figures" / "segmentation.png").is_file()
