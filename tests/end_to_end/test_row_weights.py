"""`data.weight`: what a row counts in the training's loss, for one output and for several."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnrun import experiment
from nnrun.experiment import Options

CONFIG = """\
data:
  source: {csv: rows.csv}
  target: [price, sold]
  features: {normalize: area}
  weight: people
  split: {validation: 0, test: 4}
model:
  layers: [{Dense: 4}]
  outputs:
    price: {Dense: 1}
    sold: {Dense: {units: 1, activation: sigmoid}}
compile: {optimizer: {SGD: 0.0}}
fit: {epochs: 1, batch_size: 4}
"""


def losses(folder: Path, people: int) -> dict[str, float]:
    """The losses of the training rows under weights that never change; nothing is learned."""
    folder.mkdir()
    (folder / "rows.csv").write_text(
        "area,price,sold,people\n" + "".join(f"{i},{i % 5}.5,{i % 2},{people}\n" for i in range(20))
    )
    (folder / "config.yaml").write_text(CONFIG)
    options = Options(runs=folder / "runs")
    run = experiment.train(experiment.load(folder / "config.yaml", options=options), options)
    return {name: value for name, value in run.metrics["train"].items() if name.endswith("loss")}


def test_row_weights_multiply_the_training_loss_of_every_output(tmp_path: Path) -> None:
    once, thrice = losses(tmp_path / "once", 1), losses(tmp_path / "thrice", 3)
    assert set(once) == {"loss", "price_loss", "sold_loss"}
    assert thrice == pytest.approx({name: 3 * value for name, value in once.items()}, rel=1e-5)
