"""Rows that come after the training: a file, a folder or a stream, read as the run's own source was, piece by piece."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from sys import maxsize
from typing import IO, Any

from nnrun.config.spec import Spec
from nnrun.data import archives, sources
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.folders import Folder, left_out, together
from nnrun.data.picture_files import FORMATS
from nnrun.data.pictures import Pictures
from nnrun.data.rows import ChosenRows, Rows
from nnrun.data.sources.npz import read_arrays
from nnrun.data.stored import npy_rows
from nnrun.data.windows import windowed
from nnrun.errors import DataError, UsageError, did_you_mean, listing

PIECE = 16_384  # rows that are prepared at once
CHOOSING = ("where", "limit")  # settings of sources that leave rows out
_BINARY = {
    b"PK\x03\x04": "a zip archive", b"\x93NUMPY": "an array of NumPy", b"PAR1": "a Parquet file", b"%PDF": "a PDF",
    b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture", b"GIF8": "a picture", b"\x89HDF": "an HDF5 file",
}  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """Some rows as they were read; `names` are the rows' numbers, counted from 0, or the names of their files."""

    dataset: Dataset
    names: Sequence[Any]
    named_by: str = "row"


@dataclass(frozen=True)
class Reader:
    """How the rows of a run are read again.

    `setting` is the one of the source that names its file; None where there is none, or more than one. `columns` are
    those that are wanted of a table, "numbers" or "text" as they were read when the run was trained; `arrays` the
    inputs that are arrays, with the shape of a row; `scale` by what these are multiplied. `own` reads a source of the
    person's own file. With `windows` rows of the table stand together, and what is answered is each window, called by
    its last row: no row of its future has to be there.
    """

    source: Spec
    setting: str | None
    columns: Mapping[str, str]
    arrays: Mapping[str, tuple[int, ...]]
    scale: Mapping[str, float]
    own: Callable[[Spec, Roots], Dataset] | None = None
    windows: Mapping[str, Any] | None = None
    rows: int = PIECE

    def pieces(self, data: Path | IO[bytes], *, labelled: bool = False) -> Iterator[Piece]:
        """The rows of a file or folder, or of a stream of bytes; `labelled` ones have their targets beside them."""
        first = True
        for piece in self._read(data, labelled=labelled):
            if first:
                self._require(piece.dataset, data)
            first = False
            yield piece if self.windows is None else self._windowed(piece.dataset, labelled=labelled)

    def ignored(self, dataset: Dataset) -> list[str]:
        """The columns that nothing reads."""
        table = () if dataset.columns is None else dataset.columns.columns
        return [str(name) for name in table if name not in self.columns]

    @property
    def _rows(self) -> int:
        """How many rows of a table are read at once; windows reach from any row into the next."""
        return self.rows if self.windows is None else maxsize

    def _windowed(self, dataset: Dataset, *, labelled: bool) -> Piece:
        assert self.windows is not None
        future = () if labelled else ("horizon", "gap")
        made = windowed(dataset, {key: value for key, value in self.windows.items() if key not in future})
        assert made.windows is not None
        return Piece(made, (made.windows.starts + made.windows.length - 1).tolist(), "last_row")

    def _read(self, data: Path | IO[bytes], *, labelled: bool) -> Iterator[Piece]:
        if not isinstance(data, Path):
            return self._stream(data)
        if not data.exists():
            raise DataError(f"no such file: {data}", hint=did_you_mean(data.name, _beside(data)))
        path = archives.find(Roots(data.parent.resolve()), data.name).path if data.is_file() else data.resolve()
        assert path is not None
        if self.arrays and not self.columns:
            if not labelled and (path.is_dir() or path.suffix.lower() in FORMATS):
                return self._cut(*self._pictures(path))
            if not labelled and path.suffix in (".npz", ".npy"):
                return self._cut(self._arrays(path))
        return self._of_source(path)

    def _stream(self, stream: IO[bytes]) -> Iterator[Piece]:
        if not self.columns:
            raise UsageError("a table is read from stdin, and the run takes none", expected=self._wanted())
        return self._tables(stream, "csv")

    def _of_source(self, path: Path) -> Iterator[Piece]:
        name = self.source.name
        setting = self.setting
        if setting is None and self.columns and path.suffix.lower() in (".csv", ".tsv", ".gz"):
            return self._tables(path, "csv")
        if setting is None:
            raise DataError(f"{path} cannot be read as the source {name} of the run", expected=self._wanted())
        self._refuse_kind(path)
        if self.columns and self.own is None and hasattr(_module(name), "pieces"):
            return self._tables(path, name)
        spec = replace(self.source, arguments={**self._settings(), setting: str(path)})
        roots = Roots(path.parent)
        read = self.own or (lambda spec, roots: sources.read(spec.name, spec.arguments, roots))
        return self._cut(read(spec, roots))

    def _tables(self, data: Path | IO[bytes], name: str) -> Iterator[Piece]:
        """A table of a source that is read a piece at a time; text stays text, also where it looks like numbers."""
        import numpy as np

        settings = self._settings() if name == self.source.name else {}
        text = [column for column, kind in self.columns.items() if kind == "text"]
        first = 0
        folder = data.parent if isinstance(data, Path) else Path.cwd()  # of files that cells name
        for piece in _module(name).pieces(data, rows=self._rows, text=text, **settings):
            folders = np.full(piece.size, None, dtype=object)
            folders[:] = [folder] * piece.size
            yield Piece(replace(piece, folders=folders), range(first, first + piece.size))
            first += piece.size

    def _settings(self) -> dict[str, Any]:
        """The source's, less its file and what chose the rows of the training."""
        return {key: value for key, value in self.source.arguments.items() if key not in (self.setting, *CHOOSING)}

    def _pictures(self, path: Path) -> tuple[Dataset, Sequence[str]]:
        """Pictures without labels, by their names below the folder."""
        name, shape = self._only_array()
        if len(shape) != 3:
            raise DataError(f"{path} holds pictures, and the run takes none", expected=self._wanted())
        folder = together(path, FORMATS, "picture") if path.is_dir() else Folder(path.parent, [path])
        left_out(folder, "fail", "picture")
        mode = "rgb" if shape[2] == 3 else "grayscale"
        pictures = Pictures(folder.path, folder.files, shape[:2] if self._resizes else None, mode)
        scale = {name: self.scale.get(name, 1.0)}
        named = [file.relative_to(folder.path).as_posix() for file in folder.files]
        return Dataset(len(named), arrays={name: pictures}, scale=scale, files=tuple(folder.files)), named

    @property
    def _resizes(self) -> bool:
        return bool(self.source.arguments.get("image_size"))

    def _arrays(self, path: Path) -> Dataset:
        if path.suffix == ".npy":
            found: dict[str, Any] = {self._only_array()[0]: npy_rows(path)}
        else:
            stored = read_arrays(path)
            found = {name: stored[name] for name in self.arrays if name in stored}
            missing = [name for name in self.arrays if name not in stored]
            if missing:
                raise DataError(
                    f"{path} has no array {missing[0]!r}",
                    expected=listing(list(self.arrays)),
                    hint=did_you_mean(missing[0], stored),
                )
        sizes = {name: len(array) for name, array in found.items()}
        if len(set(sizes.values())) > 1:
            told = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise DataError(f"{path}: the arrays have different numbers of rows: {told}", expected="a row each")
        return Dataset(next(iter(sizes.values())), arrays=found, scale=self.scale, files=(path,))

    def _cut(self, dataset: Dataset, names: Sequence[Any] | None = None) -> Iterator[Piece]:
        """What was read as a whole, a piece at a time."""
        whole = dataset.size
        for first in range(0, whole, self._rows):
            rows = range(first, min(first + self._rows, whole))
            named = rows if names is None else names[rows.start : rows.stop]
            yield Piece(_part(dataset, rows), named, "row" if names is None else "file")

    def _require(self, dataset: Dataset, data: Path | IO[bytes]) -> None:
        """Every column that the run reads is there; all that are missing are named."""
        if not self.columns:
            return
        there = [] if dataset.columns is None else [str(name) for name in dataset.columns.columns]
        missing = [name for name in self.columns if name not in there]
        if missing:
            near = {name: did_you_mean(name, there).removeprefix("did you mean ").rstrip("?") for name in missing}
            told = [f"{name!r} (is it {near[name]}?)" if near[name] else repr(name) for name in missing]
            raise DataError(
                f"{_name(data)} lacks {'the column' if len(missing) == 1 else 'the columns'} {listing(told)}",
                expected=f"the columns that the run was trained with: {listing(list(self.columns), 30)}",
                hint=f"it has {listing(there, 30)}",
            )

    def _refuse_kind(self, path: Path) -> None:
        """A folder in the place of a table, a picture in the place of text."""
        if not self.columns:
            return
        if path.is_dir():
            raise DataError(f"{path} is a folder", expected=self._wanted())
        with path.open("rb") as stream:
            start = stream.read(8)
        kind = next((told for magic, told in _BINARY.items() if start.startswith(magic)), None)
        if kind is not None and self.source.name in ("csv", "json", "jsonl", "arff"):
            raise DataError(f"{path} is {kind}", expected=self._wanted())

    def _wanted(self) -> str:
        if self.columns:
            own = f", as the run's source {self.source.name} reads it" if self.setting else " in a CSV file"
            return f"a table{own}"
        kinds = [f"{name} {list(shape)}" for name, shape in self.arrays.items()]
        return f"pictures, or arrays of rows in a .npz file: {listing(kinds)}"

    def _only_array(self) -> tuple[str, tuple[int, ...]]:
        if len(self.arrays) > 1:
            raise DataError(f"the run takes several arrays: {listing(list(self.arrays))}", expected="a .npz file")
        return next(iter(self.arrays.items()))


def _part(dataset: Dataset, rows: range) -> Dataset:
    """Some rows that stand behind one another."""
    import numpy as np

    part = slice(rows.start, rows.stop)

    def of(array: Any) -> Any:
        return ChosenRows(array, np.arange(rows.start, rows.stop)) if isinstance(array, Rows) else array[part]

    return replace(
        dataset,
        size=len(rows),
        columns=None if dataset.columns is None else dataset.columns.iloc[part].reset_index(drop=True),
        arrays={name: of(array) for name, array in dataset.arrays.items()},
        targets={name: array[part] for name, array in dataset.targets.items()},
        lines=None if dataset.lines is None else dataset.lines[part],
        folders=None if dataset.folders is None else dataset.folders[part],
        parts={},
        opened={},
    )


def _module(name: str) -> Any:
    return importlib.import_module(f"nnrun.data.sources.{name}")


def _beside(path: Path) -> list[str]:
    return os.listdir(path.parent) if path.parent.is_dir() else []


def _name(data: Path | IO[bytes]) -> str:
    return str(data) if isinstance(data, Path) else "stdin"
