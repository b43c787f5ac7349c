"""Errors of rows, the threshold between them, and which rows are known to be anomalies, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nnrun.config.predict import Anomaly
from nnrun.data.dataset import Dataset
from nnrun.data.windows import Windows
from nnrun.errors import DataError
from nnrun.training import anomalies


def test_anomalies_errors_are_means_over_all_numbers_of_a_row() -> None:
    true, said = np.zeros((2, 2, 2)), np.array([[[1.0, -1.0], [0, 0]], [[2, 2], [2, 2]]])
    assert anomalies.errors(Anomaly(), true, said).tolist() == [0.5, 2.0]
    assert anomalies.errors(Anomaly(error="squared"), true, said).tolist() == [0.5, 4.0]


def test_anomalies_are_scored_as_scikit_learn_does_it() -> None:
    errors, known = np.array([0.1, 0.2, 0.9, 0.8, 0.3]), np.array([False, False, True, False, True])
    found = anomalies.scored(errors, 0.5, known)
    assert found["anomalies"] == 0.4
    assert (found["anomaly_precision"], found["anomaly_recall"]) == (0.5, 0.5)
    assert found["anomaly_roc_auc"] == pytest.approx(5 / 6)  # of six pairs one is in the wrong order
    assert found["anomaly_average_precision"] == pytest.approx((1 + 2 / 3) / 2)
    assert set(anomalies.scored(errors, 0.5, None)) == {"anomalies"}
    assert np.isnan(anomalies.scored(errors, 0.5, np.zeros(5, bool))["anomaly_roc_auc"])


def test_anomalies_are_told_by_a_column_and_a_window_is_one_where_any_row_is() -> None:
    table = pd.DataFrame({"fault": ["no", "no", "yes", "no", "no"], "digit": [1, 2, 3, 4, 5]})
    dataset = Dataset(5, columns=table)

    def told(wanted: Anomaly, dataset: Dataset) -> list[int]:
        known = anomalies.truth(wanted, dataset)
        assert known is not None
        return [int(row) for row in np.flatnonzero(known)]

    assert told(Anomaly(truth="fault"), dataset) == [2]
    assert told(Anomaly(truth="digit", values=("1", "5")), dataset) == [0, 4]
    windows = Dataset(4, columns=table, windows=Windows(np.arange(4), 2))
    assert told(Anomaly(truth="fault"), windows) == [1, 2]
    assert anomalies.truth(Anomaly(), dataset) is None


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Anomaly(truth="digit"), "holds 1, 2, 3, 4, 5"),
        (Anomaly(truth="fault", values=("ja",)), "holds no, yes"),
        (Anomaly(truth="falt"), "'falt' does not exist"),
    ],
)
def test_anomalies_column_that_tells_nothing_is_refused(wanted: Anomaly, told: str) -> None:
    table = pd.DataFrame({"fault": ["no", "yes", "no", "no", "no"], "digit": [1, 2, 3, 4, 5]})
    with pytest.raises(DataError, match=told):
        anomalies.truth(wanted, Dataset(5, columns=table))
