"""The arithmetic of a config: `width * 2`, `min(a, b)`, `input.channels != units`.

An expression is read with `ast` and walked here: numbers, comparisons, `and or not`, `min max round`, and names.
Nothing is called and nothing is looked up but what the scope gives, so that a stranger's config is safe to evaluate.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

MAX_LENGTH = 500
_MAX_BITS = 4096
_WORDS = {"true": True, "false": False, "null": None}

Expression = ast.expr


class _Unknown:
    """A value that only the data, or the built layers, will tell."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Any = _Unknown()


class BadReference(Exception):  # noqa: N818 - it is a reference that is bad, told to a reader
    """What is wrong with a reference: `what`, and how to mend it."""

    def __init__(self, what: str, expected: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what, self.expected, self.hint = what, expected, hint


class Lookup(Protocol):
    """What a scope answers for a dotted name: a value, UNKNOWN, or BadReference for a name that it has not."""

    def __call__(self, path: tuple[str, ...]) -> Any: ...


def read(text: str, whole: str) -> Expression:
    """The expression of a text, `whole` in a message. Raises BadReference."""
    if len(text) > MAX_LENGTH:
        raise BadReference(f"an expression of {len(text)} letters", f"at most {MAX_LENGTH}")
    # A turn is a number between dots (`encoder.0.skip`), which Python would take for a fraction.
    spelled = re.sub(r"(?<=[A-Za-z_]\w)\.(\d+)(?=\.[A-Za-z_])", r"._\1_", text.strip())
    try:
        tree = ast.parse(spelled, mode="eval").body
        _allowed(tree, whole)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        hint = "two signs compare: ==" if re.search(r"[^=<>!]=[^=]", text) else ""
        raise BadReference(f"{whole!r} is no expression", "such as $(width * 2)", hint) from None
    return tree


_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARED: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_CALLED: Mapping[str, Callable[..., Any]] = {"min": min, "max": max, "round": round}
_ALLOWED = "+ - * / // % **, comparisons, and or not, min max round"


def _allowed(node: ast.expr, whole: str) -> None:
    """Raises BadReference for anything but the arithmetic above."""
    for inner in ast.walk(node):
        good = (
            isinstance(inner, ast.Attribute | ast.Name | ast.BoolOp | ast.boolop | ast.expr_context | ast.Compare)
            or type(inner) in (*_BINARY, *_COMPARED, *_UNARY)
            or isinstance(inner, ast.BinOp | ast.UnaryOp)
            or (isinstance(inner, ast.Constant) and isinstance(inner.value, bool | int | float | str))
            or (isinstance(inner, ast.Call) and _is_call(inner))
        )
        if not good:
            raise BadReference(f"{whole!r} holds more than arithmetic", _ALLOWED)
        if isinstance(inner, ast.Attribute) and _dotted(inner) is None:
            raise BadReference(f"{whole!r} is no expression", "such as $(width * 2)")


def _is_call(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id in _CALLED and bool(node.args) and not node.keywords


def _dotted(node: ast.expr) -> tuple[str, ...] | None:
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        turn = re.fullmatch(r"_(\d+)_", node.attr)
        return None if before is None else (*before, turn[1] if turn else node.attr)
    return None


def names(node: Expression) -> Iterator[tuple[str, ...]]:
    """Every dotted name that an expression reads, in order."""
    path = _dotted(node)
    if path is not None:
        if path[0] not in _WORDS:
            yield path
        return
    children = node.args if isinstance(node, ast.Call) else ast.iter_child_nodes(node)
    for child in children:
        if isinstance(child, ast.expr):
            yield from names(child)


def evaluate(node: Expression, lookup: Lookup) -> Any:
    """The value; UNKNOWN where a name is not known yet. Raises BadReference for what cannot be reckoned."""
    path = _dotted(node)
    if path is not None:
        return _WORDS[path[0]] if path[0] in _WORDS and len(path) == 1 else lookup(path)
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.BoolOp):
        return _chain(node, lookup)
    if isinstance(node, ast.Compare):
        return _compared(node, lookup)
    if isinstance(node, ast.UnaryOp):
        value = evaluate(node.operand, lookup)
        return UNKNOWN if value is UNKNOWN else _reckoned(_UNARY[type(node.op)], value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = [evaluate(argument, lookup) for argument in node.args]
        return UNKNOWN if UNKNOWN in given else _reckoned(_CALLED[node.func.id], *given)
    assert isinstance(node, ast.BinOp)
    left, right = evaluate(node.left, lookup), evaluate(node.right, lookup)
    return UNKNOWN if UNKNOWN in (left, right) else _reckoned(_BINARY[type(node.op)], left, right)


def _chain(node: ast.BoolOp, lookup: Lookup) -> Any:
    ends_with = isinstance(node.op, ast.Or)
    value: Any = None
    for item in node.values:
        value = evaluate(item, lookup)
        if value is UNKNOWN or bool(value) is ends_with:
            return value
    return value


def _compared(node: ast.Compare, lookup: Lookup) -> Any:
    left = evaluate(node.left, lookup)
    for sign, item in zip(node.ops, node.comparators, strict=True):
        right = evaluate(item, lookup)
        if left is UNKNOWN or right is UNKNOWN:
            return UNKNOWN
        same = isinstance(sign, ast.Eq | ast.NotEq)
        if not (_COMPARED[type(sign)](left, right) if same else _reckoned(_COMPARED[type(sign)], left, right)):
            return False
        left = right
    return True


def _reckoned(how: Callable[..., Any], *values: Any) -> Any:
    """One operation on numbers, within bounds: a config may not keep a processor busy."""
    if how is not operator.not_:
        for value in values:
            if not isinstance(value, int | float):
                raise BadReference(f"{value!r} is reckoned with, and is no number")
    big = (how is operator.pow and abs(values[1]) * max(int(abs(values[0])).bit_length(), 1) > _MAX_BITS) or (
        how is round and any(abs(digits) > _MAX_BITS for digits in values[1:])  # Python reckons 10 ** digits
    )
    try:
        result = None if big else how(*values)
    except ZeroDivisionError:
        raise BadReference("a division by zero") from None
    except (OverflowError, TypeError, ValueError) as error:
        raise BadReference(f"it cannot be reckoned: {error}") from None
    if big or isinstance(result, complex) or (isinstance(result, int) and result.bit_length() > _MAX_BITS):
        raise BadReference("the number is too large to reckon with")
    return result
