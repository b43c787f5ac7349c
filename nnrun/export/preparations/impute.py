"""`impute` in a script."""

from __future__ import annotations

from nnrun.export.code import call
from nnrun.export.preparations import Written


def impute(value: str | float = "median") -> Written:
    """Blanks filled."""
    imports = ("from sklearn.impute import SimpleImputer",)
    if isinstance(value, str):
        return Written(call("SimpleImputer", strategy=value), imports)
    return Written(call("SimpleImputer", strategy="constant", fill_value=float(value)), imports)
