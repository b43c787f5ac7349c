"""Progress on stderr: a live bar on a terminal, one line an epoch elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from nnrun.cli.console import Console, shown
from nnrun.training.progress import Progress


def progress(console: Console) -> Progress:
    """The progress that fits where stderr goes."""
    if console.quiet:
        return Progress()
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI")
    return LiveProgress(console) if live else LineProgress(console)


class LineProgress(Progress):
    """One line an epoch; where epochs are many and short, about one line a second."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.label, self.epochs, self.last = "", 0, 0.0

    def say(self, text: str) -> None:
        self.console.say(text)

    def begin(self, label: str, epochs: int, steps: int) -> None:
        self.label, self.epochs, self.last = label, epochs, 0.0
        self.console.say(f"{label}: {epochs} epochs of {steps} batches")

    def epoch(self, row: Mapping[str, float]) -> None:
        number = int(row["epoch"])
        now = time.monotonic()
        if self.epochs <= 30 or number in (1, self.epochs) or now - self.last >= 1:
            self.last = now
            self.console.say(f"{self.label}: epoch {number}/{self.epochs}  {epoch_text(row)}  {row['seconds']:.2f} s")


class LiveProgress(Progress):
    """A bar that counts the batches of all epochs, the epoch's numbers beside it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.bar: Any = None
        self.steps, self.done = 0, 0

    def say(self, text: str) -> None:
        self.console.say(text)

    def begin(self, label: str, epochs: int, steps: int) -> None:
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self.end()
        screen = RichConsole(stderr=True)
        self.most = 2 if screen.width < 100 else 6
        self.bar = Bar(
            TextColumn("{task.fields[label]}", markup=False),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[numbers]}", markup=False),
            TimeRemainingColumn(),
            console=screen,
            refresh_per_second=8,
        )
        self.steps, self.epochs, self.done = steps, epochs, 0
        self.task = self.bar.add_task("", total=steps * epochs, label=label, numbers="")
        self.bar.start()

    def step(self, step: int, loss: float) -> None:
        if self.bar is not None:
            self.bar.update(self.task, completed=self.done * self.steps + step)

    def epoch(self, row: Mapping[str, float]) -> None:
        self.done = int(row["epoch"])
        if self.bar is not None:
            numbers = f"epoch {self.done}/{self.epochs}  {epoch_text(row, self.most)}"
            self.bar.update(self.task, completed=self.done * self.steps, numbers=numbers)

    def end(self) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def epoch_text(row: Mapping[str, float], most: int = 6) -> str:
    """`loss 0.1234  val_loss 0.2345  accuracy ...`: the losses first, then metrics while there is room."""
    skipped = ("epoch", "seconds", "learning_rate")
    names = sorted((name for name in row if name not in skipped), key=lambda name: name not in ("loss", "val_loss"))
    return "  ".join(f"{name} {shown(row[name])}" for name in names[:most])
