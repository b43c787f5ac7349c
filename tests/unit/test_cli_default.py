"""Which config is taken when none is named, and that the command says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnrun.cli.console import Console
from nnrun.cli.default import config_path
from nnrun.errors import UsageError


def chosen(capsys: pytest.CaptureFixture[str], written: str | None = None) -> tuple[str, str]:
    path = config_path(written, Path("runs"), Console())
    return path.as_posix(), capsys.readouterr().err


def test_cli_default_order(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """From the last resort to the argument: each found thing goes before those below it."""
    (folder / "configs").mkdir()
    (folder / "configs" / "only.yaml").touch()
    assert chosen(capsys) == ("configs/only.yaml", "config: configs/only.yaml (the only file in configs/)\n")
    run = folder / "runs" / "cnn"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}")
    (run / "config.yaml").touch()
    assert chosen(capsys) == ("runs/cnn/config.yaml", "config: runs/cnn/config.yaml (the config of the latest run)\n")
    (run / "resolved.yaml").touch()
    assert chosen(capsys)[0] == "runs/cnn/resolved.yaml"
    (folder / "pyproject.toml").write_text('[tool.nnrun]\ndefault-config = "configs/cnn.yaml"\n')
    assert chosen(capsys) == ("configs/cnn.yaml", "config: configs/cnn.yaml (default-config of pyproject.toml)\n")
    monkeypatch.setenv("NNRUN_CONFIG", "mine.yaml")
    assert chosen(capsys) == ("mine.yaml", "config: mine.yaml (NNRUN_CONFIG)\n")
    assert chosen(capsys, "named.yaml") == ("named.yaml", "")


def test_cli_default_pyproject_of_a_folder_above(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "pyproject.toml").write_text('[tool.nnrun]\ndefault-config = "cnn.yaml"\n')
    (folder / "deep" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(folder / "deep" / "deeper")
    assert chosen(capsys)[0] == (folder / "cnn.yaml").as_posix()


def test_cli_default_two_configs_are_no_default(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "configs").mkdir()
    for name in ("a.yaml", "b.yaml"):
        (folder / "configs" / name).touch()
    with pytest.raises(UsageError, match="no config is named, and there is no default") as raised:
        chosen(capsys)
    assert "nnrun train configs/cnn.yaml" in str(raised.value)


@pytest.mark.parametrize("text", ["[tool.nnrun\n", "[tool.nnrun]\ndefault-config = 3\n"])
def test_cli_default_a_broken_pyproject_is_named(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        chosen(capsys)
