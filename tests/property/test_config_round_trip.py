"""Plain data survives being written and read; an override is read back as it was set."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nnrun.config.dump import dump
from nnrun.config.loader import load_text, scalar
from nnrun.config.overrides import apply

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "no",
        "0x1F",
        "0o7",
        "1e3",
        ".5",
        "~",
        "null",
        "true",
        ".inf",
        ".nan",
        "-",
        "a: b",
        "#",
        "'",
        "2016-01-01",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
KEYS = TEXTS.filter(lambda text: isinstance(scalar(text), str)) | st.integers(0, 99)
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def equal(first: Any, second: Any) -> bool:
    """Equal in value and in kind: 1 is not 1.0, and not true."""
    if isinstance(first, dict) and isinstance(second, dict):
        return list(first) == list(second) and all(equal(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(equal, first, second))
    return type(first) is type(second) and bool(first == second)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, DATA, max_size=5))
def test_config_dump_is_read_back_as_the_same_data(data: dict[Any, Any]) -> None:
    read = load_text(dump(data), "a.yaml").data
    assert equal(read, data), (read, data)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, DATA, max_size=5))
def test_config_dump_of_what_was_read_is_the_same_text(data: dict[Any, Any]) -> None:
    text = dump(data)
    assert dump(load_text(text, "a.yaml").data) == text


WORDS = st.from_regex(r"[a-z_]{1,6}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=4), DATA)
def test_config_override_is_read_back_as_it_was_set(keys: list[str], value: Any) -> None:
    document = load_text("fit: {epochs: 3}", "a.yaml")
    document.data.pop(keys[0], None)
    apply(document, f"{'.'.join(keys)}={dump(value).removesuffix('...' + chr(10))}")
    found: Any = document.data
    for key in keys:
        found = found[key]
    assert equal(found, value), (found, value)
