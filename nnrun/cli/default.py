"""Which config a command takes when none is named: said aloud, with the reason."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from nnrun.cli.console import Console
from nnrun.errors import UsageError
from nnrun.runs import index


def config_path(written: str | None, runs: Path, console: Console) -> Path:
    """The argument, $NNRUN_CONFIG, pyproject's default-config, that of runs/latest, or the only file in configs/."""
    if written is not None:
        return Path(written)
    found = _found(runs)
    if found is None:
        raise UsageError(
            "no config is named, and there is no default",
            hint="name one: `nnrun train configs/cnn.yaml`\n"
            "    or set a default: `export NNRUN_CONFIG=configs/cnn.yaml`\n"
            '    or in pyproject.toml: `[tool.nnrun]` with `default-config = "configs/cnn.yaml"`',
        )
    path, why = found
    console.say(f"config: {path} ({why})")
    return path


def _found(runs: Path) -> tuple[Path, str] | None:
    if os.environ.get("NNRUN_CONFIG"):
        return Path(os.environ["NNRUN_CONFIG"]), "NNRUN_CONFIG"
    for folder in (Path.cwd(), *Path.cwd().parents):
        project = folder / "pyproject.toml"
        if project.is_file():
            written = _default_config(project)
            if written is not None:
                return _short(folder / written), f"default-config of {_short(project)}"
            break
    latest = _of_latest(runs)
    if latest is not None:
        return latest, "the config of the latest run"
    configs = sorted(Path("configs").glob("*.yaml"))
    return (configs[0], "the only file in configs/") if len(configs) == 1 else None


def _of_latest(runs: Path) -> Path | None:
    """The resolved config, which holds the overrides and the name too; as written where the run ended before it."""
    if not index.list_runs(runs):
        return None
    folder = _short(index.latest(runs).path)
    return next((path for path in (folder / "resolved.yaml", folder / "config.yaml") if path.is_file()), None)


def _default_config(project: Path) -> str | None:
    try:
        table = tomllib.loads(project.read_text(encoding="utf-8")).get("tool", {}).get("nnrun", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{project} cannot be read: {error}") from None
    written = table.get("default-config")
    if written is not None and not isinstance(written, str):
        raise UsageError(f"default-config of {project} is no text", expected='default-config = "configs/cnn.yaml"')
    return written


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
