"""What is said and drawn of two networks against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runfolders import write_run

from nnrun.report.diagnosis import diagnose
from nnrun.report.figures.adversaries import adversaries
from nnrun.report.figures.samples import samples
from nnrun.runs.run import Run
from nnrun.storage import arrays


def fought(folder: Path, accuracy: list[float]) -> Run:
    """A run whose discriminator was so often right."""
    loss = [1.0] * len(accuracy)
    return write_run(
        folder,
        {"loss": loss, "discriminator_accuracy": accuracy, "discriminator_loss": loss, "generator_loss": loss},
    )


def test_adversaries_a_discriminator_that_always_tells_is_a_finding(tmp_path: Path) -> None:
    (finding,) = diagnose(fought(tmp_path / "a", [0.6, 0.8, 1.0, 0.995, 0.99]))
    assert finding.what.startswith("The discriminator tells made rows from real ones every time")
    assert finding.epoch == 3


@pytest.mark.parametrize("accuracy", [[0.6, 0.5, 0.52], [1.0, 1.0, 1.0, 0.9], [0.5, 0.6, 1.0, 1.0]])
def test_adversaries_one_that_may_err_or_was_sure_for_a_while_is_none(tmp_path: Path, accuracy: list[float]) -> None:
    assert diagnose(fought(tmp_path / "a", accuracy)) == []


def test_adversaries_samples_that_are_alike_are_a_collapse(tmp_path: Path) -> None:
    run = fought(tmp_path / "a", [0.5, 0.5])
    noise = np.random.default_rng(0).random((2, 1, 4, 4, 1)).repeat(8, axis=1).reshape(16, 4, 4, 1)
    told = {"labels": np.repeat(np.arange(2), 8), "classes": np.asarray(["a", "b"])}

    def keep(rows: Any) -> None:
        (run.path / "samples.npz").unlink(missing_ok=True)
        kept: dict[str, Any] = {"epochs": np.asarray([2], np.int32), "samples": rows[None].astype(np.float16), **told}
        arrays.write(run.path / "samples.npz", kept, compressed=True)

    keep(noise)
    (finding,) = diagnose(run)
    assert "collapse" in finding.what
    keep(noise + np.random.default_rng(1).normal(0, 0.2, noise.shape))
    assert diagnose(run) == []
    assert samples(run) is not None


def test_adversaries_other_runs_have_neither_figure(tmp_path: Path) -> None:
    run = write_run(tmp_path / "a", {"loss": [1.0, 0.5]})
    assert adversaries(run) is None
    assert samples(run) is None
    assert adversaries(fought(tmp_path / "b", [0.5, 0.6])) is not None
