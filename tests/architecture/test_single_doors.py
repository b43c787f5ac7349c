"""Only the command line speaks, only the storage writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house import files, name_of, room, short, tree

SPEAKING = frozenset({
    "print", "input", "exit", "quit", "sys.exit", "os._exit", "sys.stdout", "sys.stderr", "sys.__stdout__",
    "sys.__stderr__",
})  # fmt: skip
# Methods and functions that change the disk, by their last word; `os.` and `shutil.` ones by their whole name.
WRITING_METHODS = frozenset({
    "write_text", "write_bytes", "mkdir", "makedirs", "unlink", "touch", "rename", "rmdir", "symlink_to", "hardlink_to",
    "chmod", "savefig", "save", "save_weights", "savez", "savez_compressed", "savetxt", "tofile", "dump_json",
    "to_csv", "to_json", "to_parquet", "to_pickle", "to_excel", "export", "mkdtemp", "mkstemp",
})  # fmt: skip
WRITING_FUNCTIONS = frozenset({
    "os.replace", "os.remove", "os.removedirs", "os.renames", "os.link", "os.symlink", "os.truncate", "os.write",
    "os.fsync", "shutil.copy", "shutil.copy2", "shutil.copyfile", "shutil.copytree", "shutil.move", "shutil.rmtree",
    "json.dump", "yaml.dump_all", "pickle.dump",
})  # fmt: skip
REASONS = {
    ("model/importing.py", "os.write"): "shows on stderr what TensorFlow's C++ said, when its import fails",
    ("data/parallel.py", "os.write"): "numbers into a pipe to copies of the process",
    ("config/mistakes.py", "rename"): "of a key of the document, in memory",
}


def test_single_doors_only_the_command_line_prints_or_exits() -> None:
    found = [
        f"nnrun/{short(path)}:{node.lineno} {name_of(node)}"
        for path in files()
        if room(short(path)) != "cli"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Name | ast.Attribute) and name_of(node) in SPEAKING
    ]
    assert found == []


def test_single_doors_only_the_command_line_imports_what_prints() -> None:
    found = [
        f"nnrun/{short(path)}:{node.lineno}"
        for path in files()
        if room(short(path)) != "cli"
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Import) and {alias.name.partition(".")[0] for alias in node.names} & {"typer", "rich"})
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("typer", "rich", "click"))
    ]
    assert found == []


def test_single_doors_only_the_storage_writes() -> None:
    """`savefig` and `save` may fill the path that `staged` hands out; any other writing call needs a reason."""
    found = [
        f"nnrun/{file}:{line} {what}"
        for path in files()
        if room(file := short(path)) != "storage"
        for line, what in _writes(tree(path))
        if (file, what) not in REASONS
    ]
    assert found == []


def test_single_doors_the_test_sees_what_it_forbids() -> None:
    source = """
open("a", "w"); open("a"); path.open("ab"); path.open(mode="x"); open("a", mode)
path.write_text("b"); figure.savefig(path); np.savez("c", x); os.replace("a", "b"); "a".replace("b", "c")
with atomic.staged(path) as temporary:
    model.save(temporary)
    model.save(path)
"""
    assert [what for _, what in _writes(ast.parse(source))] == [
        "open", "open", "open", "open", "write_text", "savefig", "savez", "os.replace", "save",
    ]  # fmt: skip


def _writes(node: ast.AST, staged: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.With):
        staged |= {
            item.optional_vars.id
            for item in node.items
            if isinstance(item.context_expr, ast.Call)
            and name_of(item.context_expr.func).rpartition(".")[2] == "staged"
            and isinstance(item.optional_vars, ast.Name)
        }
    if isinstance(node, ast.Call):
        whole = name_of(node.func)
        last = whole.rpartition(".")[2]
        into = node.args[0].id if node.args and isinstance(node.args[0], ast.Name) else ""
        if whole.startswith("atomic."):  # the storage itself
            pass
        elif whole in WRITING_FUNCTIONS:
            yield node.lineno, whole
        elif isinstance(node.func, ast.Attribute) and last in WRITING_METHODS and into not in staged:
            yield node.lineno, last
        elif last == "open" and _opens_for_writing(node, method="." in whole):
            yield node.lineno, "open"
    for child in ast.iter_child_nodes(node):
        yield from _writes(child, staged)


def _opens_for_writing(call: ast.Call, *, method: bool) -> bool:
    """Whether the mode writes, or is no written text, so that nobody can tell."""
    opener = name_of(call.func)
    if opener in ("os.open", "Run.open", "Image.open", "cls.open"):
        return opener == "os.open" and not any(ast.unparse(arg) == "os.devnull" for arg in call.args)
    place = 0 if method and opener not in ("gzip.open", "io.open", "bz2.open", "lzma.open") else 1
    modes = [word.value for word in call.keywords if word.arg == "mode"] or call.args[place : place + 1]
    if not modes or opener == "archive.open":
        return False
    mode = modes[0]
    return not (isinstance(mode, ast.Constant) and isinstance(mode.value, str)) or bool(set(mode.value) & set("wax+"))
