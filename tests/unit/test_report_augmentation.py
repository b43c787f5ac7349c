"""The sheet of augmented rows: pictures in one brightness, spectrograms, and lines of series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.report.figures.augmentation import augmentation
from nnrun.runs.run import Run


def drawn(folder: Path, shape: tuple[int, ...]) -> Any:
    values = np.random.default_rng(2).uniform(0, 1, (3, 2, *shape)).astype(np.float16)
    values[0] *= 0.5  # the rows themselves are darker than their versions
    np.savez(folder / "probe.npz", augmented_rows=np.array([4, 9]), **{"augmented/x": values})  # type: ignore[arg-type]
    figure = augmentation(Run(folder))
    assert figure is not None
    figure.canvas.draw()
    assert {"row 4", "row 9"} <= {text.get_text() for text in figure.texts}
    return figure


@pytest.mark.parametrize("shape", [(8, 8, 1), (8, 8, 3), (20, 30)])
def test_report_augmentation_draws_a_tile_for_each_version(tmp_path: Path, shape: tuple[int, ...]) -> None:
    figure = drawn(tmp_path, shape)
    tiles = [axes.images[0].get_array() for axes in figure.axes]
    assert len(tiles) == 6
    if len(shape) == 3:
        assert all(tile.shape == (8, 8, 3) for tile in tiles)
        assert tiles[0].max() <= 0.5 < tiles[1].max()


@pytest.mark.parametrize("shape", [(40,), (40, 2)])
def test_report_augmentation_draws_lines_on_one_scale_a_row(tmp_path: Path, shape: tuple[int, ...]) -> None:
    figure = drawn(tmp_path, shape)
    assert [len(axes.lines) for axes in figure.axes] == [shape[1] if len(shape) > 1 else 1] * 6
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim() != figure.axes[3].get_ylim()


def test_report_augmentation_draws_nothing_of_a_run_without_any(tmp_path: Path) -> None:
    assert augmentation(Run(tmp_path)) is None
    np.savez(tmp_path / "probe.npz", filters=np.zeros(3))
    assert augmentation(Run(tmp_path)) is None
