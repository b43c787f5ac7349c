"""Whole files or none: a file is written beside its place, made durable and moved there in one step."""

from __future__ import annotations

import errno
import json
import math
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.storage import arrays as named_arrays
from nnrun.storage.trouble import writing

if TYPE_CHECKING:
    import numpy as np


_STAGED = ".staged-"


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A temporary path beside `path`; what the block writes there becomes `path` when the block ends well.

    The temporary name is hidden and keeps every suffix (Keras wants `.weights.h5`); it does not exist yet.
    The folder of `path` is created, its parents are not. If the block fails, `path` is as it was and the
    temporary is gone. An OSError, the block's own included, becomes a StorageError.

        with staged(run / "model.keras") as temporary:
            model.save(temporary)
    """
    temporary = path.parent / f"{_STAGED}{secrets.token_hex(6)}{''.join(path.suffixes)}"
    with writing(path):
        make_folder(path.parent)
        try:
            yield temporary
            sync(temporary)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Removes what earlier deaths left half written in `folder`, whose lock the caller has."""
    with writing(folder):
        for path in folder.glob(f"{_STAGED}*"):
            path.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """`data` as the whole of `path`."""
    with staged(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """`text` as the whole of `path`, UTF-8 with the line ends as given."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path, data: Any) -> None:
    """`data` as strict JSON in the order given; NaN and infinities, which JSON has not, become null.

    Numbers and arrays of numpy and paths are taken too.
    """
    text = json.dumps(_json_data(data), indent=1, allow_nan=False, ensure_ascii=False)
    write_text(path, text + "\n")


def write_npz(path: Path, arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Named arrays, compressed, readable with `numpy.load`; the same arrays give the same bytes.

    Raises ValueError for an array of Python objects: reading it back would run code.
    """
    with staged(path) as temporary:
        named_arrays.write(temporary, arrays, compressed=True)


def remove(path: Path) -> None:
    """No file of this name any more, whether there was one or not."""
    with writing(path):
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def make_folder(folder: Path) -> bool:
    """Makes `folder` and its name durable; its parent must exist. False where there is something by that name."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    sync_folder(folder.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Makes the names in `folder` durable, where the file system can."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems sync no folders
            raise


def sync(path: Path) -> None:
    """Makes the content of a file durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _json_data(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _json_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_data(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):
        return _json_data(value.tolist())
    return value
