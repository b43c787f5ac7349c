"""An optimizer's way down a narrow valley, and how fast it gets there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nnrun.guide.pictures import _values
from nnrun.guide.topics import Topic
from nnrun.model import framework
from nnrun.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS = 120
START = (-4.0, 2.2)
RATE = 0.2  # for each of them, so that pictures can be compared
STEEP = 8.0  # how much steeper the valley is across than along


def draw(topic: Topic) -> Figure:
    """120 steps from the same place, beside those of plain gradient descent."""
    import numpy as np

    path = _path(_values.made(topic, {"learning_rate": RATE}))
    plain = _path(framework.keras().optimizers.SGD(learning_rate=RATE))
    figure, (left, right) = style.panels(2, width=5.8, title=topic.name)
    x, y = np.meshgrid(np.linspace(-5, 5, 201), np.linspace(-3, 3, 121))
    left.contour(x, y, _height(x, y), levels=np.geomspace(0.05, 40, 12), colors=style.GRID, linewidths=1)
    left.plot(*plain.T, color=style.NEUTRAL, linewidth=1, marker="o", markersize=2, label="SGD")
    left.plot(*path.T, color=style.TRAIN, linewidth=1.4, marker="o", markersize=2.5, label=topic.name)
    left.plot(*START, marker="s", color=style.INK, markersize=5)
    left.plot(0, 0, marker="*", color=style.GOOD, markersize=11)
    left.set_xlim(-5, 5)
    left.set_ylim(-3, 3)
    left.legend(frameon=False, fontsize=8.5, loc="upper right")
    steps = np.arange(len(path))
    right.plot(steps, np.maximum(_height(*plain.T), 1e-12), color=style.NEUTRAL, linewidth=1.2, label="SGD")
    right.plot(steps, np.maximum(_height(*path.T), 1e-12), color=style.TRAIN, linewidth=2, label=topic.name)
    right.set_yscale("log")
    style.name(
        left, title=f"{STEPS} steps down a valley", x="a weight", y="another", says=f"learning rate {RATE:g} for both"
    )
    style.name(
        right, title="Height above the lowest point", x="step", says="a straight line: each step takes the same share"
    )
    return figure


def _height(x: Any, y: Any) -> Any:
    return x**2 / 20 + STEEP * y**2 / 20


def _path(optimizer: Any) -> Any:
    """The places after each step; a way that leaves the picture for good ends there."""
    import numpy as np

    keras = framework.keras()
    place = keras.Variable(np.array([START], dtype="float32"))
    optimizer.build([place])
    found = [np.array(START)]
    for _ in range(STEPS):
        x, y = (float(value) for value in np.asarray(place)[0])
        gradient = keras.ops.convert_to_tensor(np.array([[x / 10, STEEP * y / 10]], dtype="float32"))
        optimizer.apply([gradient], [place])
        found.append(np.asarray(place)[0].astype(float).copy())
    return np.array(found)
