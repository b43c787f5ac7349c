"""Windows of a series: what each holds, what follows it, and that no part sees the future or another series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.windows import WindowRows, windowed
from nnrun.errors import DataError


def series(size: int = 20, **more: Any) -> Dataset:
    table = pd.DataFrame({"value": np.arange(size, dtype=float), "machine": np.repeat(["a", "b"], [8, size - 8])})
    return Dataset(size=size, columns=table, **more)


@pytest.mark.parametrize(
    ("settings", "starts", "targets"),
    [
        ({"length": 3, "horizon": 1}, range(17), range(3, 20)),
        ({"length": 3, "horizon": 1, "stride": 5}, [0, 5, 10, 15], [3, 8, 13, 18]),
        ({"length": 3, "horizon": 1, "gap": 2}, range(15), range(5, 20)),
        ({"length": 3}, range(18), range(2, 20)),  # without a horizon the last row of the window
        ({"length": 1, "horizon": 1}, range(19), range(1, 20)),
    ],
)
def test_windows_hold_rows_and_what_follows(settings: dict[str, Any], starts: Any, targets: Any) -> None:
    data = windowed(series(), settings)
    assert data.windows is not None
    assert data.size == len(data.windows.starts)
    assert data.windows.starts.tolist() == list(starts)
    values = np.arange(20.0)
    assert data.windows.targets(values).tolist() == list(targets)
    rows = WindowRows(values[:, None], data.windows)
    assert rows.shape == (data.size, settings["length"], 1)
    assert rows.read()[:, 0, 0].tolist() == list(starts)


def test_windows_of_several_steps_ahead() -> None:
    data = windowed(series(), {"length": 4, "horizon": 3})
    assert data.windows is not None
    assert data.windows.targets(np.arange(20.0))[0].tolist() == [4, 5, 6]
    assert data.windows.targets(np.arange(40.0).reshape(20, 2)).shape == (14, 3, 2)


def test_windows_stay_in_their_series_and_part() -> None:
    grouped = windowed(series(), {"length": 3, "horizon": 1, "group": "machine"})
    assert grouped.windows is not None
    assert all(start + 4 <= 8 or start >= 8 for start in grouped.windows.starts)
    parted = windowed(series(parts={"test": np.arange(12, 20)}), {"length": 3, "horizon": 1})
    assert parted.windows is not None
    assert all(start + 4 <= 12 or start >= 12 for start in parted.windows.starts)
    assert parted.windows.starts[parted.parts["test"]].tolist() == [12, 13, 14, 15, 16]


def test_windows_within_rows() -> None:
    windows = windowed(series(), {"length": 3, "horizon": 2}).windows
    assert windows is not None
    assert windows.within(np.arange(10), whole=True).tolist() == [0, 1, 2, 3, 4, 5]
    # The target lies in rows 10 to 13; the window itself may reach back.
    assert (windows.starts[windows.within(np.arange(10, 14), whole=False)] + 3).tolist() == [10, 11, 12]


def test_windows_are_fitted_on_the_rows_of_training_windows() -> None:
    data = windowed(series(), {"length": 3, "horizon": 1})
    assert data.records(np.array([0, 1])).tolist() == [0, 1, 2, 3, 4]
    features = _features("value")
    fitted = Preparation.fit(data, np.arange(5), features)
    state = fitted.states["series"][0][-1]
    assert state["mean"].tolist() == [np.arange(8.0).mean()]  # rows 0 to 7
    prepared = fitted.apply(data)["series"]
    assert prepared.shape == (17, 3, 1)
    assert fitted.facts["series"]["shape"] == (3, 1)


def _features(column: str) -> Any:
    from nnrun.config.config import Entry
    from nnrun.config.spec import Spec

    return {"series": (Entry((column,), (Spec("normalize", slot="preparations"),)),)}


@pytest.mark.parametrize(
    ("data", "settings", "message"),
    [
        (series(), {"length": 30}, "a window takes 30 rows, and the longest series has 20"),
        (series(parts={"test": np.arange(18, 20)}), {"length": 3}, "the test part is too short"),
        (Dataset(3, arrays={"x": np.zeros((3, 2))}), {"length": 1}, "the source has none"),
    ],
)
def test_windows_refusals(data: Dataset, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        windowed(data, settings)
