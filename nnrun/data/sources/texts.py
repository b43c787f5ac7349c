"""A folder of text files, one folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from nnrun.data.bad import OnBad
from nnrun.data.dataset import Dataset, Peek
from nnrun.data.folders import Folder, by_class, left_out, together
from nnrun.data.part_files import PARTS, parts_of
from nnrun.data.texts import SUFFIXES, read_texts
from nnrun.errors import SettingError


def texts(
    path: Path,
    *,
    labels: Literal["folder", "none"] = "folder",
    class_names: list[str] | None = None,
    encoding: str = "utf-8",
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Dataset:
    """A table with a row for each text file (.txt): its text as column `text`, its folder's name as `label`.

    Args:
        path: A folder that holds a folder for each class, or an archive of such; names that begin with a dot are passed
            over.
        labels: folder: a folder for each class; none: texts without a target.
        class_names: The names of the folders in the order of the class numbers; without it the order of the names.
        encoding: How the files are encoded.
        split_file: A JSON file that says which files train, validate and test: a list of names for each part.
        limit: At most so many files, evenly over all of them.
    """
    import numpy as np
    import pandas as pd

    folder = _folder(path, labels, class_names, limit)
    if on_bad == "fail":
        left_out(folder, on_bad, "text")
    folder = folder.limited(limit)
    found, strange = read_texts(folder.files, encoding)
    folder = folder.without(strange)
    bad = left_out(folder, on_bad, "text")
    columns = pd.DataFrame({"text": pd.Series(found, dtype=object)})
    if labels == "folder":
        columns["label"] = np.array(folder.classes, dtype=object)[folder.numbers]
    return Dataset(
        size=len(columns),
        columns=columns,
        classes={"label": folder.classes} if labels == "folder" else {},
        parts=parts_of(split_file, folder.files, folder.others),
        files=tuple(folder.files),
        description=f"texts {path.name}",
        target="label" if labels == "folder" else None,
        bad=bad,
    )


def peek(
    path: Path | None,
    *,
    labels: Literal["folder", "none"] = "folder",
    class_names: list[str] | None = None,
    encoding: str = "utf-8",  # noqa: ARG001  no file is opened
    split_file: Path | None = None,
    limit: int | None = None,
    on_bad: OnBad = "fail",
) -> Peek:
    """Classes and the number of texts, from the names of the files."""
    columns, target = (("text", "label"), "label") if labels == "folder" else (("text",), None)
    parts = PARTS if split_file is not None else ()
    if path is None:
        return Peek(columns=columns, target=target, parts=parts)
    folder = _folder(path, labels, class_names, limit)
    left_out(folder, on_bad, "text")
    rows = len(folder.limited(limit).files)
    return Peek(columns=columns, target=target, num_classes=len(folder.classes) or None, rows=rows, parts=parts)


def _folder(path: Path, labels: str, class_names: list[str] | None, limit: int | None) -> Folder:
    if class_names is not None and labels != "folder":
        raise SettingError(f"class_names are of folders, and labels is {labels}", hint="leave one of them out")
    if limit is not None and limit < 1:
        raise SettingError(f"limit {limit} leaves no texts", expected="a number of texts")
    if labels == "folder":
        return by_class(path, SUFFIXES, "text", class_names)
    return together(path, SUFFIXES, "text")
