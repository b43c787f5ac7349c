"""Arrays by name in one file, as `numpy.savez` writes them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import npy_header
from nnrun.errors import DataError, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np

TARGETS = ("target", "targets", "y", "label", "labels")
TRAIN, TEST = "_train", "_test"


def npz(path: Path, *, target: str | None = None) -> Dataset:
    """Arrays that share their rows; `x_train` and `x_test` are the two parts of an input `x`.

    Arrays called y, label, labels, target or targets are targets, all others inputs. Whole pictures in bytes
    (uint8 of rank 3 or more) are scaled to 0..1. Arrays of Python objects are refused: they are pickles.

    Args:
        path: The .npz file.
        target: The array that is the target, where it has another name.
    """
    import numpy as np

    headers = _headers(path)
    names = _names(path, headers, target)
    written = read_arrays(path)
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    train_rows = total = 0
    for name, keys in names.items():
        arrays[name] = np.concatenate([written[key] for key in keys]) if len(keys) > 1 else written[keys[0]]
        train_rows, total = len(written[keys[0]]), len(arrays[name])
    own = _own_targets(names, target)
    return Dataset(
        size=total,
        arrays={name: array for name, array in arrays.items() if name not in own},
        targets={name: array for name, array in arrays.items() if name in own},
        scale={
            name: 1 / 255
            for name, array in arrays.items()
            if name not in own and array.dtype == np.uint8 and array.ndim >= 3
        },
        parts={"test": np.arange(train_rows, total, dtype=np.int64)} if train_rows < total else {},
        files=(path,),
        description=f"arrays {path.name}",
        target=own[0] if own else None,
    )


def peek(path: Path | None, *, target: str | None = None) -> Peek:
    """Names and shapes, from the headers of the arrays."""
    if path is None:
        return Peek(target=target)
    headers = _headers(path)
    names = _names(path, headers, target)
    own = _own_targets(names, target)
    keys = next(iter(names.values()))
    shapes = {name: headers[keys[0]][0][1:] for name, keys in names.items()}
    return Peek(
        arrays={name: shape for name, shape in shapes.items() if name not in own},
        targets={name: shape for name, shape in shapes.items() if name in own},
        target=own[0] if own else None,
        rows=sum(headers[key][0][0] for key in keys),
        parts=("test",) if len(keys) > 1 else (),
    )


def read_arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    """Every array of the file by name; never a pickle."""
    import numpy as np

    keys = _headers(path)
    try:
        with np.load(path, allow_pickle=False) as stored:
            return {key: np.asarray(stored[key]) for key in keys}
    except (ValueError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None


def _headers(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            headers = {}
            for member in archive.namelist():
                with archive.open(member) as stream:
                    key = member.removesuffix(".npy")
                    headers[key] = npy_header(stream, f"{path}: array {key!r}")
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path} cannot be read: {error}", expected="a file that numpy.savez wrote", hint="copy it again"
        ) from None
    if not headers:
        raise DataError(f"{path} holds no arrays", expected="a file that numpy.savez wrote")
    return headers


def _names(
    path: Path, headers: dict[str, tuple[tuple[int, ...], str]], target: str | None
) -> dict[str, tuple[str, ...]]:
    """Which stored arrays make each input or target: one, or the train and the test one."""
    names: dict[str, tuple[str, ...]] = {}
    for key in headers:
        base = key.removesuffix(TRAIN).removesuffix(TEST)
        pair = (base + TRAIN, base + TEST)
        names[base if pair[0] in headers and pair[1] in headers else key] = (
            pair if pair[0] in headers and pair[1] in headers else (key,)
        )
    if target is not None and target not in names:
        raise DataError(
            f"{path} holds no array {target!r} for the target",
            expected=f"one of {listing(sorted(names))}",
            hint=did_you_mean(target, names),
        )
    flat = [key for key, (shape, _) in headers.items() if not shape]
    if flat:
        raise DataError(f"{path}: array {flat[0]!r} is a single value", expected="rows on axis 0")
    sizes = {name: tuple(headers[key][0][0] for key in keys) for name, keys in names.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {' + '.join(map(str, size))}" for name, size in sizes.items())
        raise DataError(
            f"{path}: the arrays have different numbers of rows: {told}",
            expected="one row each for every example",
        )
    for name, keys in names.items():
        if len({headers[key][0][1:] for key in keys}) > 1:
            raise DataError(f"{path}: {keys[0]} and {keys[1]} differ in the shape of a row", expected=f"one {name}")
    return names


def _own_targets(names: dict[str, tuple[str, ...]], target: str | None) -> list[str]:
    return [target] if target is not None else [name for name in TARGETS if name in names]
