"""`nnrun init FILE`."""

from __future__ import annotations


def init() -> None:
    """Write a first config.

    Example: nnrun init
    """
