"""What is nnrun's own and not Keras': its source goes into the script, with all that it calls."""

from __future__ import annotations

import ast
import importlib.util
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nnrun.errors import UsageError
from nnrun.export.code import WIDTH, Script

# How nnrun reaches Keras, and how a script does.
_PLAIN = (
    (re.compile(r"^ *keras = framework\.keras\(\)\n", re.MULTILINE), ""),
    (re.compile(r"framework\.keras\(\)"), "keras"),
    (re.compile(r"framework\.mask_of\((\w+)\)"), r'getattr(\1, "_keras_mask", None)'),
    (re.compile(r"distribution\.share\((.*)\)$", re.MULTILINE), r"\1"),  # a script has one device
    (re.compile(r"\s*#\s*(type: ignore|noqa).*$", re.MULTILINE), ""),
)


def paste(script: Script, module: str, name: str) -> None:
    """Puts a function or class of a module of nnrun into the script, what it needs before it."""
    if name in script.functions:
        return
    source = _source(module)
    node = source.definitions.get(name)
    if node is None:
        raise UsageError(f"{name} of {module} cannot be written into a script")
    script.function(f"{module}.{name}", "")  # a mark, so that two that call each other end
    for used in sorted({child.id for child in ast.walk(node) if isinstance(child, ast.Name)}):
        if used == name:
            continue
        if used in source.definitions:
            _once(script, module, used)
        elif used in source.imports:
            origin, line = source.imports[used]
            if origin.startswith("nnrun."):
                if used not in ("framework", "distribution"):
                    _once(script, origin, used)
            else:
                script.need(line)
    del script.functions[f"{module}.{name}"]
    text = _shortened(source.text_of(node), node)
    for pattern, plain in _PLAIN:
        text = pattern.sub(plain, text)
    if re.search(r"\b(framework|distribution|build|import_module)\b", text):
        raise UsageError(f"{name} of {module} leans on the rest of nnrun, and has no place in a script")
    script.need("from __future__ import annotations", "import keras")
    script.function(name, text)


def _shortened(text: str, node: ast.stmt) -> str:
    """The text with the first paragraph of its docstring alone, in short lines."""
    doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef | ast.ClassDef) else None
    if doc is None:
        return text
    first = node.body[0]  # type: ignore[attr-defined]
    lines = text.splitlines()
    start = node.lineno - min([node.lineno, *(mark.lineno for mark in node.decorator_list)])  # type: ignore[attr-defined]
    begin, end = first.lineno - node.lineno + start, first.end_lineno - node.lineno + start + 1
    told = textwrap.wrap(" ".join(doc.split("\n\n")[0].split()), WIDTH - 8)
    quoted = [f'    """{told[0]}', *(f"    {line}" for line in told[1:])]
    quoted = [*quoted[:-1], f'{quoted[-1]}"""'] if len(told) == 1 else [*quoted, '    """']
    return "\n".join([*lines[:begin], *quoted, *lines[end:]])


def _once(script: Script, module: str, name: str) -> None:
    if f"{module}.{name}" not in script.functions:
        paste(script, module, name)


class _Source:
    """The text of a module, what it defines at its margin, and what it imports."""

    def __init__(self, path: Path) -> None:
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self.definitions: dict[str, ast.stmt] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        for node in _flat(ast.parse("\n".join(self.lines)).body):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                self.definitions[node.name] = node
            elif isinstance(node, ast.Assign):
                self.definitions |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                self.definitions[node.target.id] = node
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    line = f"from {node.module} import {alias.name}"
                    self.imports[alias.asname or alias.name] = (node.module, line)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    line = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                    self.imports[alias.asname or alias.name] = (alias.name, line)

    def text_of(self, node: ast.stmt) -> str:
        first = min([node.lineno, *(mark.lineno for mark in getattr(node, "decorator_list", []))])
        body = self.lines[first - 1 : node.end_lineno]
        indent = len(body[0]) - len(body[0].lstrip())
        return "\n".join(line[indent:] for line in body)


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module, those under TYPE_CHECKING too."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _flat(node.body)
        else:
            yield node


@cache
def _source(module: str) -> _Source:
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise UsageError(f"the source of {module} is not there")
    return _Source(Path(found.origin))
