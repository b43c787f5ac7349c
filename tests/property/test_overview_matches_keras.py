"""What `nnrun show` reckons, Keras says too: counts, what is trained, and what an optimizer keeps."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import pytest

from nnrun import experiment
from nnrun.config.spec import Spec
from nnrun.model import framework
from nnrun.model.optimizer_state import kept
from nnrun.model.overview import overview
from nnrun.model.shapes import Arithmetic
from nnrun.training.division import divide
from nnrun.training.material import prepared
from nnrun.training.network import built_of, plan_of

CONFIGS = Path(__file__).parents[2] / "configs"
FIXED = """
data: {source: {sklearn: digits}}
model:
  layers:
    - Normalization
    - Conv2D: {filters: 1, kernel_size: 3, kernel_initializer: {filter: sobel}, trainable: false}
    - BatchNormalization
    - Flatten
    - Dense: {units: 8, name: dense, lora_rank: 2}
    - dense: {name: again, from: flatten}
    - Add: {from: [dense, again]}
    - ops.relu
"""


@pytest.mark.parametrize("name", ["cnn", "residual_network", "recurrent", "variational_autoencoder", "fixed"])
def test_overview_has_the_counts_of_the_keras_model(name: str, tmp_path: Path) -> None:
    file = CONFIGS / f"{name}.yaml"
    if name == "fixed":
        file = tmp_path / "fixed.yaml"
        file.write_text(FIXED, encoding="utf-8")
    config = experiment.load(file)
    dataset = experiment.read_data(config, experiment.Options())
    material, measure = prepared(config, dataset, divide(config, dataset).train), Arithmetic()
    plan = plan_of(config, material, measure)
    told = overview(config, material.shapes, measure.rows(plan))
    model = built_of(config, plan, material).model
    assert told.parameters == model.count_params()
    assert told.fixed == sum(prod(weight.shape) for weight in model.non_trainable_weights)
    assert "nnrun" not in str(model.get_config())  # a fixed filter is saved as numbers that Keras knows


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        *(
            (name, dict[str, Any]())
            for name in ("Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Lamb", "Lion")
        ),
        *((name, dict[str, Any]()) for name in ("Nadam", "RMSprop", "SGD", "ScheduleFreeAdamW")),
        ("Adam", {"amsgrad": True, "use_ema": True}),
        ("RMSprop", {"momentum": 0.9, "centered": True}),
        ("SGD", {"momentum": 0.9, "gradient_accumulation_steps": 2}),
    ],
)
def test_overview_knows_what_an_optimizer_keeps(name: str, arguments: dict[str, Any]) -> None:
    keras = framework.keras()
    optimizer = getattr(keras.optimizers, name)(**arguments)
    optimizer.build([keras.Variable([0.0] * 7)])
    ours = kept(Spec(name, arguments, slot="optimizers"))
    assert ours == sum(1 for variable in optimizer.variables if tuple(variable.shape) == (7,))


def test_overview_leaves_open_what_hangs_on_the_form_of_weights() -> None:
    assert kept(Spec("Adafactor", slot="optimizers")) is None
