"""JSON that changes no number."""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnrun.storage import exact

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("$float"), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_exact_gives_every_value_back_as_it_was(value: object) -> None:
    assert repr(exact.loads(exact.dumps(value))) == repr(value)


@given(st.floats(allow_nan=False))
def test_exact_gives_every_bit_of_a_float_back(value: float) -> None:
    assert struct.pack("d", exact.loads(exact.dumps(value))) == struct.pack("d", value)


def test_exact_writes_strict_json_for_what_is_not_finite() -> None:
    text = exact.dumps({"best": math.inf, "losses": [math.nan, -math.inf], "$float": "a key"})
    assert json.loads(text, parse_constant=pytest.fail) == {
        "best": {"$float": "inf"},
        "losses": [{"$float": "nan"}, {"$float": "-inf"}],
        "$$float": "a key",
    }
    back = exact.loads(text)
    assert math.isnan(back["losses"].pop(0))
    assert back == {"best": math.inf, "losses": [-math.inf], "$float": "a key"}


def test_exact_numbers_of_numpy_become_pythons_of_the_same_value() -> None:
    numbers = {
        "f4": np.float32(0.1),
        "f8": np.float64(0.1),
        "i8": np.int64(7),
        "b": np.bool_(True),
        "0d": np.array(2.5),
    }
    back = exact.loads(exact.dumps(numbers))
    assert back == {"f4": float(np.float32(0.1)), "f8": 0.1, "i8": 7, "b": True, "0d": 2.5}
    assert [type(value) for value in back.values()] == [float, float, int, bool, float]


@pytest.mark.parametrize("value", [np.arange(3), Path("a"), {1: 2}, {"a": {3}}, b"x", 1j, np.datetime64("2026-01-01")])
def test_exact_refuses_what_would_come_back_otherwise(value: object) -> None:
    with pytest.raises(TypeError, match="exact JSON"):
        exact.dumps({"a": value})
