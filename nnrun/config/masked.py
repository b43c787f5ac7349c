"""How tokens of an input are hidden from a model that has to say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Masked:
    """Each token is hidden with the probability `rate`, in every epoch others where `anew`.

    `mask` is the number that hides, where the input is an array of numbers; a text knows its own.
    """

    rate: float = 0.15
    mask: int | None = None
    anew: bool = True

    def to_data(self, name: str | None) -> dict[str, Any]:
        """As it is written, for an input."""
        mask = {} if self.mask is None else {"mask": self.mask}
        return {"input": name, "rate": self.rate, **mask, "anew": self.anew}
