"""nnrun's own schedules by numbers, what a saved model carries of them, and what Keras counts as a step."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from nnrun import catalogue
from nnrun.model.schedules.linear_warmup import LinearWarmup
from nnrun.model.schedules.one_cycle import OneCycle

SCHEDULES = keras.optimizers.schedules


def rates(schedule: Any, steps: Sequence[int]) -> list[float]:
    counters = [keras.ops.convert_to_tensor(step, "int64") for step in steps]  # as an optimizer counts
    return [round(float(schedule(counter)), 7) for counter in counters]


def test_model_schedules_are_found_beside_those_of_keras() -> None:
    assert {"OneCycle", "LinearWarmup", "CosineDecay"} <= set(catalogue.names("schedules"))
    assert catalogue.canonical("schedules", "one_cycle") == "OneCycle"
    assert catalogue.slot_of("schedules", "LinearWarmup", "schedule") == "schedules"
    warmup = catalogue.find("schedules", "linear_warmup")
    assert warmup is not None
    assert {item.name: item.kind for item in warmup.parameters} == {
        "schedule": "number",
        "warmup_steps": "steps",
        "initial_learning_rate": "number",
    }
    for parameter in warmup.parameters:
        assert catalogue.judge("schedules", "LinearWarmup", parameter.name) is None


def test_model_schedules_one_cycle() -> None:
    cycle = OneCycle(0.5, 100, 20, 0.1, 0.01)
    #                   begin  half up    top  half down             end   after
    assert rates(cycle, [0, 10, 20, 60, 100, 500]) == pytest.approx([0.1, 0.3, 0.5, 0.255, 0.01, 0.01], rel=1e-5)


def test_model_schedules_one_cycle_without_its_arguments() -> None:
    begin, top, end = rates(OneCycle(1, 100), [0, 30, 100])
    assert (begin, top, end) == pytest.approx((0.04, 1.0, 0.04 / 10_000), rel=1e-5, abs=1e-7)


def test_model_schedules_one_cycle_is_longer_than_its_warmup() -> None:
    with pytest.raises(ValueError, match="warmup_steps is 100, and total_steps, which holds them, is 100"):
        OneCycle(1.0, 100, 100)


def test_model_schedules_linear_warmup_to_a_number() -> None:
    assert rates(LinearWarmup(0.1, 4), [0, 1, 2, 4, 9]) == pytest.approx([0.0, 0.025, 0.05, 0.1, 0.1])
    assert rates(LinearWarmup(0.1, 4, 0.02), [0, 2, 4]) == pytest.approx([0.02, 0.06, 0.1])


def every_schedule() -> list[Any]:
    return [
        SCHEDULES.CosineDecay(0.1, 40),
        SCHEDULES.CosineDecay(0.0, 40, warmup_target=0.1, warmup_steps=3),
        SCHEDULES.CosineDecayRestarts(0.1, 10),
        SCHEDULES.ExponentialDecay(0.1, 10, 0.5),
        SCHEDULES.InverseTimeDecay(0.1, 10, 0.5),
        SCHEDULES.PiecewiseConstantDecay([10, 20], [0.1, 0.05, 0.01]),
        SCHEDULES.PolynomialDecay(0.1, 50),
    ]


def test_model_schedules_every_schedule_of_keras_is_tried() -> None:
    theirs = set(catalogue.names("schedules")) - {"LinearWarmup", "OneCycle"}
    assert {type(schedule).__name__ for schedule in every_schedule()} == theirs


@pytest.mark.parametrize("schedule", every_schedule(), ids=lambda schedule: type(schedule).__name__)
def test_model_schedules_linear_warmup_hands_over(schedule: Any) -> None:
    """It rises in a line to what the schedule gives at the end of the warm-up, and is the schedule from there on."""
    warm = LinearWarmup(schedule, 5, 0.01)
    top = rates(schedule, [5])[0]
    assert rates(warm, [0, 1, 4]) == pytest.approx([0.01, 0.01 + (top - 0.01) / 5, 0.01 + (top - 0.01) * 0.8], abs=1e-6)
    assert rates(warm, [5, 6, 12, 30, 99]) == rates(schedule, [5, 6, 12, 30, 99])
    assert SCHEDULES.serialize(warm)["config"] == SCHEDULES.serialize(schedule)["config"]


def test_model_schedules_linear_warmup_takes_a_step() -> None:
    with pytest.raises(ValueError, match="a warm-up takes at least one step"):
        LinearWarmup(0.1, 0)


@pytest.mark.parametrize(
    "schedule",
    [
        OneCycle(0.1, 20),
        LinearWarmup(0.1, 2),
        LinearWarmup(SCHEDULES.PiecewiseConstantDecay([2, 3], [0.1, 0.05, 0.01]), 2),
        LinearWarmup(SCHEDULES.CosineDecay(0.1, 20), 2),
    ],
    ids=["cycle", "number", "piecewise", "cosine"],
)
def test_model_schedules_a_saved_model_knows_nothing_of_nnrun(schedule: Any, tmp_path: Path) -> None:
    """So that Keras alone opens it, with the optimizer's state and the learning rate of its last step."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(schedule), loss="mse")
    model.fit(np.ones((4, 2)), np.ones((4, 1)), batch_size=1, epochs=1, verbose=0)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        assert "nnrun" not in archive.read("config.json").decode()
    optimizer = keras.models.load_model(tmp_path / "model.keras").optimizer
    assert int(optimizer.iterations) == 4
    assert float(optimizer.learning_rate) == float(model.optimizer.learning_rate)


def test_model_schedules_accumulated_gradients_count_every_batch() -> None:
    """Keras' documentation says otherwise; a schedule sees the batches, so that an epoch is as long as without."""
    optimizer = keras.optimizers.SGD(SCHEDULES.PolynomialDecay(1.0, 10, 0.0), gradient_accumulation_steps=2)
    variable = keras.Variable([1.0])
    optimizer.build([variable])
    seen = []
    for _ in range(4):
        optimizer.apply([keras.ops.zeros((1,))])
        seen.append(round(float(optimizer.learning_rate), 5))
    assert seen == [0.9, 0.8, 0.7, 0.6]
