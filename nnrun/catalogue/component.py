"""What the catalogue tells about a name: where it lives, what it takes, what it is for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One argument that a YAML may write.

    `kind` is integer, number, boolean, string, integers (one, or a list of them), shape (a list of integers and
    nulls), steps (a number of steps, or a text such as `10 epochs`), boundaries (a list of such), tensor (a step's
    result, or numbers in its place), tensors (a list of results), dtype, policy (a dtype, or one for each of computing
    and storing) or any. The default may always be written, whatever the kind. `doc` is the docstring's entry,
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
    `variadic` is the name of a `*operands`, which takes any number of tensors after the parameters; `further`
    is what every other argument is, where names of one's own are taken (`ops.rearrange: {..., width: 2}`).
    `own_file` is the name of the person's own file that defines it, empty for all that Keras and nnrun have.
    """

    name: str
    slot: str
    module: str
    parameters: tuple[Parameter, ...] = ()
    keywords: bool = False
    call: tuple[Parameter, ...] = ()
    doc: str = ""
    variadic: str = ""
    further: Parameter | None = None
    own_file: str = ""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of this name, or None."""
        found = next((parameter for parameter in self.parameters if parameter.name == name), None)
        if found is None and self.further and name.isidentifier():
            return replace(self.further, name=name)
        return found

    def defaults(self) -> dict[str, Any]:
        """The value of every parameter that may be left out."""
        return {parameter.name: parameter.default for parameter in self.parameters if not parameter.required}
