"""What the history and the samples of two networks against each other say, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.runs.run import Run

if TYPE_CHECKING:
    from nnrun.report.diagnosis import Finding

ACCURACY = "discriminator_accuracy"
FILE = "samples.npz"
COLUMNS = 8  # of a sheet, a column for the same random numbers
LONG = 3  # epochs at least
SURE = 0.99  # an accuracy from which on the generator learns nothing more
ALIKE = 0.05  # the spread among rows of one class, as a share of that of all numbers


def findings(run: Run) -> list[Finding]:
    """A discriminator that always tells, and a generator that always makes the same; none of any other run."""
    history = run.history
    if history is None or ACCURACY not in history:
        return []
    return [*_tells_always(history.epochs, history.columns[ACCURACY]), *_makes_the_same(run)]


def _tells_always(epochs: list[int], accuracy: list[float]) -> list[Finding]:
    from nnrun.report.diagnosis import Finding

    sure = 0
    for value in reversed(accuracy):
        if not value >= SURE:
            break
        sure += 1
    if sure < max(LONG, len(accuracy) // 4):
        return []
    begin = epochs[-sure]
    return [
        Finding(
            "The discriminator tells made rows from real ones every time, so the generator learns little",
            f"its accuracy is {SURE} or more from epoch {begin} to the end",
            "a smaller rate or more Dropout for the discriminator; label smoothing in its loss; `loss: Wasserstein` "
            "with `gradient_penalty: 10`",
            begin,
        )
    ]


def _makes_the_same(run: Run) -> list[Finding]:
    """Collapse, seen in the last sheet: rows of other random numbers that are the same."""
    from nnrun.report.diagnosis import Finding
    from nnrun.storage import arrays

    path = run.path / FILE
    if not path.is_file():
        return []
    found: dict[str, Any] = arrays.read(path)
    last = found["samples"][-1].astype("float32")
    of_class = last.reshape(-1, COLUMNS, *last.shape[1:]) if "labels" in found else last[None]
    spread, whole = float(of_class.std(axis=1).mean()), float(last.std())
    if not spread < ALIKE * whole:
        return []
    epoch = int(found["epochs"][-1])
    among = "of a class " if "labels" in found else ""
    return [
        Finding(
            f"The generator makes nearly the same row {among}whatever its random numbers are (collapse)",
            f"after epoch {epoch} they differ by {spread:.2g} a number, and all numbers by {whole:.2g}",
            "a smaller rate for the generator, BatchNormalization in it; or `loss: Wasserstein, gradient_penalty: 10`",
            epoch,
        )
    ]
