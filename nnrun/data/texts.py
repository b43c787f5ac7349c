"""Text files as texts."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from nnrun.data.folders import Strange
from nnrun.data.headers import open_binary
from nnrun.errors import DataError

SUFFIXES = (".txt",)


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """The text of a file, packed with gzip or not, with line ends as a newline each."""
    try:
        with open_binary(path) as stream:
            text = stream.read().decode(encoding)
    except LookupError:
        raise DataError(
            f"there is no encoding {encoding!r}", hint="the usual one is utf-8; older files: latin-1"
        ) from None
    except UnicodeDecodeError as error:
        what = f"is not in {encoding}: byte {error.start} cannot be read"
        raise DataError(f"{path} {what}", hint="write `encoding: latin-1`, or whatever it is") from None
    except (OSError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def read_texts(files: Sequence[Path], encoding: str) -> tuple[list[str], list[Strange]]:
    """The texts of files that have one, in order, and the files that have none."""
    found: list[str] = []
    strange: list[Strange] = []
    for file in files:
        try:
            text = read_text(file, encoding)
        except DataError as error:
            strange.append((file, error.problems[0].what.removeprefix(f"{file} ")))
            continue
        if text.strip():
            found.append(text)
        else:
            strange.append((file, "holds no text"))
    return found, strange
