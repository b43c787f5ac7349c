"""Where a short last batch is not wanted."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.devices.plan import Plan
from nnrun.errors import DataError
from nnrun.training.feeds import require_batches
from nnrun.training.job import Job


@pytest.fixture
def required(tmp_path: Path) -> Any:
    """Looks at the batches of so many training rows, of 8 rows each."""

    def act(rows: int, fit: str = "", **plan: Any) -> None:
        file = tmp_path / "a.yaml"
        file.write_text(
            f"data: {{source: {{sklearn: iris}}}}\nmodel: {{layers: [{{Dense: 4}}]}}\nfit: {{batch_size: 8{fit}}}\n"
        )
        split: Any = SimpleNamespace(train=np.arange(rows))
        nothing: Any = None
        require_batches(Job(load_config(file), nothing, split, nothing, nothing, nothing, nothing, plan=Plan(**plan)))

    return act


@pytest.mark.parametrize(
    ("rows", "fit", "plan"),
    [
        (43, "", {"remainder": "short"}),
        (43, "", {"remainder": "pad"}),
        (43, "", {"remainder": "drop"}),
        (40, "", {"remainder": "error"}),
        (43, ", steps_per_epoch: 5", {"remainder": "error"}),  # which never comes to the short one
    ],
)
def test_feeds_batches_that_are_right(required: Any, rows: int, fit: str, plan: dict[str, Any]) -> None:
    required(rows, fit, **plan)


@pytest.mark.parametrize("fit", ["", ", steps_per_epoch: 6"])
def test_feeds_a_short_batch_is_an_error_where_that_is_asked_for(required: Any, fit: str) -> None:
    with pytest.raises(DataError, match="the last batch of an epoch has 3 of 8 rows: there are 43 training rows"):
        required(43, fit, remainder="error")


def test_feeds_no_whole_batch_is_an_error_where_short_ones_are_left_out(required: Any) -> None:
    with pytest.raises(DataError, match="no whole batch: 7 training rows for a batch of 8") as caught:
        required(7, remainder="drop", replicas=2)
    assert caught.value.problems[0].hint == "a batch_size of at most 6"
