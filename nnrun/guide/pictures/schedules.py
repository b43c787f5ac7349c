"""A schedule: the learning rate by the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnrun.config.counts import in_steps
from nnrun.guide.families import schedules
from nnrun.guide.pictures import _values
from nnrun.guide.topics import Topic
from nnrun.model import build, framework
from nnrun.report import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STEPS_PER_EPOCH = 100
EPOCHS = 15


def draw(topic: Topic) -> Figure:
    """The rate over fifteen epochs, with the arguments of the example."""
    import numpy as np

    read = _values.spec(topic, schedules.arguments(topic.component))
    schedule = build.make(in_steps(read, STEPS_PER_EPOCH), {})
    ops = framework.keras().ops
    steps = np.arange(0, EPOCHS * STEPS_PER_EPOCH, STEPS_PER_EPOCH // 20)
    rates = [float(ops.convert_to_numpy(schedule(ops.convert_to_tensor(step, "int32")))) for step in steps]
    figure, (axes,) = style.panels(1, width=6.4, title=topic.name)
    axes.plot(steps / STEPS_PER_EPOCH, rates, color=style.TRAIN, linewidth=2.2)
    axes.set_ylim(bottom=0)
    axes.set_xlim(0, EPOCHS)
    style.name(axes, title="Learning rate", x="epoch", says="with the arguments of the example")
    return figure
