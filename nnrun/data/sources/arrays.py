"""A folder of arrays, each a file as `numpy.save` writes it."""

from __future__ import annotations

from pathlib import Path

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.headers import npy_header
from nnrun.data.rows import in_memory
from nnrun.data.stored import npy_rows
from nnrun.errors import DataError, did_you_mean, listing

TARGETS = ("target", "targets", "y", "label", "labels")


def arrays(path: Path, *, target: str | None = None) -> Dataset:
    """Arrays that share their rows, `image.npy` as `image`; what does not fit into memory is streamed from the files.

    Arrays called y, label, labels, target or targets are targets, all others inputs. Whole pictures in bytes
    (uint8 of rank 3 or more) are scaled to 0..1.

    Args:
        path: A folder of .npy files.
        target: The array that is the target, where it has another name.
    """
    import numpy as np

    shapes = _shapes(path)
    own = _targets(path, list(shapes), target)
    inputs = {name: npy_rows(path / f"{name}.npy") for name in shapes if name not in own}
    return Dataset(
        size=next(iter(shapes.values()))[0],
        arrays=inputs,
        targets={name: in_memory(npy_rows(path / f"{name}.npy")) for name in own},
        scale={name: 1 / 255 for name, rows in inputs.items() if rows.dtype == np.uint8 and len(rows.shape) >= 3},
        files=tuple(path / f"{name}.npy" for name in shapes),
        description=f"arrays {path.name}",
        target=own[0] if own else None,
    )


def peek(path: Path | None, *, target: str | None = None) -> Peek:
    """Names and shapes, from the headers of the arrays."""
    if path is None:
        return Peek(target=target)
    shapes = _shapes(path)
    own = _targets(path, list(shapes), target)
    return Peek(
        arrays={name: shape[1:] for name, shape in shapes.items() if name not in own},
        targets={name: shapes[name][1:] for name in own},
        target=own[0] if own else None,
        rows=next(iter(shapes.values()))[0],
    )


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """The shape of every array, with the rows on axis 0."""
    files = sorted(path.glob("[!.]*.npy")) if path.is_dir() else []
    if not files:
        raise DataError(f"{path} holds no arrays", expected="a folder of .npy files, as numpy.save writes them")
    shapes = {}
    for file in files:
        with file.open("rb") as stream:
            shapes[file.stem] = npy_header(stream, str(file))[0]
        if not shapes[file.stem]:
            raise DataError(f"{file} is a single value", expected="rows on axis 0")
    if len({shape[0] for shape in shapes.values()}) > 1:
        told = ", ".join(f"{name} {shape[0]:,}" for name, shape in shapes.items())
        raise DataError(
            f"{path}: the arrays have different numbers of rows: {told}", expected="one row each for every example"
        )
    return shapes


def _targets(path: Path, names: list[str], target: str | None) -> list[str]:
    if target is None:
        found = [name for name in TARGETS if name in names]
    elif target in names:
        found = [target]
    else:
        hint = did_you_mean(target, names)
        raise DataError(
            f"{path} holds no array {target!r} for the target", expected=f"one of {listing(names)}", hint=hint
        )
    if len(found) == len(names):
        raise DataError(f"{path} holds targets alone: {listing(names)}", expected="an array of inputs beside them")
    return found
