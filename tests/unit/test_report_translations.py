"""What is drawn of networks that translate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from runfolders import write_run

from nnrun.report.figures.translations import translations
from nnrun.storage import arrays


def test_translations_are_drawn_of_pictures_alone(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", {"loss": [1.0, 0.5]})
    assert translations(run) is None
    draws = np.random.default_rng(0)
    for channels, drawn in ((3, True), (2, False)):
        rows = {f"of_{kind}": draws.normal(size=(6, 8, 8, channels)) for kind in ("day", "night")}
        made = {f"to_{kind}": draws.normal(size=(5, 6, 8, 8, channels)) for kind in ("day", "night")}
        (run.path / "translations.npz").unlink(missing_ok=True)
        arrays.write(run.path / "translations.npz", {"epochs": np.arange(1, 6), **rows, **made}, compressed=True)
        figure = translations(run)
        assert (figure is not None) == drawn
        if figure is not None:
            told = [text.get_text() for text in figure.texts]
            assert [axes.get_title(loc="left") for axes in figure.axes] == ["day to night", "night to day"]
            assert told[:5] == ["original", "epoch 1", "epoch 2", "epoch 4", "epoch 5"]
