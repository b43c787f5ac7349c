"""The one mental model of the language: a name with its arguments, and where it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nnrun.config.references import Reference
from nnrun.errors import Where


@dataclass(frozen=True)
class Spec:
    """`Name: {arguments}`. A nested spec is a `Spec` in `arguments`; everything else there is plain YAML.

    `slot` is the family of the name: layers, optimizers, losses, sources, ...
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    where: Where = Where("")
    slot: str = ""

    def to_data(self) -> Any:
        """The spec as plain YAML data in the one resolved form."""
        if not self.arguments:
            return self.name
        return {self.name: {key: plain(value) for key, value in self.arguments.items()}}


def plain(value: Any) -> Any:
    """Specs as plain data, at any depth."""
    if isinstance(value, Spec):
        return value.to_data()
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
