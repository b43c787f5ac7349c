"""Parts that are files of their own, put behind the source's rows, so that one set of row numbers serves all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnrun.data.class_numbers import renumbered
from nnrun.data.dataset import Dataset
from nnrun.data.file_table import is_filed, joined
from nnrun.data.files import same_content
from nnrun.data.rows import JoinedRows, Rows, as_rows
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np


def combine(main: Dataset, parts: Mapping[str, Dataset]) -> Dataset:
    """One dataset; `parts` of the result names the rows of each given part ("test", "validation")."""
    import numpy as np

    result, earlier = main, {"source": main}
    for part, given in parts.items():
        extra = given
        _refuse_same_file(part, extra, earlier)
        earlier[f"{part} part"] = extra
        if part in result.parts:
            raise DataError(
                f"the source brings its own {part} part, and `data.{part}` gives another",
                expected="one of them",
            )
        if _fewer_classes(main, extra):  # a folder of pictures in which one has none
            extra = renumbered(extra, main.classes)
        _same(main, extra, part)
        rows = np.arange(result.size, result.size + extra.size)
        result = replace(
            result,
            size=result.size + extra.size,
            columns=_tables(result, extra),
            arrays={name: _joined(array, extra.arrays[name]) for name, array in result.arrays.items()},
            targets=_arrays(result.targets, extra.targets),
            parts={**result.parts, part: rows},
            files=(*result.files, *extra.files),
            archives={**result.archives, **extra.archives},
            lines=_lines(result, extra),
            folders=_folders(result, extra),
            bad=(*result.bad, *extra.bad),
            notes=(*result.notes, *extra.notes),
        )
    return result


def _refuse_same_file(part: str, extra: Dataset, earlier: Mapping[str, Dataset]) -> None:
    """Rows that were trained on say nothing about new ones, under whatever name the file is given."""
    for name, other in earlier.items():
        if extra.files and _share_rows(extra, other) and same_content(extra.files, other.files):
            raise DataError(
                f"`data.{part}` is the same file as the {name}: {listing([str(path) for path in extra.files], 1)}",
                expected="rows that stand nowhere else",
                hint=f"take `data.{part}` away, and write `data: {{split: {{{part}: 0.2}}}}`",
            )


def _fewer_classes(main: Dataset, extra: Dataset) -> bool:
    """Whether a part has all its classes in common with the source, and not all of them."""
    return any(set(extra.classes.get(name, ())) < set(classes) for name, classes in main.classes.items())


def _share_rows(first: Dataset, second: Dataset) -> bool:
    """Whether rows of one file would be in both: another sheet, pointer or `where` reads others."""
    if first.selection != second.selection:
        return False
    if first.lines is None or second.lines is None:
        return True
    import numpy as np

    return bool(np.isin(_named(first.lines), _named(second.lines)).any())


def _same(main: Dataset, extra: Dataset, part: str) -> None:
    columns = [str(c) for c in main.columns.columns] if main.columns is not None else []
    others = [str(c) for c in extra.columns.columns] if extra.columns is not None else []
    missing = [name for name in columns if name not in others]
    if missing:
        raise DataError(f"the {part} part lacks the columns {listing(missing)}", expected=listing(columns, 30))
    for name, array in main.arrays.items():
        if name not in extra.arrays:
            raise DataError(f"the {part} part has no array {name!r}", expected=listing(list(main.arrays)))
        if extra.arrays[name].shape[1:] != array.shape[1:]:
            raise DataError(
                f"rows of {name!r} are {array.shape[1:]} in the source and {extra.arrays[name].shape[1:]} in the "
                f"{part} part",
                expected="rows of one shape",
            )
    if dict(main.classes) != dict(extra.classes):
        for name, classes in main.classes.items():
            unknown = [c for c in extra.classes.get(name, ()) if c not in classes]
            if unknown or extra.classes.get(name) != classes:
                raise DataError(
                    f"the {part} part has other classes of {name!r}: {listing(list(extra.classes.get(name, ())))}",
                    expected=listing(list(classes), 30),
                )


def _tables(first: Dataset, second: Dataset) -> Any:
    if first.columns is None or second.columns is None:
        return first.columns
    import pandas as pd

    if is_filed(first) or is_filed(second):
        return joined(first.columns, second.columns)
    return pd.concat([first.columns, second.columns[list(first.columns.columns)]], ignore_index=True)


def _arrays(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    import numpy as np

    return {name: np.concatenate([array, second[name]]) for name, array in first.items()}


def _joined(first: Any, second: Any) -> Any:
    """Two arrays behind each other; where either is streamed, both are."""
    import numpy as np

    if isinstance(first, Rows) or isinstance(second, Rows):
        return JoinedRows(as_rows(first), as_rows(second))
    return np.concatenate([first, second])


def _folders(first: Dataset, second: Dataset) -> Any:
    if first.folders is None or second.folders is None:
        return None
    import numpy as np

    return np.concatenate([first.folders, second.folders])


def _lines(first: Dataset, second: Dataset) -> Any:
    if first.lines is None or second.lines is None:
        return None
    import numpy as np

    numbers = first.lines.dtype.kind == second.lines.dtype.kind
    both = (first.lines, second.lines) if numbers else (_named(first.lines), _named(second.lines))
    return np.concatenate(both)


def _named(lines: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The rows' own names, of lines in words."""
    import numpy as np

    return lines if lines.dtype.kind == "U" else np.char.add("line ", lines.astype(str))
