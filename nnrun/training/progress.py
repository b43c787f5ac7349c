"""What a training tells while it runs; the base class tells nothing, the command line has one that prints."""

from __future__ import annotations

from collections.abc import Mapping


class Progress:
    """Nothing to show is an object, not an `if` at every use."""

    def say(self, text: str) -> None:
        """A sentence worth a line: what was chosen and why."""

    def begin(self, label: str, epochs: int, steps: int) -> None:
        """A training of so many epochs of so many steps begins."""

    def step(self, step: int, loss: float) -> None:
        """A batch is done; `loss` is the mean since the epoch began."""

    def epoch(self, row: Mapping[str, float]) -> None:
        """An epoch is done; the row is that of history.csv."""

    def end(self) -> None:
        """The training is over, however it ended."""
