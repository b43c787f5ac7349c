"""`variables`: values that the rest of the config reads as `$width` and `$(width * 2)`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.loader import Document, Path
from nnrun.config.references import Reference, has_reference, parse, problem
from nnrun.config.step_names import means_something
from nnrun.errors import Problem, did_you_mean, nearest, one_of

MAX_VALUES = 10_000
# Here a name may also be a parameter, a step or an input: the model's own scopes read these references.
_SCOPED = ("variables", "blocks", "model", "models", "extends")
_READ_LATER = ("compile", "fit")  # their specs may refer to the data, and a double dollar is read there


def substitute(document: Document) -> tuple[dict[str, Any], list[Problem]]:
    """The variables' values; outside the model every reference to one becomes its value, in place."""
    problems: list[Problem] = []
    written = document.data.get("variables")
    variables: dict[str, Any] = {}
    for name, value in written.items() if isinstance(written, dict) else ():
        path: Path = ("variables", name)
        if not isinstance(name, str) or not name.isidentifier() or means_something(name):
            what = f"a variable may not be named {name!r}"
            problems.append(Problem(what, document.key(path), "letters, digits and _, a name of yours"))
        else:
            told = len(problems)
            found = _replaced(document, value, path, variables, problems, "a variable sees those above it")
            if len(problems) > told:
                found = UNKNOWN  # it is wrong, which is told
            if is_too_large(found):  # lists of lists of lists: each step doubles them
                what = f"the variable {name!r} holds more than {MAX_VALUES:,} values"
                problems.append(Problem(what, document.key(path), "a number, a text, or a list of them"))
            else:
                variables[name] = found
    for section in document.data if isinstance(document.data, dict) else ():
        if section not in _SCOPED:
            document.data[section] = _replaced(document, document.data[section], (section,), variables, problems, "")
    return variables, problems


def unused(document: Document, *, overridden: bool) -> list[Problem]:
    """Nothing is ignored: every variable of the file stands in a reference; where a `-s` may have replaced that, those
    of a `-s`."""
    written = document.data.get("variables")
    texts, waiting = [], [document.data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and "$" in item:
            texts.append(item)
        waiting += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    names = [str(name) for name in written] if isinstance(written, dict) else []
    used = {nearest(word, names) for word in re.findall(r"\w+", " ".join(texts))}  # a misspelt one is told elsewhere
    found = []
    for name in names:
        where = document.key(("variables", name))
        if name not in used and (where.file.startswith("-s ") or (where.file == document.file and not overridden)):
            hint = did_you_mean(name, [other for other in names if other in used])
            what = f"the variable {name!r} is used nowhere"
            found.append(Problem(what, where, hint=hint or f"write ${name} where it is meant, or take it away"))
    return found


def is_too_large(value: Any) -> bool:
    """Whether a value holds more than MAX_VALUES; no more of it are counted."""
    waiting, count = [value], 0
    while waiting and count <= MAX_VALUES:
        count += 1
        item = waiting.pop()
        waiting += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return count > MAX_VALUES


def look_up(variables: Mapping[str, Any], path: tuple[str, ...], hint: str = "") -> Any:
    """The value of a variable; what the data tells is not known here."""
    if path[0] == "data" and len(path) > 1:
        return UNKNOWN
    if path[0] not in variables:
        known = list(variables)
        hint = did_you_mean(path[0], known) or hint or ("" if known else f"write it: `variables: {{{path[0]}: ...}}`")
        raise BadReference(f"${'.'.join(path)} is not known", one_of([f"${name}" for name in known], hint), hint)
    if len(path) > 1:
        raise BadReference(f"${'.'.join(path)} is not known", hint=f"the variable {path[0]!r} has nothing inside")
    return variables[path[0]]


def _replaced(
    document: Document, value: Any, path: Path, variables: Mapping[str, Any], problems: list[Problem], hint: str
) -> Any:
    if isinstance(value, dict):
        return {key: _replaced(document, item, (*path, key), variables, problems, hint) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(document, item, (*path, i), variables, problems, hint) for i, item in enumerate(value)]
    if not isinstance(value, str) or not has_reference(value):
        return value
    try:
        read = parse(value)
        if not isinstance(read, Reference):
            return value if path[0] in _READ_LATER else read
        found = read.value(lambda name: look_up(variables, name, hint))
    except BadReference as error:
        problems.append(problem(error, document.value(path)))
        return None
    return value if found is UNKNOWN else found
