"""Windows in folds and messages: no target of a held-out window is trained on, and no word is passed over."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nnrun.config import Config, load_config
from nnrun.data.dataset import Dataset
from nnrun.data.weights import row_weights
from nnrun.data.windows import windowed
from nnrun.errors import ConfigError, DataError
from nnrun.studies.plan import plan
from nnrun.training.division import divide


def config(folder: Path, data: str, cv: str, fit: str = "{}") -> Config:
    file = folder / "series.yaml"
    file.write_text(
        f"data: {{source: {{csv: machines.csv}}, features: {{series: {{normalize: x}}}}, target: y, {data}}}\n"
        f"model: {{layers: [{{LSTM: 2}}]}}\ncv: {cv}\nfit: {fit}\n"
    )
    return load_config(file)


def machines(written: Config, count: int, steps: int = 60) -> Dataset:
    draw = np.random.default_rng(0)
    size = count * steps
    table = pd.DataFrame(
        {
            "machine": np.repeat([f"m{number}" for number in range(count)], steps),
            "t": np.tile(np.arange(steps), count),
            "x": draw.normal(size=size),
            "y": draw.normal(size=size),
        }
    )
    assert written.data.windows is not None
    return windowed(Dataset(size, columns=table), written.data.windows)


@pytest.mark.parametrize("fit", ["{}", "{keep: best}"])
@pytest.mark.parametrize(
    "data",
    [
        "windows: {length: 6, horizon: 3, group: machine}, split: {strategy: time, column: t, test: 0.2}",
        "windows: {length: 6, horizon: 3}, split: {group: machine, validation: 0.2, test: 0.2}",
        "windows: {length: 6, horizon: 3, gap: 2}",
    ],
)
def test_no_target_of_a_held_out_window_is_trained_on(tmp_path: Path, data: str, fit: str) -> None:
    written = config(tmp_path, data, "{folds: 3}", fit)
    dataset = machines(written, 20)
    windows = dataset.windows
    assert windows is not None
    planned = plan(written, dataset)
    for parts in (divide(written, dataset), *planned.splits):
        trained_on = set(windows.records(parts.train).tolist())
        for held_out in (parts.validation, parts.test):
            first = windows.starts[held_out] + windows.length + windows.gap
            targets = set((first[:, None] + np.arange(windows.horizon)).ravel().tolist())
            assert not trained_on & targets


@pytest.mark.parametrize(
    ("data", "cv"),
    [
        ("windows: {length: 6, horizon: 3}", "{strategy: random}"),
        ("windows: {length: 6, horizon: 3}", "{strategy: stratified}"),
        ("windows: {length: 6, horizon: 3}, split: {strategy: random, test: 0.2}", "{}"),
    ],
)
def test_windows_that_share_rows_are_never_drawn_at_random(tmp_path: Path, data: str, cv: str) -> None:
    with pytest.raises(ConfigError, match="windows share rows"):
        config(tmp_path, data, cv)


def test_windows_that_share_no_rows_are_drawn_as_it_is_written(tmp_path: Path) -> None:
    apart = "windows: {length: 6, horizon: 3, stride: 9}, "
    written = config(tmp_path, f"{apart}split: {{strategy: hash, column: machine, validation: 0.2, test: 0.2}}", "{}")
    assert divide(written, machines(written, 20)).how.startswith("by hash")
    written = config(tmp_path, f"{apart}split: {{test: 0.2}}", "{strategy: random, folds: 3}")
    planned = plan(written, machines(written, 20))
    assert planned.how.startswith("random")
    assert len(planned.test) == 27  # a fifth of 133 windows
    assert len({number for parts in planned.splits for number in parts.test.tolist()}) == 106


def test_windows_are_called_by_lines_of_the_table() -> None:
    """A message about a window names the row of the table, not the number of the window."""
    table = pd.DataFrame({"y": np.arange(40.0), "w": [1.0] * 30 + [-1.0] + [1.0] * 9})
    settings = {"length": 3, "horizon": 2, "gap": 1, "stride": 4}
    data = windowed(Dataset(40, columns=table, lines=np.arange(2, 42)), settings)
    assert data.row_lines is not None
    assert data.row_lines[:2].tolist() == [4, 8]
    assert data.target_lines is not None
    assert data.target_lines[:2].tolist() == [6, 10]
    with pytest.raises(DataError, match="in line 32\n"):
        row_weights(data, "w")
    unnamed = windowed(Dataset(40, columns=table), settings)
    assert unnamed.target_lines is not None
    assert unnamed.target_lines[:2].tolist() == ["row 4", "row 8"]
