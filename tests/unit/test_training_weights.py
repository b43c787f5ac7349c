"""Class weights, as weights of rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.config import Config
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data.dataset import Dataset
from nnrun.errors import ConfigError
from nnrun.model import framework
from nnrun.training.answers import Answer, answers
from nnrun.training.weights import class_weights

LABELS = np.array(["a", "b", "b", "b", "c", "c"])


def config(class_weight: str, target: str = "y", task: str = "null") -> Config:
    text = f"data: {{source: {{npz: x.npz}}, target: {target}}}\nmodel: {{layers: [{{Dense: 2}}]}}\ntask: {task}\n"
    found, problems = read(
        load_text(f"{text}fit: {{class_weight: {class_weight}}}\n".encode(), "config.yaml"), folder=Path(), written=b""
    )
    assert found is not None
    assert problems == []
    return found


def rows(written: Config, labels: Any = LABELS) -> tuple[dict[str, Answer], dict[str, Any]]:
    """The answers for some labels, and the targets as the model sees them."""
    dataset = Dataset(len(labels), targets={"y": labels}, target="y")
    found = answers(written, dataset, np.arange(len(labels)), ["x"])
    return found, {name: answer.target.apply(labels) for name, answer in found.items()}


def weigh(written: Config, found: dict[str, Answer], targets: dict[str, Any]) -> Any:
    """The rows' weights."""
    weights = class_weights(written, found, targets)
    assert weights is not None
    return weights.rows


def test_train_weights_balanced_by_hand() -> None:
    """n / (classes * count): 6 / (3 * 1), 6 / (3 * 3), 6 / (3 * 2)."""
    written = config("balanced")
    weights = weigh(written, *rows(written))
    assert weights.tolist() == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3, 1, 1])
    assert weights.mean() == pytest.approx(1)


def test_train_weights_by_name_by_number_and_one_for_the_rest() -> None:
    for text in ("{a: 5, c: 3}", "{0: 5, 2: 3}"):
        written = config(text)
        assert weigh(written, *rows(written)).tolist() == [5, 1, 1, 1, 3, 3]


def test_train_weights_refuse_names_and_numbers_side_by_side() -> None:
    written = config("{a: 5, 2: 3}")
    with pytest.raises(ConfigError, match="class_weight names 2, which is no class") as raised:
        class_weights(written, *rows(written))
    assert "or all are their numbers from 0 to 2" in raised.value.problems[0].hint


def test_train_weights_tell_what_each_class_weighs() -> None:
    """Keras' numbering, 0 and 1, of classes that are called 1 and 2."""
    written = config("{0: 1, 1: 5}", task="binary")
    weights = class_weights(written, *rows(written, np.array([1, 2, 2, 1])))
    assert weights is not None
    assert weights.table == {"1": 1.0, "2": 5.0}
    assert np.asarray(weights.rows).tolist() == [1, 5, 5, 1]


def test_train_weights_of_a_name_win_over_a_number() -> None:
    """Classes that are called 1 and 2 are the classes number 0 and 1."""
    written = config("{1: 5, 2: 7}", task="binary")
    assert weigh(written, *rows(written, np.array([1, 2, 2, 1]))).tolist() == [5, 7, 7, 5]


def test_train_weights_are_those_of_keras_class_weight() -> None:
    """One full-batch step with the rows' weights ends where Keras' own class_weight ends."""
    written = config("{a: 5, b: 0.5, c: 2}")
    weights = weigh(written, *rows(written))
    numbers = np.unique(LABELS, return_inverse=True)[1]
    x = np.linspace(-1, 1, 12, dtype=np.float32).reshape(6, 2)

    def loss_after(**how: Any) -> list[float]:
        framework.start(0)
        keras = framework.keras()
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, activation="softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy")
        losses = model.fit(x, numbers, batch_size=6, epochs=2, shuffle=False, verbose=0, **how).history["loss"]
        return [float(loss) for loss in losses]

    assert loss_after(sample_weight=weights) == pytest.approx(loss_after(class_weight={0: 5, 1: 0.5, 2: 2}), rel=1e-6)
    assert loss_after(sample_weight=weights) != pytest.approx(loss_after(), rel=1e-2)


def test_train_weights_of_a_one_hot_target() -> None:
    written = config("{b: 4}", target="{one_hot: y}")
    found, targets = rows(written)
    assert targets["y"].shape == (6, 3)
    assert weigh(written, found, targets).tolist() == [1, 4, 4, 4, 1, 1]


def test_train_weights_nothing_is_written() -> None:
    written = config("null")
    assert class_weights(written, *rows(written)) is None


def test_train_weights_refuse_a_class_that_is_none() -> None:
    written = config("{d: 2}")
    with pytest.raises(ConfigError, match=r"config.yaml:4:7: class_weight names 'd', which is no class") as raised:
        class_weights(written, *rows(written))
    assert raised.value.problems[0].expected == "one of a, b, c"


def test_train_weights_refuse_numbers() -> None:
    written = config("balanced")
    with pytest.raises(ConfigError, match="class_weight for the task regression"):
        class_weights(written, *rows(written, np.array([0.5, 1.5, 2.5])))


def test_train_weights_by_output_weigh_those_that_are_named() -> None:
    written = config("{speaker: {a: 2}, digit: balanced}")
    found, targets = rows(written)
    answer, values = found["y"], targets["y"]
    weights = class_weights(
        written,
        {"digit": answer, "speaker": answer, "other": answer},
        {"digit": values, "speaker": values, "other": values},
    )
    assert weights is not None
    assert isinstance(weights.rows, dict)
    assert set(weights.rows) == set(weights.table) == {"digit", "speaker"}
    assert weights.rows["speaker"].tolist() == [2, 1, 1, 1, 1, 1]
    assert weights.rows["digit"].tolist() == pytest.approx([2, 2 / 3, 2 / 3, 2 / 3, 1, 1])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("balanced", "class_weight with several outputs, and no word of which"),
        ("{pitch: balanced}", "class_weight names 'pitch', which is no output"),
        ("{digit: {d: 2}}", "class_weight names 'd', which is no class"),
    ],
)
def test_train_weights_of_several_outputs_that_are_wrong_are_refused(text: str, told: str) -> None:
    written = config(text)
    found, targets = rows(written)
    with pytest.raises(ConfigError, match=told):
        class_weights(
            written, dict.fromkeys(("digit", "speaker"), found["y"]), dict.fromkeys(("digit", "speaker"), targets["y"])
        )
