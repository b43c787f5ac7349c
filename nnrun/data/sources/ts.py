"""Series with their classes, as sktime and the UCR and UEA archives write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.bad import BadRow, OnBad, left_out
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.delimited import Format
from nnrun.data.readable import readable
from nnrun.errors import DataError, SettingError, Where

if TYPE_CHECKING:
    import numpy as np

_TEXT = Format(quote="")


def ts(path: Path, *, length: int | None = None, on_bad: OnBad = "fail") -> Dataset:
    """Series as `series` (length, dimensions), and their class as `label`; shorter ones end in zeros.

    Args:
        path: The .ts file, packed with gzip or not.
        length: How long all series are made, where those of another part are longer than those of this one; by default
            as long as the longest.
        on_bad: What becomes of rows that cannot be read.
    """
    import numpy as np

    if length is not None and length < 1:
        raise SettingError(f"length is {length}", expected="a number of steps, from 1")
    rows: list[tuple[int, np.ndarray[Any, Any], str]] = []

    def bad_rows(head: _Head) -> Iterator[BadRow]:
        for number, text in _data(path):
            what, value, expected = _TEXT.trouble(text)[0], "", "numbers with commas between them"
            series = np.empty((0, 0))
            if not what:
                *cells, label = text.strip().rsplit(":", 1) if head.labels else (text.strip(), "")
                series, what, value = _series(":".join(cells))
                what = what or head.problem(series, label.strip()) or _too_long(series, length)
            if what:
                yield BadRow(str(path), number, "", what, value, expected)
            else:
                rows.append((number, series, label.strip()))

    with readable(path):
        head = _head(path)
        bad = left_out(bad_rows(head), on_bad)
    if not rows:
        first = f"; the first of {len(bad):,} bad ones: {bad[0]}" if bad else ""
        raise DataError(f"{path} holds no series{first}", expected="a series on each line below @data")
    sizes = [len(series) for _, series, _ in rows]
    longest = length or max(sizes)
    padded = np.zeros((len(rows), longest, head.dimensions or rows[0][1].shape[1]), dtype=np.float32)
    for place, (_, series, _) in enumerate(rows):
        padded[place, : len(series)] = series
    short = sum(size < longest for size in sizes)
    labels = [label for _, _, label in rows]
    note = f"{path.name}: {short:,} of {len(rows):,} series are shorter than {longest} steps and end in zeros"
    return Dataset(
        size=len(rows),
        arrays={"series": padded},
        targets={"label": np.array([float(label) for label in labels] if head.numbers else labels)}
        if head.labels
        else {},
        classes={"label": head.classes} if head.classes else {},
        files=(path,),
        description=f"series {path.name}",
        target="label" if head.labels else None,
        lines=np.array([number for number, _, _ in rows], dtype=np.int64),
        bad=bad,
        notes=(note,) if short else (),
    )


def peek(path: Path | None, *, length: int | None = None) -> Peek:
    """Length, dimensions and classes, from the lines that begin with @."""
    if path is None:
        return Peek(arrays={"series": (length, None)}, target="label")
    with readable(path):
        head = _head(path)
    return Peek(
        arrays={"series": (length or head.length, head.dimensions)},
        target="label" if head.labels else None,
        num_classes=len(head.classes) or None,
    )


@dataclass(frozen=True)
class _Head:
    """What stands above @data; `length` only where all series have it. `numbers`: labels are numbers, not classes."""

    dimensions: int | None = None
    length: int | None = None
    classes: tuple[str, ...] = ()
    numbers: bool = False

    @property
    def labels(self) -> bool:
        return bool(self.classes) or self.numbers

    def problem(self, series: np.ndarray[Any, Any], label: str) -> str:
        """What is wrong with a row, or nothing."""
        if self.classes and label not in self.classes:
            return f"the label {label!r} is none of the classes {', '.join(self.classes)}"
        if self.numbers and not _is_number(label):
            return f"the label {label!r} is no number"
        if self.dimensions is not None and series.shape[1] != self.dimensions:
            return f"the row has {series.shape[1]} dimensions, the file {self.dimensions}"
        return ""


def _head(path: Path) -> _Head:
    """The lines that begin with @."""
    told: dict[str, list[str]] = {}
    for number, text in _lines(path):
        if not text.startswith("@"):
            raise _error(path, number, f"{text[:40]!r} stands above @data", "lines that begin with @, and @data")
        key, *words = text.split()
        if key.lower() == "@data":
            break
        told[key.lower().removeprefix("@")] = words
    else:
        raise DataError(f"{path} has no line @data", expected="sktime's format, with the series below @data")
    if _is_true(told, "timestamps"):
        raise DataError(f"{path}: its values have time stamps", expected="@timeStamps false")
    dimensions = told.get("dimensions") or told.get("dimension")
    equal = "equallength" not in told or _is_true(told, "equallength")
    length = told.get("serieslength") if equal else None
    several = "univariate" in told and not _is_true(told, "univariate")
    return _Head(
        dimensions=_whole(dimensions) if several else 1,
        length=_whole(length),
        classes=tuple(told["classlabel"][1:]) if _is_true(told, "classlabel") else (),
        numbers=_is_true(told, "targetlabel"),
    )


def _data(path: Path) -> Iterator[tuple[int, str]]:
    below = False
    for number, text in _lines(path):
        if below:
            yield number, text
        below = below or text.lower().startswith("@data")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, text in _TEXT.lines(path):
        if text.strip() and not text.startswith("#"):
            yield number, text


def _series(text: str) -> tuple[np.ndarray[Any, Any], str, str]:
    """The values (length, dimensions) of a row; else what is wrong, and the value that is it."""
    import numpy as np

    dimensions = [cells.split(",") for cells in text.split(":")]
    lengths = {len(cells) for cells in dimensions}
    nothing = np.empty((0, 0))
    if len(lengths) > 1:
        return nothing, f"the dimensions of the row have different lengths: {sorted(lengths)}", ""
    for cells in dimensions:
        strange = next((cell for cell in cells if not _is_number(cell)), None)
        if strange is not None:
            blank = strange.strip() in ("", "?")
            return (
                nothing,
                "the series has a blank in it" if blank else f"the series holds {strange.strip()!r}",
                strange,
            )
    values = np.array(dimensions, dtype=np.float64).T
    with np.errstate(over="ignore"):
        if not np.isfinite(values.astype(np.float32)).all():
            return nothing, "the series holds NaN, an infinity or a number too large for float32", ""
    return values, "", ""


def _too_long(series: np.ndarray[Any, Any], length: int | None) -> str:
    too_long = length is not None and len(series) > length
    return f"the series has {len(series)} steps, more than the `length` of {length}" if too_long else ""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_true(told: dict[str, list[str]], key: str) -> bool:
    return [word.lower() for word in told.get(key, [])[:1]] == ["true"]


def _whole(words: list[str] | None) -> int | None:
    return int(words[0]) if words and words[0].isascii() and words[0].isdigit() else None


def _error(path: Path, line: int, what: str, expected: str) -> DataError:
    return DataError(what, where=Where(str(path), line, 1), expected=expected)
