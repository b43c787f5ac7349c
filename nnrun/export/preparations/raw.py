"""`raw` in a script."""

from __future__ import annotations

from nnrun.export.preparations import Written


def raw() -> Written:
    """Numbers as they are."""
    return Written()
