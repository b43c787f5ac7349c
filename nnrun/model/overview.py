"""A model in numbers: a line for each step, the windows of what convolves, and what training holds in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnrun.config.config import Config
from nnrun.model import arithmetic
from nnrun.model.arithmetic import Window
from nnrun.model.fields import Field, fields
from nnrun.model.optimizer_state import kept
from nnrun.model.shapes import Row, complete

BYTES = 4  # of a float32


@dataclass(frozen=True)
class Slide:
    """The window of one step, and what one value behind it sees of the input."""

    step: str
    windows: tuple[Window, ...]
    after: Any
    field: Field | None


@dataclass(frozen=True)
class Overview:
    """The steps of a model, and their sums; a sum is None as soon as one of its terms is."""

    inputs: Mapping[str, Any]
    rows: Sequence[Row]
    batch_size: int
    kept: int | None  # by the optimizer, for each number that is trained
    optimizer: str

    @property
    def parameters(self) -> int | None:
        """All values of all weights, those of a shared layer once."""
        return arithmetic.total(*(row.parameters for row in self.rows))

    @property
    def fixed(self) -> int | None:
        """Those that are not trained."""
        return arithmetic.total(*(row.fixed for row in self.rows))

    @property
    def multiply_adds(self) -> int | None:
        """The work of one row of the data, from the inputs to the outputs."""
        return arithmetic.total(*(row.multiply_adds for row in self.rows))

    @property
    def memory(self) -> dict[str, int | None]:
        """Bytes that a training step holds as float32: what the steps give for a batch, weights and their gradients."""
        trained = None if self.parameters is None or self.fixed is None else self.parameters - self.fixed
        batch = arithmetic.product(arithmetic.total(*(row.values for row in self.rows)), self.batch_size)
        numbers = {
            "activations": batch,
            "parameters": self.parameters,
            "gradients": trained,
            "optimizer": arithmetic.product(trained, self.kept),
        }
        return {name: arithmetic.product(count, BYTES) for name, count in numbers.items()}

    @cached_property
    def slides(self) -> tuple[Slide, ...]:
        """A line for each convolution and pooling."""
        found, seen = [], fields(self.inputs, self.rows)
        for row in self.rows:
            windows = arithmetic.receptive(row.layer, complete(row.spec))
            if windows is not None:
                found.append(Slide(row.name, windows, row.shape, seen[row.name]))
        return tuple(found)


def overview(config: Config, inputs: Mapping[str, Any], rows: Sequence[Row]) -> Overview:
    """The numbers of a model whose rows are known by arithmetic, or from Keras."""
    optimizer = config.compile.optimizer
    return Overview(dict(inputs), rows, config.fit.batch_size, kept(optimizer), optimizer.name)
