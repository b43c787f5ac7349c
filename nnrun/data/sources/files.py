"""A folder of files of any kind as a table: a row for each, with what its name tells."""

from __future__ import annotations

import os
import re
from pathlib import Path

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import DataError, SettingError, did_you_mean

_PART = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def files(path: Path, *, pattern: str, limit: int | None = None) -> Dataset:
    """A table with the column `path`, and a column for each part of the names: `"{digit}_{speaker}_{take}.wav"`.

    The files themselves are opened by a preparation, such as `{image: path}` or `{audio: {columns: path, ...}}`.

    Args:
        path: A folder; its own folders are looked into where the pattern has a slash.
        pattern: How the names are made: a text in braces is a column, all else stands as it is. Files of other names
            are passed over.
        limit: Take only the first files, in the order of their names.
    """
    import numpy as np
    import pandas as pd

    shape = compiled(pattern)
    found = matching(path, shape)[:limit]
    if not found:
        names = sorted(os.listdir(path))
        raise DataError(
            f"no file of {path} is called like {pattern}",
            expected=f"names such as {names[0]}" if names else "files in the folder",
            hint=did_you_mean(pattern, names),
        )
    table = pd.DataFrame({"path": [name for name, _ in found]})
    for column in shape.groupindex:
        texts = pd.Series([match[column] for _, match in found])
        numbers = pd.to_numeric(texts, errors="coerce")
        table[column] = texts if numbers.isna().any() else numbers
    folders = np.empty(len(table), dtype=object)
    folders[:] = [path] * len(table)
    kept = tuple(path / name for name, _ in found)
    return Dataset(size=len(table), columns=table, files=kept, folders=folders, description=f"files of {path.name}")


def peek(path: Path | None, *, pattern: str, limit: int | None = None) -> Peek:
    """The columns, from the pattern, and the number of files."""
    shape = compiled(pattern)
    columns = ("path", *shape.groupindex)
    if path is None:
        return Peek(columns=columns)
    return Peek(columns=columns, rows=len(matching(path, shape)[:limit]))


def compiled(pattern: str) -> re.Pattern[str]:
    """How names are made, as an expression with a group for each column."""
    names = _PART.findall(pattern)
    if not names or len(set(names)) < len(names) or "path" in names:
        raise SettingError(
            f"the pattern {pattern!r} names no columns, one twice, or one called path",
            expected='such as "{digit}_{speaker}_{take}.wav"',
        )
    parts = _PART.split(pattern)
    return re.compile(
        "".join(f"(?P<{part}>[^/]+?)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )


def matching(path: Path, shape: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    """The files whose names fit, in order; links that lead outside are left out."""
    if not path.is_dir():
        raise DataError(f"{path} is not a folder", expected="a folder of files")
    inside = path.resolve()
    names = []
    for folder, below, found in os.walk(path):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(found):
            file = Path(folder, name)
            if not name.startswith(".") and file.resolve().is_relative_to(inside):
                names.append(file.relative_to(path).as_posix())
    matches = ((name, shape.fullmatch(name)) for name in names)
    return [(name, match) for name, match in matches if match is not None]
