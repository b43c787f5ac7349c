"""The lines that a script reads a source by give the rows that nnrun reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnrun.config.spec import Spec
from nnrun.data.files import Roots
from nnrun.data.sources import read
from nnrun.errors import ConfigError
from nnrun.export.code import Code, Script
from nnrun.export.sources import read as write

PATHS = ("path", "images", "masks")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Pictures of two classes, masks of those of one, texts, arrays."""
    draw = np.random.default_rng(0)
    for number, name in enumerate(("p/cat/1.png", "p/cat/old/0.jpg", "p/dog/2.png", "p/dog/.hidden", "p/dog/3.jpg")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif[0x0112] = 6 if number % 2 else 1
        pixels = draw.integers(0, 256, (40 + number, 90, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, "JPEG" if number % 2 else "PNG", exif=exif)
    for name, text in (("pos/b.txt", "good"), ("neg/a.txt", "dull\nfilm"), ("neg/sub/c.txt", "déjà")):
        path = tmp_path / "t" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for folder, low in (("i", 0), ("m", 1)):
        (tmp_path / folder).mkdir()
        for stem in "123":
            values = draw.integers(0, 256, (6, 8), dtype=np.uint8)
            Image.fromarray(values if not low else (values > 99).astype(np.uint8) * 255).save(
                tmp_path / folder / f"{stem}.png"
            )
    (tmp_path / "a").mkdir()
    np.save(tmp_path / "a/image.npy", draw.integers(0, 9, (4, 2)))
    np.save(tmp_path / "a/label.npy", np.arange(4))
    (tmp_path / "x.txt").write_text("It's 3 o'clock,\n\nsaid I.", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("source", "settings"),
    [
        ("images", {"path": "p", "image_size": [9, 7]}),
        ("images", {"path": "p", "image_size": [9, 7], "color_mode": "grayscale", "class_names": ["dog", "cat"]}),
        ("images", {"path": "p", "image_size": [20, 20], "labels": "stem", "limit": 3}),
        ("images", {"path": "i", "labels": "none", "color_mode": "grayscale"}),
        ("image_masks", {"images": "i", "masks": "m", "values": [255, 0]}),
        ("image_masks", {"images": "i", "masks": "m", "image_size": [4, 5], "limit": 2}),
        ("texts", {"path": "t"}),
        ("texts", {"path": "t", "labels": "none", "limit": 2}),
        ("tokens", {"path": "x.txt"}),
        ("tokens", {"path": "x.txt", "split": "word"}),
        ("tokens", {"path": "x.txt", "split": "line"}),
        ("arrays", {"path": "a"}),
        *(("synthetic", {"make": make, "rows": 40, "seed": 3}) for make in ("moons", "circles", "blobs", "friedman")),
        ("synthetic", {"make": "classification", "rows": 40, "classes": 5, "features": 6}),
        ("synthetic", {"make": "regression", "rows": 40, "noise": 2.0}),
    ],
)
def test_export_sources_read_what_nnrun_reads(files: Path, source: str, settings: dict[str, Any]) -> None:
    dataset = read(source, settings, Roots(files))
    script = Script()
    script.section("The data")
    script.need("from pathlib import Path")
    given = {key: Code(f'HERE / "{value}"') if key in PATHS else value for key, value in settings.items()}
    told = write(script, Spec(source, settings), given, "", dataset)
    text = script.text(["# rows"], [], [f"HERE = Path({str(files)!r})"])
    assert max(map(len, text.splitlines())) <= 120
    found: dict[str, Any] = {}
    exec(compile(text, "script.py", "exec"), found)  # our own text
    if dataset.columns is not None:
        table = found[told.table]
        for name in dataset.columns.columns:
            assert table[name].tolist() == dataset.columns[name].tolist(), name
    assert (set(told.arrays), set(told.targets)) == (set(dataset.arrays), set(dataset.targets))
    for name, values in {**dataset.arrays, **dataset.targets}.items():
        assert np.array_equal(found[{**told.arrays, **told.targets}[name]], values), name


def test_export_sources_that_no_script_can_draw() -> None:
    dataset = read("synthetic", {"make": "spirals"}, Roots(Path("/")))
    with pytest.raises(ConfigError, match="a script cannot draw them"):
        write(Script(), Spec("synthetic"), {"make": "spirals"}, "", dataset)
