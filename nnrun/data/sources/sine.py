"""A series made of waves, for lessons and tests."""

from __future__ import annotations

from typing import Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import SettingError


def sine(
    rows: int = 2_000,
    *,
    periods: Any = (50,),
    trend: float = 0.0,
    noise: float = 0.1,
    seed: int = 0,
) -> Dataset:
    """A table with the columns `time`, 0, 1, 2, ..., and `value`: a sum of sine waves, a trend and normal noise.

    Args:
        rows: The number of steps.
        periods: The length of each wave in steps; all have the height 1.
        trend: What a step adds.
        noise: The standard deviation of the noise.
        seed: For the noise.
    """
    import numpy as np
    import pandas as pd

    _check(rows, periods, noise)
    time = np.arange(rows)
    value = trend * time + np.random.default_rng(seed).normal(0, noise, rows)
    for period in periods:
        value += np.sin(2 * np.pi * time / period)
    return Dataset(
        size=rows,
        columns=pd.DataFrame({"time": time, "value": value}),
        description=f"{rows:,} steps of sine waves",
        target="value",
    )


def peek(rows: int = 2_000, *, periods: Any = (50,), trend: float = 0.0, noise: float = 0.1, seed: int = 0) -> Peek:  # noqa: ARG001
    """Everything but the values is known."""
    _check(rows, periods, noise)
    return Peek(columns=("time", "value"), target="value", rows=rows)


def _check(rows: int, periods: Any, noise: float) -> None:
    if not isinstance(periods, list | tuple) or not all(
        isinstance(period, int | float) and not isinstance(period, bool) and period > 0 for period in periods
    ):
        raise SettingError(f"periods {periods} are no lengths", expected="a list of numbers of steps, such as [50, 7]")
    if rows < 1 or noise < 0:
        raise SettingError(f"{rows} rows with a noise of {noise}", expected="a number of rows, and 0 or more of noise")
