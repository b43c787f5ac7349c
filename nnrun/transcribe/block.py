"""A nested model on its way into the section `blocks`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Block:
    """Its configuration in the file, its steps, its inputs where they have names, and its parameters."""

    config: Any
    steps: list[Any]
    inputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
