"""What a run ran on, so that a result can be understood and repeated elsewhere."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("nnrun", "keras", "tensorflow", "jax", "numpy", "pandas", "scikit-learn")


def collect(argv: Sequence[str] = ()) -> dict[str, Any]:
    """Versions, platform, processors and the git commit of the current folder, for `run.json`.

    The names of the host and of the user are left out: run folders are shared. Nothing is imported to be
    asked for its version; a package that is not installed has none.
    """
    return {
        "argv": list(argv),
        "versions": versions(PACKAGES),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "git": git_commit(Path.cwd()),
    }


def git_commit(folder: Path) -> str | None:
    """The commit checked out in `folder`; None outside a repository, or if git is absent or silent."""
    try:
        # rev-parse runs none of a repository's own programs, as `git status` may.
        answer = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def versions(packages: Sequence[str]) -> dict[str, str]:
    """The installed versions of some packages, and of Python."""
    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
