"""Which files train, validate and test, by a JSON file that comes with them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

PARTS = ("validation", "test")
_CALLED = {
    "train": "train", "training": "train", "val": "validation", "valid": "validation", "validation": "validation",
    "dev": "validation", "test": "test", "testing": "test",
}  # fmt: skip
EXPECTED = '{"train": ["a.png", ...], "validation": [...], "test": [...]}, or {"a.png": "train", ...}'


def parts_of(path: Path | None, files: Sequence[Path], others: Collection[str] = ()) -> dict[str, np.ndarray[Any, Any]]:
    """The rows of the validation and the test part; all other files train, and the JSON file has to name each of them.

    A file is named with or without its ending. Raises DataError for a file that stands in no part or in two, and for a
    name that is no file, unless it is among `others`, which were there and are not used.
    """
    import numpy as np

    if path is None:
        return {}
    part_of = _read(path)
    rows: dict[str, list[int]] = {part: [] for part in dict.fromkeys(part_of.values())}
    unnamed = []
    for row, file in enumerate(files):
        part = part_of.get(file.stem)
        if part is None:
            unnamed.append(file.name)
        else:
            rows[part].append(row)
    if unnamed:
        raise DataError(f"{path} names no part for {listing(unnamed, 5)}", expected="each file in one part")
    stems = {file.stem for file in files} | set(others)
    absent = [name for name in part_of if name not in stems]
    if absent:
        raise DataError(
            f"{path} names {listing(absent, 5)}, which are no files", expected="names of files that are there"
        )
    return {part: np.array(numbers, dtype=np.int64) for part, numbers in rows.items() if part != "train"}


def _read(path: Path) -> dict[str, str]:
    """The part of every file, by the file's name without its ending."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", expected=EXPECTED) from None
    if not isinstance(told, dict):
        raise DataError(f"{path} holds no mapping", expected=EXPECTED)
    if all(isinstance(names, list) for names in told.values()):
        pairs = [(name, part) for part, names in told.items() for name in names]
    else:
        pairs = list(told.items())
    found: dict[str, str] = {}
    for name, part in pairs:
        if _CALLED.get(str(part)) is None:
            raise DataError(f"{path} names a part {part!r}", expected=EXPECTED)
        stem = Path(str(name)).stem
        if stem in found:
            raise DataError(f"{path} names {name} twice", expected="each file in one part")
        found[stem] = _CALLED[str(part)]
    return found
