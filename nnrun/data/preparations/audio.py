"""Sounds in WAV files that a column names, as a wave of numbers from -1 to 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun.data.rows import Rows
from nnrun.data.sounds import Sounds, samples_of
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

TAKES, GIVES = "files", "array"


def fit(
    values: np.ndarray[Any, Any],
    *,
    sampling_rate: int,
    output_sequence_length: int | None = None,
    folder: str | None = None,  # noqa: ARG001  where the paths were found
) -> dict[str, Any]:
    """The length in samples, where it is not written that of the longest training sound.

    Args:
        values: The files' paths, one column.
        sampling_rate: Samples a second; sounds of another rate are resampled, several channels become their mean.
        output_sequence_length: Samples of every row: longer sounds are cut off, shorter ones filled with 0.
        folder: Where the files lie, below the folder of the table; by default there.
    """
    if sampling_rate < 1 or (output_sequence_length is not None and output_sequence_length < 1):
        raise DataError("a rate or a length below 1", expected="samples a second, and samples of a row")
    length = output_sequence_length or max(samples_of(path, sampling_rate) for path in values[:, 0])
    return {"sampling_rate": sampling_rate, "length": length, "shape": [length]}


def apply(values: np.ndarray[Any, Any], state: Mapping[str, Any]) -> Rows:
    """float32 (rows, samples), read when they are asked for."""
    return Sounds(list(values[:, 0]), state["sampling_rate"], state["length"])


def shape(settings: Mapping[str, Any], column_count: int | None) -> tuple[int | None, ...]:  # noqa: ARG001  always 1
    """The shape of a row."""
    length = settings.get("output_sequence_length")
    return (length if isinstance(length, int) else None,)
