"""What stands in the way of reading a file, as an error with its place."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nnrun.errors import DataError, Where, listing


@contextmanager
def readable(path: Path, line: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Whatever stands in the way of reading a file is a DataError, with the `line` that was reached if it is known."""
    try:
        yield
    except IsADirectoryError:
        told = listing(sorted(entry.name for entry in path.iterdir()))
        hint = f"name one of what it holds: {told}" if told else ""
        raise DataError(f"{path} is a folder", expected="a file", hint=hint) from None
    except (OSError, EOFError, zlib.error) as error:
        what, reached = f"the file cannot be read: {error}", line()
        if not reached:
            raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None
        what = f"behind this line {what}"
        raise DataError(what, where=Where(str(path), reached, 1), hint="copy or download it again") from None
    except UnicodeError as error:  # an encoding of several bytes a sign, in which no single byte can be set aside
        what = f"{path} cannot be read: {error}"
        raise DataError(what, expected="text in its `encoding`", hint="is `encoding` the right one?") from None
