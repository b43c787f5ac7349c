"""`min_max` in a script."""

from __future__ import annotations

from nnrun.export.code import call
from nnrun.export.preparations import Written


def min_max() -> Written:
    """0 to 1."""
    return Written(call("MinMaxScaler"), ("from sklearn.preprocessing import MinMaxScaler",))
