"""A loss by the error of a prediction, or by the probability that the true class was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.errors import UsageError
from nnrun.guide.example import by_hand
from nnrun.guide.pictures import _values
from nnrun.guide.topics import Topic
from nnrun.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 3.0
_OF_SHARES = ("Binary", "Categorical", "Sparse", "KLDivergence", "CosineSimilarity", "Dice", "Tversky", "IoU")
_OF_ONE = ("Binary", "Dice", "Tversky", "IoU")  # a single probability; the others take one of each class


def draw(topic: Topic) -> Figure:
    """The loss of one row, and its derivative by the prediction."""
    import numpy as np

    if topic.name.startswith(_OF_SHARES):
        x = np.linspace(0.005, 0.995, 199)
        y = _by_probability(topic, x)
        said, label = "what a single row costs", "probability of the true class"
    else:
        x = np.linspace(-REACH, REACH, 241)
        y = _by_error(topic, x)
        said, label = "what a single row costs, where the target is 1", "prediction less target"
    if y is None or np.isfinite(y).sum() < len(x) // 2 or np.ptp(y[np.isfinite(y)]) == 0:
        raise UsageError(f"{topic.name} cannot be drawn", expected="a loss of single numbers or of probabilities")
    slope = np.gradient(y, x)
    figure, (left, right) = style.panels(2, title=topic.name)
    left.plot(x, y, color=style.TRAIN, linewidth=2.2)
    right.plot(x, slope, color=style.VALIDATION, linewidth=2.2)
    style.name(left, title="The loss", x=label, says=said)
    style.name(right, title="Its derivative", x=label, says="how hard a row pulls at its prediction")
    low, high = np.nanpercentile(slope, [3, 97])
    right.set_ylim(low - 0.1 * (high - low) - 0.05, high + 0.1 * (high - low) + 0.05)  # without the ends that run away
    for axes in (left, right):
        axes.axhline(0, color=style.GRID, linewidth=1.2, zorder=0)
        axes.set_xlim(float(x[0]), float(x[-1]))
    return figure


def _by_error(topic: Topic, x: Any) -> Any:
    """The loss of predictions around the target 1, each alone."""
    import numpy as np

    return _rows(topic, np.ones((len(x), 1)), (1 + x)[:, None])


def _by_probability(topic: Topic, x: Any) -> Any:
    """The loss of one class of two, by the probability that it was given."""
    import numpy as np

    if topic.name.startswith(_OF_ONE):
        return _rows(topic, np.ones((len(x), 1)), x[:, None])
    both = np.stack([x, 1 - x], axis=1)
    sparse = topic.name.startswith("Sparse") or topic.name == "CategoricalGeneralizedCrossEntropy"
    truth = np.zeros((len(x),)) if sparse else np.tile([1.0, 0.0], (len(x), 1))
    return _rows(topic, truth, both)


def _rows(topic: Topic, truth: Any, predicted: Any) -> Any:
    """Keras' loss of every row alone; None where the loss takes something else."""
    import numpy as np

    needed = any(item.required for item in topic.component.parameters)
    loss = _values.made(topic, _example(topic) if needed else {})
    values = []
    try:
        for row in range(len(predicted)):
            one = slice(row, row + 1)
            values.append(float(loss(truth[one].astype("float32"), predicted[one].astype("float32"))))
    except Exception:  # whatever Keras says of a shape: this is no loss of single numbers
        return None
    return np.array(values)


def _example(topic: Topic) -> dict[str, Any]:
    """The arguments of the example."""
    written = by_hand("losses")[topic.name]["compile"]["loss"]
    return dict(written[topic.name])
