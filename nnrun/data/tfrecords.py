"""TensorFlow's record files, read without TensorFlow: the features of each `tf.train.Example`.

A record is its length (8 bytes), a sum of the length (4), the bytes, and a sum of the bytes (4). The bytes are a
protocol buffer: fields, each a tag and a value, some of which hold fields again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.headers import open_binary
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Feature = tuple[str, Any]  # bytes, float or int64, and the values: a list of bytes, or an array
_KINDS = {1: "bytes", 2: "float", 3: "int64"}  # the fields of a Feature
_VARINT, _EIGHT, _SIZED, _FOUR = 0, 1, 2, 5  # how a field is written


class _DamagedError(Exception):
    """Bytes that are no protocol buffer."""


def examples(path: Path, limit: int | None = None) -> Iterator[dict[str, Feature]]:
    """The features of every record by name, in order; `path` may be packed with gzip."""
    try:
        with open_binary(path) as stream:
            number = 0
            while limit is None or number < limit:
                head = stream.read(12)
                if not head:
                    return
                length = struct.unpack("<Q", head[:8])[0] if len(head) == 12 else -1
                if not 0 <= length < 2**31:
                    raise _damaged(path, number)
                body = stream.read(length + 4)
                if len(body) < length + 4:
                    raise _damaged(path, number)
                try:
                    yield dict(_features(memoryview(body)[:length]))
                except (_DamagedError, IndexError, struct.error, ValueError):
                    raise _damaged(path, number) from None
                number += 1
    except (OSError, EOFError) as error:
        raise DataError(f"{path} cannot be read: {error}", hint="copy or download it again") from None


def _damaged(path: Path, number: int) -> DataError:
    return DataError(
        f"{path}: record {number} is damaged, or the file holds no records",
        expected="records of tf.train.Example, as tf.io.TFRecordWriter writes them",
        hint="copy or download it again",
    )


def _features(example: memoryview) -> Iterator[tuple[str, Feature]]:
    """Example: features = 1; Features: a map of name to Feature = 1, each entry name = 1 and Feature = 2."""
    for field, features in _fields(example):
        for inner, entry in _fields(features) if field == 1 else ():
            if inner == 1:
                parts = dict(_fields(entry))
                yield _bytes(parts.get(1)).decode("utf-8"), _feature(parts.get(2, memoryview(b"")))


def _feature(feature: memoryview) -> Feature:
    """Feature: a list of bytes = 1, of floats = 2 or of whole numbers = 3; each list's values are its field 1."""
    for kind, values in _fields(feature):
        found = [value for field, value in _fields(values) if field == 1]
        if kind == 1:
            return _KINDS[kind], [_bytes(value) for value in found]
        if kind in _KINDS:
            return _KINDS[kind], _numbers(found, _KINDS[kind])
    return "bytes", []


def _numbers(found: list[Any], kind: str) -> np.ndarray[Any, Any]:
    """Numbers that are packed behind each other, or stand each in a field of its own."""
    import numpy as np

    if kind == "float":
        return np.frombuffer(b"".join(map(_bytes, found)), "<f4")
    numbers: list[int] = []
    for value in found:
        if isinstance(value, int):
            numbers.append(value)
            continue
        at = 0
        while at < len(value):
            number, at = _varint(value, at)
            numbers.append(number)
    return np.array(numbers, np.uint64).astype(np.int64)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, memoryview):  # a whole number where bytes should be
        raise _DamagedError
    return bytes(value)


def _fields(message: Any) -> Iterator[tuple[int, Any]]:
    """The number and the value of each field: a whole number, or bytes."""
    if not isinstance(message, memoryview):
        raise _DamagedError
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == _SIZED:
            size, at = _varint(message, at)
        elif kind in (_FOUR, _EIGHT):
            size = 4 if kind == _FOUR else 8
        else:
            raise _DamagedError
        if at + size > len(message):
            raise _DamagedError
        yield tag >> 3, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, the lowest first, and the place behind it."""
    number = shift = 0
    while True:
        byte = message[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number & 2**64 - 1, at
        shift += 7
        if shift > 63:
            raise _DamagedError
