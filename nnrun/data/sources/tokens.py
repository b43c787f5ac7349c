"""One long text, cut into characters, words or lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.texts import read_text
from nnrun.errors import DataError

WORDS = re.compile(r"\w+(?:['\u2019]\w+)*|[^\w\s]")  # a word, with what an apostrophe joins, or a single sign


def tokens(
    path: Path, *, split: Literal["character", "word", "line"] = "character", encoding: str = "utf-8"
) -> Dataset:
    """A table with a row for each token of a text, in order, in the column `token`.

    Args:
        path: The text, packed with gzip or not.
        split: character: every one, blanks and line ends too; word: words and single signs; line: lines with a text in
            them.
        encoding: How the file is encoded.
    """
    import numpy as np
    import pandas as pd

    text = read_text(path, encoding)
    if split == "character":
        found = list(text)  # Python keeps a single text for each of the common characters
    elif split == "word":
        known: dict[str, str] = {}
        found = [known.setdefault(word, word) for word in WORDS.findall(text)]
    else:
        found = [line for line in text.split("\n") if line.strip()]
    if not found:
        raise DataError(f"{path} holds no text", expected=f"a {split} at least")
    return Dataset(
        size=len(found),
        columns=pd.DataFrame({"token": pd.Series(np.array(found, dtype=object), dtype=object)}),
        files=(path,),
        description=f"text {path.name}",
    )


def peek(
    path: Path | None,  # noqa: ARG001  what it holds is the same in every text
    *,
    split: Literal["character", "word", "line"] = "character",  # noqa: ARG001
    encoding: str = "utf-8",  # noqa: ARG001
) -> Peek:
    """The column."""
    return Peek(columns=("token",))
