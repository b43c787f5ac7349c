"""A first config for a folder of pictures with a folder for each class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from nnrun.data import sources
from nnrun.errors import UsageError
from nnrun.guide.begin import page as lines
from nnrun.guide.begin.first import Place
from nnrun.guide.example import flow

LARGEST = 96  # pixels of a side: larger pictures take long, and a first network sees enough in these


def page(place: Place, target: str | None, title: str) -> tuple[str, tuple[str, ...]]:
    """The text of the config, and what is worth saying aloud."""
    if target not in (None, "label"):
        raise UsageError(f"a folder of pictures has no column {target!r}", hint="its target is the name of each folder")
    peek = sources.peek("images", {"path": place.written}, place.roots)
    folder = place.roots.find(place.written)
    files = sorted(file for file in folder.glob("*/*") if not file.name.startswith("."))
    classes = dict(Counter(file.parent.name for file in files))
    sizes, modes = _headers(files)
    settings: dict[str, Any] = {"path": place.written}
    size = _size(sizes)
    if size is not None:
        settings["image_size"] = list(size)
    if modes <= {"L", "1", "LA"}:
        settings["color_mode"] = "grayscale"
    height, width = size or next(iter(sizes))
    seen = f"{height} x {width} pixels each" if len(sizes) == 1 else f"{len(sizes)} sizes, all resized"
    text = [
        f"data:  # {peek.rows:,} pictures in {len(classes)} classes: {lines.counts(classes)}",
        f"  source: {flow({'images': settings if len(settings) > 1 else place.written})}  # {seen}",
        *lines.split(len(files)),
        *network(height, width),
        *lines.training(len(files), imbalance=lines.imbalance(classes)),
    ]
    return title + "\n".join(text) + "\n", lines.rare(classes)


def network(height: int, width: int, before: tuple[str, ...] = ()) -> Iterator[str]:
    """Convolutions that halve the picture while something is left of it."""
    yield "model:"
    yield "  layers:"
    yield from before
    yield lines.commented("    # - RandomFlip: horizontal", "more data for nothing, where left and right mean nothing")
    filters: list[int] = []
    side = min(height, width)
    while side >= 8 and len(filters) < 4:
        filters.append(16 * 2 ** len(filters))
        side //= 2
    for count in filters or [16]:
        yield f"    - Conv2D: {{filters: {count}, kernel_size: 3, padding: same, activation: relu}}"
        if filters:
            yield "    - MaxPooling2D: 2"
    yield "    - GlobalAveragePooling2D" if side > 4 else "    - Flatten"
    yield "    - Dense: {units: 64, activation: relu}"
    yield lines.commented("    - Dropout: 0.3", "more of it where validation is much worse than training")


def _headers(files: list[Any]) -> tuple[Counter[tuple[int, int]], set[str]]:
    """Height and width of every picture, and how its pixels are stored, from the headers."""
    from PIL import Image

    sizes: Counter[tuple[int, int]] = Counter()
    modes: set[str] = set()
    for file in files:
        with Image.open(file) as picture:
            sizes[(picture.height, picture.width)] += 1
            modes.add(picture.mode)
    return sizes, modes


def _size(sizes: Counter[tuple[int, int]]) -> tuple[int, int] | None:
    """The size to which pictures are resized: the usual one, no side above LARGEST; None where none is."""
    (height, width), _ = sizes.most_common(1)[0]
    factor = min(1.0, LARGEST / max(height, width))
    if len(sizes) == 1 and factor == 1.0:
        return None
    return max(8, round(height * factor)), max(8, round(width * factor))
