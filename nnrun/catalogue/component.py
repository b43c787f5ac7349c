"""What the catalogue tells about a name: where it lives, what it takes, what it is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One argument that a YAML may write.

    `kind` is integer, number, boolean, string, integers (one, or a list of them), shape (a list of integers
    and nulls) or any. The default may always be written, whatever the kind. `doc` is the docstring's entry,
    `annotation` the type as the source writes it; both may be empty.
    """

    name: str
    required: bool
    default: Any = None
    kind: str = "any"
    doc: str = ""
    annotation: str = ""


@dataclass(frozen=True)
class Component:
    """One name of one family (`slot`), with the public `module` that exports it.

    `parameters` come in the order of the signature; where the `**kwargs` of a layer reach Keras' `Layer`,
    name, trainable and dtype follow. `keywords` says that there is a `**kwargs`; `call` is what `call` takes.
    """

    name: str
    slot: str
    module: str
    parameters: tuple[Parameter, ...] = ()
    keywords: bool = False
    call: tuple[Parameter, ...] = ()
    doc: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)

    def defaults(self) -> dict[str, Any]:
        """The value of every parameter that may be left out."""
        return {parameter.name: parameter.default for parameter in self.parameters if not parameter.required}
