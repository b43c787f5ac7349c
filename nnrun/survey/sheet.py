"""The data of a config as a picture: a sheet of pictures, or how each column is distributed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

    from nnrun.training.answers import Answer

    Array = np.ndarray[Any, Any]

ACROSS = 12  # pictures of a class
MOST_CLASSES, MOST_COLUMNS, MOST_VALUES = 20, 24, 8
BINS = 30


def draw(config: Config, dataset: Dataset, path: Path) -> Path:
    """Writes a PNG of training rows: pictures by class where the data has pictures, else a panel for each column.

    Raises DataError where there is neither.
    """
    from nnrun.report.draw import write

    with config.names():
        return write(_drawn(config, dataset), path)


def _drawn(config: Config, dataset: Dataset) -> Figure:
    from nnrun.training.division import divide
    from nnrun.training.material import fitted, truth

    train = divide(config, dataset).train
    preparation, answers = fitted(config, dataset, train)
    pictures = [name for name, array in dataset.arrays.items() if _is_picture(array.shape[1:])]
    if pictures:
        classes = {
            name: (answer, truth(answer, dataset, preparation, {}))
            for name, answer in answers.items()
            if answer.task.kind == "classes" and not answer.task.everywhere and not answer.spec.of_input
        }
        return _sheet(dataset, pictures[0], train, next(iter(classes.values()), None))
    if dataset.columns is None:
        raise DataError("the data has no pictures and no columns to draw", hint="leave --figure out")
    return _panels(dataset, dataset.records(train))


def _is_picture(shape: tuple[int, ...]) -> bool:
    """Height and width, and channels that a person sees."""
    return min(shape) >= 6 if len(shape) == 2 else len(shape) == 3 and shape[-1] in (1, 3, 4)


def _sheet(dataset: Dataset, name: str, train: Array, answered: tuple[Answer, Array] | None) -> Figure:
    """A row of pictures for each class, drawn with a seed."""
    import numpy as np

    from nnrun.report.figures._probe import picture, tiles

    mixed = np.random.default_rng(0).permutation(train)
    chosen: dict[str, Array] = {"": mixed[: 4 * ACROSS]}
    if answered is not None:
        answer, values = answered
        numbers = answer.class_numbers(values[mixed])
        names = answer.target.classes[:MOST_CLASSES]
        chosen = {label: np.sort(mixed[numbers == place][:ACROSS]) for place, label in enumerate(names)}
    array, rows = dataset.arrays[name], []
    for label, picked in chosen.items():
        shown = array[picked]
        shown = shown[..., None] if shown.ndim == 3 else shown
        scaled = shown.astype("float32") / (255 if shown.dtype == np.uint8 else 1)
        rows.append((label, [(picture(one), "gray") for one in scaled]))
    says = f"{name} of training rows{', by class' if answered else ''}: {array.shape[1:]} of {array.dtype}"
    return tiles(rows, ACROSS, title="Pictures", says=says, side=0.8)


def _panels(dataset: Dataset, records: Array) -> Figure:
    """A histogram of every column of numbers, bars of the most frequent texts of every other."""
    from nnrun.data.columns import is_number
    from nnrun.report import style

    assert dataset.columns is not None
    names = list(dataset.columns.columns)[:MOST_COLUMNS]
    more = len(dataset.columns.columns) - len(names)
    title = f"{len(records):,} training rows" + (f", the first {len(names)} columns" if more else "")
    figure, axes = style.panels(len(names), width=3.6, height=2.7, title=title)
    for one, name in zip(axes, names, strict=True):
        column = dataset.columns[name].iloc[records]
        present, blanks = column.dropna(), int(column.isna().sum())
        says = f"{blanks:,} blank" if blanks else ""
        if is_number(column):
            one.hist(present.astype(float), bins=min(BINS, max(2, present.nunique())), color=style.TRAIN)
            says = ", ".join(part for part in (f"median {present.median():.4g}" if len(present) else "", says) if part)
        else:
            counts = present.value_counts()
            says = ", ".join(part for part in (f"{len(counts):,} texts", says) if part)
            _bars(one, {str(text): int(count) for text, count in counts.head(MOST_VALUES).items()})
        style.name(one, title=str(name), x="", says=says)
    return figure


def _bars(axes: Any, counts: Mapping[str, int]) -> None:
    from nnrun.report import style

    labels = [text if len(text) <= 16 else f"{text[:15]}…" for text in counts]
    axes.barh(range(len(labels)), list(counts.values()), color=style.TRAIN)
    axes.set_yticks(range(len(labels)), [style.literal(label) for label in labels], fontsize=8)
    axes.invert_yaxis()
