"""What is told about data: a frozen record for each kind of thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nnrun.survey.columns import Column
from nnrun.survey.duplicates import Duplicates
from nnrun.survey.telling import Telling


@dataclass(frozen=True)
class ArrayFacts:
    """An array of the source: the shape of a row, and the numbers of at most 2,000 training rows."""

    name: str
    shape: tuple[int, ...]
    type: str
    goes: str
    minimum: float | None = None
    mean: float | None = None
    maximum: float | None = None
    finding: str = ""


@dataclass(frozen=True)
class TargetFacts:
    """What an output answers: its classes with their rows by part, or its numbers in the training rows."""

    output: str
    task: str
    reason: str
    classes: Mapping[str, Mapping[str, int]]
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class InputFacts:
    """An input of the model, and of which columns it is made through what."""

    name: str
    shape: tuple[int | None, ...]
    type: str
    made_of: tuple[str, ...]


@dataclass(frozen=True)
class Survey:
    """Everything that `nnrun data` tells. Blanks and duplicates are of all rows, all else is of the training rows."""

    description: str
    rows: int
    how: str
    parts: Mapping[str, int]
    columns: tuple[Column, ...]
    arrays: tuple[ArrayFacts, ...]
    targets: tuple[TargetFacts, ...]
    inputs: tuple[InputFacts, ...]
    facts: Mapping[str, Any]  # what `$data` refers to
    duplicates: Duplicates | None
    telling: tuple[Telling, ...]
    findings: tuple[str, ...]
    notes: tuple[str, ...]  # of the preparation
    sample: Mapping[str, Mapping[str, Any]]  # some training rows by name, their cells by column

    def to_data(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)
