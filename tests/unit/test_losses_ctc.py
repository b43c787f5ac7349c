"""Keras' CTC: the output is longer than the target, so that nothing compares the two entry by entry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun import experiment
from nnrun.experiment import Options

CONFIG = """\
data: {source: {npz: signs.npz}, split: {validation: 4, test: 4}}
model:
  layers: [{Dense: 4}]
  outputs: {Dense: 4}
compile: {loss: CTC}
fit: {epochs: 1, batch_size: 4}
"""


def test_ctc_trains_without_metrics_beside_an_answer_of_nothing(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    waves, signs = generator.normal(size=(20, 8, 3)).astype("float32"), generator.integers(1, 4, (20, 2))
    np.savez(tmp_path / "signs.npz", waves=waves, target=signs)
    (tmp_path / "ctc.yaml").write_text(CONFIG)
    options = Options(runs=tmp_path / "runs")
    run = experiment.train(experiment.load(tmp_path / "ctc.yaml", options=options), options)
    assert run.history is not None
    assert {name for name in run.history.columns if name.endswith("loss")} == {"loss", "val_loss"}
    assert "mean_absolute_error" not in run.history.columns
    assert run.metrics["validation"]["loss"] == pytest.approx(run.history.columns["val_loss"][-1], rel=1e-4)
    assert list(run.metrics["floor"]["test"]) == ["uniform"]
