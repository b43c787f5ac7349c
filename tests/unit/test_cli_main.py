"""How the command line ends: the exit code is always the truth."""

from __future__ import annotations

import pytest

from nnrun import experiment
from nnrun.cli import main


def test_cli_an_interrupt_before_the_training_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*arguments: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "load", interrupted)

    with pytest.raises(SystemExit) as ended:
        main(["train", "configs/cnn.yaml"])

    assert ended.value.code == 130
