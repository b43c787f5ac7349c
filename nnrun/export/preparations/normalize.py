"""`normalize` in a script."""

from __future__ import annotations

from nnrun.export.code import call
from nnrun.export.preparations import Written


def normalize() -> Written:
    """Mean 0 and deviation 1."""
    return Written(call("StandardScaler"), ("from sklearn.preprocessing import StandardScaler",))
