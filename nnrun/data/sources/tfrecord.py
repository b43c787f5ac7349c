"""Records of TensorFlow, each a `tf.train.Example`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.data.tfrecords import Feature, examples
from nnrun.errors import DataError, SettingError, did_you_mean, listing

DTYPES = (
    *("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "float32", "float64", "bool"),
)
EXPECTED = "`image: {shape: [28, 28, 1], dtype: uint8}`, or for a single value `label: int64`"


def tfrecord(path: Path, *, features: Any, target: str | None = None, limit: int | None = None) -> Dataset:
    """Records by their features, read into memory; whole pictures in bytes (uint8 of rank 3) are scaled to 0..1.

    Each feature is an array by its shape and the type of its numbers, be it stored as numbers or as raw bytes; `string`
    is a text. Single values are columns of a table, arrays are inputs.

    Args:
        path: The file, packed with gzip or not.
        features: What the records hold: `image: {shape: [28, 28, 1], dtype: uint8}`, or for a single value `label:
            int64`. Features that are not named are passed over.
        target: The feature that is the target.
        limit: At most so many records, the first ones.
    """
    import numpy as np
    import pandas as pd

    wanted = _wanted(features, target)
    found: dict[str, list[Any]] = {name: [] for name in wanted}
    for number, record in enumerate(examples(path, limit)):
        for name, (shape, dtype) in wanted.items():
            found[name].append(_value(f"{path}: record {number}", name, record, shape, dtype))
    if not next(iter(found.values())):
        raise DataError(f"{path} holds no records", expected="records of tf.train.Example")
    arrays = {name: np.stack(values) for name, values in found.items() if wanted[name][0]}
    single = {name: values for name, values in found.items() if not wanted[name][0]}
    columns = {
        name: pd.Series(values, dtype=object if wanted[name][1] == "string" else None)
        for name, values in single.items()
        if not (arrays and name == target)
    }
    targets = {name: values for name, values in arrays.items() if name == target}
    if arrays and target in single:
        targets[str(target)] = np.array(single[str(target)])
    return Dataset(
        size=len(next(iter(found.values()))),
        columns=pd.DataFrame(columns) if columns else None,
        arrays={name: array for name, array in arrays.items() if name != target},
        targets=targets,
        scale={name: 1 / 255 for name, array in arrays.items() if array.dtype == np.uint8 and array.ndim == 4},
        files=(path,),
        description=f"records {path.name}",
        target=target,
    )


def peek(path: Path | None, *, features: Any, target: str | None = None, limit: int | None = None) -> Peek:  # noqa: ARG001
    """Names and shapes, as the config says them."""
    wanted = _wanted(features, target)
    arrays = {name: shape for name, (shape, _) in wanted.items() if shape}
    columns = tuple(name for name, (shape, _) in wanted.items() if not shape and not (arrays and name == target))
    return Peek(
        arrays={name: shape for name, shape in arrays.items() if name != target},
        targets={name: shape for name, shape in arrays.items() if name == target},
        columns=columns or None,
        target=target,
    )


def _wanted(features: Any, target: str | None) -> dict[str, tuple[tuple[int, ...], str]]:
    """Shape and dtype of every feature."""
    if not isinstance(features, Mapping) or not features:
        raise SettingError("features names no feature", expected=EXPECTED)
    found = {}
    for name, told in features.items():
        whole = told if isinstance(told, Mapping) else {"dtype": told}
        shape, dtype = whole.get("shape", []), whole.get("dtype")
        known = (*DTYPES, "string")
        if dtype not in known or set(whole) - {"shape", "dtype"}:
            hint = did_you_mean(str(dtype), known)
            raise SettingError(
                f"the feature {name!r} is {told}", expected=f"{EXPECTED}; {listing(known, 20)}", hint=hint
            )
        whole_sizes = isinstance(shape, list) and all(isinstance(size, int) and size > 0 for size in shape)
        if not whole_sizes or (shape and dtype == "string"):
            raise SettingError(f"the feature {name!r} has the shape {shape}", expected="a list of whole numbers")
        found[str(name)] = (tuple(shape), str(dtype))
    if target is not None and target not in found:
        raise SettingError(
            f"the target {target!r} is no feature", expected=f"one of {listing(list(found))}",
            hint=did_you_mean(target, found),
        )  # fmt: skip
    return found


def _value(place: str, name: str, record: Mapping[str, Feature], shape: tuple[int, ...], dtype: str) -> Any:
    """The value of a feature in one record."""
    import numpy as np

    if name not in record:
        raise DataError(
            f"{place} has no feature {name!r}",
            expected=f"one of {listing(sorted(record))}",
            hint=did_you_mean(name, record),
        )
    kind, values = record[name]
    if dtype == "string":
        if kind != "bytes" or len(values) != 1:
            raise DataError(f"{place}: {name!r} holds {len(values)} values of {kind}", expected="one text")
        return values[0].decode("utf-8", errors="replace")
    if kind == "bytes":  # raw numbers, as `tf.io.decode_raw` reads them
        raw = b"".join(values)
        if len(raw) != math.prod(shape) * np.dtype(dtype).itemsize:
            wanted = f"{math.prod(shape) * np.dtype(dtype).itemsize:,} bytes: {list(shape)} of {dtype}"
            hint = "a picture packed as PNG or JPEG is not read here: unpack it into files"
            raise DataError(f"{place}: {name!r} holds {len(raw):,} bytes", expected=wanted, hint=hint)
        values = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<"))
    if len(values) != math.prod(shape):
        raise DataError(f"{place}: {name!r} holds {len(values):,} numbers", expected=f"the shape {list(shape)}")
    array = np.asarray(values).astype(dtype).reshape(shape)
    return array if shape else array.item()
