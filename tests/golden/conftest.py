"""Golden texts: what a person reads, kept as files. `NNRUN_UPDATE_GOLDEN=1 pytest tests/golden` writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

Compare = Callable[[Path, str], None]


@pytest.fixture(scope="session")
def updates() -> bool:
    """Whether this run writes the golden files; read before a test clears nnrun's settings."""
    return os.environ.get("NNRUN_UPDATE_GOLDEN") == "1"


@pytest.fixture
def golden(updates: bool) -> Compare:
    """Holds a text against its file, or writes the file; the difference is then read in the commit."""

    def compare(file: Path, text: str) -> None:
        if updates:
            file.write_text(text, encoding="utf-8")
        assert file.is_file(), f"{file.name} is missing: write it with NNRUN_UPDATE_GOLDEN=1, and read it"
        assert text == file.read_text(encoding="utf-8")

    return compare
