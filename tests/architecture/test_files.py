"""What every source file owes its reader: small, documented, at home on any machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from house import ROOT, files, short, tree

LONGEST = 300
LONGER: dict[str, str] = {}
MACHINE = re.compile(r"/(?:work|home|root|Users|tmp/venv|scratch|workspace)/|[A-Z]:\\\\Users")


def test_files_stay_short() -> None:
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {file: length for file, length in lengths.items() if length > LONGEST and file not in LONGER} == {}


def test_files_end_with_one_newline() -> None:
    texts = {short(path): path.read_text(encoding="utf-8") for path in files()}
    assert [file for file, text in texts.items() if text and (text[-1] != "\n" or text[-2:] == "\n\n")] == []


def test_files_public_functions_and_classes_have_a_docstring() -> None:
    assert [f"nnrun/{short(path)}: {name}" for path in files() for name in _undocumented(tree(path))] == []


def test_files_name_no_machine() -> None:
    """No file of the project carries a path of the machine on which it was written."""
    inside = [path for room in ("nnrun", "tests", "docs", "configs", ".ci") for path in (ROOT / room).rglob("*")]
    own = [path for path in (*ROOT.glob("*"), *inside) if path.is_file() and "__pycache__" not in path.parts]
    found = []
    for path in own:
        name = path.relative_to(ROOT).as_posix()
        if name == "tests/architecture/test_files.py":
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if MACHINE.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    assert found == []


def _undocumented(module: ast.Module) -> Iterator[str]:
    """Functions and classes at the left margin; a method's name and types may say it all."""
    for node in module.body:
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            yield f"{node.name} (line {node.lineno})"
