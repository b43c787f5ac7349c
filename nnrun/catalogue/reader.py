"""Python source read as text: which module holds a name, what a class inherits, what a function takes.

Nothing that is read is imported: Keras takes seconds, and one broken file may not stop the others.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nnrun.errors import MissingError

ClassNode = ast.ClassDef
Definition = ast.ClassDef | ast.FunctionDef

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_LARGEST, _LARGEST_POWER = 1e18, 64  # a file that is only read may not make us reckon for ever


@dataclass(frozen=True, eq=False)
class Module:
    """A parsed file. `imports` maps a local name to a module and the name there, empty for the module."""

    name: str
    doc: str
    imports: Mapping[str, tuple[str, str]]
    definitions: Mapping[str, Definition]
    constants: Mapping[str, ast.expr]


@dataclass(frozen=True)
class Argument:
    """A parameter as the source writes it."""

    name: str
    required: bool
    default: Any
    annotation: str


@dataclass(frozen=True)
class Signature:
    """The arguments of a function without `self`, whether it takes `**kwargs`, and the name of its `*args`."""

    arguments: tuple[Argument, ...] = ()
    keywords: bool = False
    variadic: str = ""


@cache
def package_folder(package: str) -> Path:
    """The folder of an installed top-level package, found without importing it.

    Raises MissingError where the package is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingError(
            f"the package {package!r} is not installed",
            expected=f"{package} beside nnrun in the same environment",
            hint=f"install it: pip install {package}",
        )
    return Path(spec.submodule_search_locations[0])


@cache
def load(name: str) -> Module | None:
    """The module of this dotted name, parsed once a process; None where its package has no such file."""
    package, *parts = name.split(".")
    stem = package_folder(package).joinpath(*parts)
    for path in (stem / "__init__.py", stem.with_name(stem.name + ".py")):
        if path.is_file():
            return parse(name, path)
    return None


def parse(name: str, path: Path) -> Module:
    """The top level of one file. A file that is no Python gives an empty module."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        tree = ast.Module([], [])
    return parsed(name, tree)


def parsed(name: str, tree: ast.Module) -> Module:
    """The top level of a file whose text was read already."""
    imports: dict[str, tuple[str, str]] = {}
    definitions: dict[str, Definition] = {}
    constants: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imports.update({alias.asname or alias.name: (node.module, alias.name) for alias in node.names})
        elif isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]  # `import keras.layers` binds keras
                imports[alias.asname or top] = (alias.name if alias.asname else top, "")
        elif isinstance(node, Definition):
            definitions[node.name] = node
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = node.value
    return Module(name, documentation(tree), imports, definitions, constants)


def locate(module: str, name: str) -> tuple[Module, Definition] | None:
    """The class or function that `name` means in `module`, followed through imports to its own file."""
    source = load(module)
    if source is None:
        return None
    if name in source.definitions:
        return source, source.definitions[name]
    target, attribute = source.imports.get(name, ("", ""))
    return locate(target, attribute) if attribute else None


def method(source: Module, node: ast.ClassDef, name: str) -> tuple[Module, ast.FunctionDef] | None:
    """The method that a class has or inherits, with the module that defines it; the first base first."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == name:
            return source, item
    for base in bases(source, node):
        found = method(*base, name)
        if found:
            return found
    return None


def bases(source: Module, node: ast.ClassDef) -> Iterator[tuple[Module, ast.ClassDef]]:
    """The classes that a class inherits from, as far as they can be read, each with its module."""
    for expression in node.bases:
        base = _base(source, expression)
        if base and isinstance(base[1], ast.ClassDef):
            yield base[0], base[1]


def signature(
    source: Module, function: ast.FunctionDef, *, bound: bool = False, keyword_only: bool = False
) -> Signature:
    """What a function takes; `bound` leaves out the first argument, `self`."""
    written = function.args
    positional = [*written.posonlyargs, *written.args]
    missing = [None] * (len(positional) - len(written.defaults))
    pairs = [*zip(positional, [*missing, *written.defaults], strict=True)][int(bound) :]
    if keyword_only:
        pairs = []
    pairs += zip(written.kwonlyargs, written.kw_defaults, strict=True)
    return Signature(
        tuple(
            Argument(
                argument.arg,
                default is None,
                None if default is None else value(source, default),
                ast.unparse(argument.annotation) if argument.annotation else "",
            )
            for argument, default in pairs
        ),
        written.kwarg is not None,
        written.vararg.arg if written.vararg else "",
    )


def value(source: Module, expression: ast.expr, deep: int = 8) -> Any:
    """A default as Python data: a literal, arithmetic, a constant of the module; else its text.

    A constant is followed through at most `deep` others, since each may use two of them, or itself.
    """
    try:
        return ast.literal_eval(expression)
    except ValueError:
        pass
    if isinstance(expression, ast.Name) and expression.id in source.constants and deep:
        return value(source, source.constants[expression.id], deep - 1)
    if isinstance(expression, ast.BinOp) and type(expression.op) in _ARITHMETIC:
        left, right = value(source, expression.left, deep), value(source, expression.right, deep)
        if isinstance(left, int | float) and isinstance(right, int | float):
            limit = _LARGEST_POWER if isinstance(expression.op, ast.Pow) else _LARGEST
            if abs(left) <= _LARGEST and abs(right) <= limit:
                with suppress(ArithmeticError):
                    return _ARITHMETIC[type(expression.op)](left, right)
    return ast.unparse(expression)


def documentation(node: Definition | ast.Module) -> str:
    """The docstring as it is written, empty where there is none."""
    return ast.get_docstring(node, clean=False) or ""


def text(source: Module, constant: str) -> str:
    """A string that a module assigns to a name, empty where it has none."""
    found = source.constants.get(constant)
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else ""


def _base(source: Module, expression: ast.expr) -> tuple[Module, Definition] | None:
    """The class that stands in a list of bases: `Layer`, `optimizer.Optimizer` or `keras.layers.Layer`."""
    first, *rest = ast.unparse(expression).split(".")
    if not rest and first in source.definitions:
        return source, source.definitions[first]
    target, attribute = source.imports.get(first, ("", ""))
    *modules, name = [part for part in (target, attribute, *rest) if part] or [""]
    try:
        return locate(".".join(modules), name) if modules else None
    except MissingError:  # of a package that is no folder, or is not there
        return None
