"""nnrun's own schedules of the learning rate, one file each: what they give is a schedule that Keras knows.

A saved model is then opened by Keras alone. What a parameter takes is said by its annotation: `Steps` may be written in
epochs, a `LearningRate` is a number or another schedule.
"""

from __future__ import annotations

from typing import Any

Steps = int
LearningRate = Any
