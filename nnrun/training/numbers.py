"""What Keras logs as plain numbers, under one name each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """Logs as plain numbers; a metric that gives several (F1Score by class) becomes `f1_score_0`, `f1_score_1`, ..."""
    found: dict[str, float] = {}
    for name, value in logs.items():
        array = np.asarray(value)
        if array.ndim == 0:
            found[name] = float(array)
        else:
            found.update({f"{name}_{index}": float(item) for index, item in enumerate(array.ravel())})
    return found
