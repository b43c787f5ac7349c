"""The source of nnrun as the tests of its architecture read it: files, rooms, imports, calls; nothing is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "nnrun"


@dataclass(frozen=True)
class Import:
    """One imported name; `lazy` stands inside a function, `typing` under TYPE_CHECKING."""

    file: str
    line: int
    module: str
    lazy: bool
    typing: bool

    def __str__(self) -> str:
        return f"nnrun/{self.file}:{self.line} imports {self.module}"


def files() -> list[Path]:
    """Every source file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """The file's syntax."""
    return ast.parse(path.read_text(encoding="utf-8"))


def short(path: Path) -> str:
    """`train/trainer.py`."""
    return path.relative_to(PACKAGE).as_posix()


def room(file: str) -> str:
    """`train` of `train/trainer.py`, `errors` of `errors.py`."""
    return file.partition("/")[0].removesuffix(".py")


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, `import_module("...")` and `__import__("...")` with a written name too."""
    yield from _imports(tree(path), short(path), lazy=False, typing=False)


def _imports(node: ast.AST, file: str, *, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for module in _modules(child):
            yield Import(file, getattr(child, "lineno", 0), module, lazy, typing)
        inside = lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = typing or (isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"))
        yield from _imports(child, file, lazy=inside, typing=guarded)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.module is not None, "imports are written whole, from nnrun on"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and name_of(node.func).endswith(("import_module", "__import__")) and node.args:
        first = node.args[0]
        if isinstance(first, ast.JoinedStr):  # import_module(f"nnrun.tasks.{name}")
            first = first.values[0]
        return [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
    return []


def name_of(node: ast.AST) -> str:
    """`os.replace` of the call `os.replace(...)`; `?.savefig` where what stands before the dot is no name."""
    if isinstance(node, ast.Attribute):
        return f"{name_of(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"
