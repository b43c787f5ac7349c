"""Classes of pixels, laid over the pictures that they were found in."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.errors import RunError
from nnrun.report import style
from nnrun.report.figures import _probe
from nnrun.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#e8731a", "#2c6fbb", "#2f855a", "#b83280", "#d69e2e", "#319795", "#805ad5", "#9b2c2c")
MISSED, INVENTED = "#e53e3e", "#3182ce"
SIDE, TOP, LEFT = 1.75, 1.05, 0.15  # inches
_SHARE = 0.55  # of a colour over the picture


def segmentation(run: Run) -> Figure | None:
    """Held-out pictures, from the lowest overlap to the highest: true and predicted classes, and where they differ."""
    path = run.path / "segmentation.npz"
    if not path.is_file():
        return None
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as file:
            seen = {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise RunError(f"{path} cannot be read: {error}", hint="train again, or delete the file") from None
    return _drawn(run, seen)


def _drawn(run: Run, seen: Mapping[str, Any]) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height, width = seen["truth"].shape[1:]
    count, tall = len(seen["rows"]), SIDE * height / width
    inches = (LEFT + 4 * (SIDE + 0.1) + 1.0, TOP + count * (tall + 0.1))
    figure = Figure(figsize=inches, facecolor="white")
    FigureCanvasAgg(figure)
    classes = [str(name) for name in seen["classes"]]
    for line in range(count):
        picture = _rgb(_probe.picture(seen["pictures"][line]))
        truth, predicted = seen["truth"][line], seen["predicted"][line]
        tiles = (
            picture,
            _painted(picture, truth),
            _painted(picture, predicted),
            _wrong(picture, truth, predicted, len(classes)),
        )
        bottom = inches[1] - TOP - (line + 1) * (tall + 0.1) + 0.1
        for column, tile in enumerate(tiles):
            left = LEFT + column * (SIDE + 0.1)
            axes = figure.add_axes((left / inches[0], bottom / inches[1], SIDE / inches[0], tall / inches[1]))
            axes.imshow(tile, interpolation="nearest")
            axes.set_axis_off()
        text = f"row {int(seen['rows'][line])}\noverlap {float(seen['overlaps'][line]):.2f}"
        at = ((LEFT + 4 * (SIDE + 0.1) + 0.02) / inches[0], (bottom + tall / 2) / inches[1])
        figure.text(*at, text, fontsize=8.5, color=style.INK, va="center")
    for column, name in enumerate(("picture", "true", "predicted", "where they differ")):
        at = ((LEFT + column * (SIDE + 0.1)) / inches[0], 1 - (TOP - 0.06) / inches[1])
        figure.text(*at, name, fontsize=9.5, fontweight="bold", color=style.INK)
    _heading(figure, run, str(seen["part"]), classes, inches)
    return figure


def _heading(figure: Any, run: Run, part: str, classes: list[str], inches: tuple[float, float]) -> None:
    left, at = LEFT / inches[0], 1 / inches[1]
    title = style.literal(f"{run.name}: classes of pixels")
    figure.text(left, 1 - 0.28 * at, title, fontsize=12, fontweight="bold", color=style.INK)
    says = f"pictures of the {part} part, evenly from the lowest mean overlap (IoU) to the highest"
    figure.text(left, 1 - 0.48 * at, says, fontsize=8.5, color=style.NEUTRAL)
    words = [(name, _colour(number)) for number, name in enumerate(classes) if number or len(classes) > 2]
    words = [(f"■ {name}", colour) for name, colour in words[:12]]
    if len(classes) == 2:
        words += [(f"■ {classes[1]} missed", MISSED), (f"■ {classes[1]} where there is none", INVENTED)]
    else:
        words.append(("■ another class", MISSED))
    for text, colour in words:
        drawn = figure.text(left, 1 - 0.68 * at, style.literal(text), fontsize=8.5, color=colour)
        left = drawn.get_window_extent(figure.canvas.get_renderer()).x1 / figure.bbox.width + 0.015


def _colour(number: int) -> str:
    return COLOURS[(number - 1) % len(COLOURS)] if number else style.NEUTRAL


def _rgb(picture: Any) -> Any:
    """A picture (height, width[, 3]) as colours from 0 to 1; grey ones are stretched to their own range."""
    import numpy as np

    if picture.ndim == 3:
        return picture.clip(0, 1)
    low, high = float(picture.min()), float(picture.max())
    return np.repeat(((picture - low) / ((high - low) or 1.0))[..., None], 3, axis=-1)


def _painted(picture: Any, classes: Any) -> Any:
    """Every class but the first in its colour over the picture, which is seen through it."""
    painted = picture.copy()
    for number in sorted({int(number) for number in classes.ravel()} - {0}):
        painted = _over(painted, classes == number, _colour(number))
    return painted


def _wrong(picture: Any, truth: Any, predicted: Any, num_classes: int) -> Any:
    """Pixels of another class than the true one; of two classes those where nothing is apart from those missed."""
    wrong, faint = truth != predicted, 1 - 0.5 * (1 - picture)
    if num_classes > 2:
        return _over(faint, wrong, MISSED)
    return _over(_over(faint, wrong & (truth != 0), MISSED), wrong & (truth == 0), INVENTED)


def _over(picture: Any, where: Any, colour: str) -> Any:
    from matplotlib.colors import to_rgb

    painted = picture.copy()
    painted[where] = (1 - _SHARE) * painted[where] + _SHARE * _array(to_rgb(colour))
    return painted


def _array(colour: tuple[float, float, float]) -> Any:
    import numpy as np

    return np.asarray(colour)
