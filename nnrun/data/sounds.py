"""Sounds in WAV files, read when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.rows import Rows
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

MOST_SAMPLES = 2**28  # of one file: an hour at 44,100 has 160 million


class Sounds(Rows):
    """Waves as float32 (rows, length), -1 to 1: one channel, resampled to one rate, cut or filled to one length."""

    def __init__(self, files: Sequence[Path], sampling_rate: int, length: int) -> None:
        import numpy as np

        self.files, self.sampling_rate = files, sampling_rate
        self.shape, self.dtype = (len(files), length), np.dtype(np.float32)

    def make(self, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        import numpy as np

        rows = np.zeros((len(numbers), self.shape[1]), np.float32)
        for place, number in enumerate(numbers.tolist()):
            wave = _wave(self.files[number], self.sampling_rate)[: self.shape[1]]
            rows[place, : len(wave)] = wave
        return rows

    def check(self) -> None:
        """Names every file that cannot be read as a WAV."""
        bad = []
        for file in self.files:
            try:
                samples_of(file, self.sampling_rate)
            except DataError as fault:
                bad.append(str(fault.problems[0].what))
        if bad:
            raise DataError("; ".join(bad), expected="sounds in WAV files of whole numbers or floats")


def samples_of(path: Path, sampling_rate: int) -> int:
    """How many samples a file has at a rate, from its header."""
    from scipy.io import wavfile

    rate, data = _read(path, wavfile)
    return ceil(len(data) * sampling_rate / rate)


def _wave(path: Path, sampling_rate: int) -> np.ndarray[Any, Any]:
    import numpy as np
    from scipy.io import wavfile

    rate, data = _read(path, wavfile)
    wave = _unit(data)
    wave = wave.mean(axis=1) if wave.ndim > 1 else wave
    if rate != sampling_rate and len(wave):
        from scipy.signal import resample_poly

        shared = gcd(rate, sampling_rate)
        wave = resample_poly(wave, sampling_rate // shared, rate // shared)
    return np.asarray(wave, dtype=np.float32)


def _read(path: Path, wavfile: Any) -> tuple[int, Any]:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks of other programs
            rate, data = wavfile.read(path, mmap=False)
    except Exception as error:  # a damaged header makes scipy raise what its parts raise: struct.error, TypeError, ...
        raise DataError(f"{path} cannot be read as a WAV file: {error}", hint="convert it, or take it out") from None
    if rate < 1 or data.size > MOST_SAMPLES:
        raise DataError(f"{path}: {data.size:,} samples at {rate} a second", expected=f"at most {MOST_SAMPLES:,}")
    return int(rate), data


def _unit(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Samples as float32 from -1 to 1; 8 bits count from 128, more from 0."""
    import numpy as np

    if data.dtype == np.uint8:
        return (data.astype(np.float32) - 128) / 128
    if data.dtype.kind == "i":
        return data.astype(np.float32) / float(2 ** (8 * data.dtype.itemsize - 1))
    return data.astype(np.float32)
