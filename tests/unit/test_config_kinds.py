"""Whether a plain value fits a parameter: what stands in the place of a tensor, and the words for a dtype."""

from __future__ import annotations

from typing import Any

import pytest

from nnrun.catalogue import Parameter
from nnrun.config.guess import spec_name
from nnrun.config.kinds import KINDS, fits, kind_hint


@pytest.mark.parametrize(
    ("kind", "value", "answer"),
    [
        ("tensor", 0.5, True),
        ("tensor", [[1, 2], [3.5, 4]], True),
        ("tensor", [True, False], True),
        ("tensor", "other", False),
        ("tensor", [1, "other"], False),
        ("tensor", {"value": 1}, False),
        ("tensors", [1, 2], False),
        ("dtype", "int64", True),
        ("dtype", "mixed_float16", False),
        ("policy", "mixed_float16", True),
        ("policy", "float23", False),
        ("policy", 32, False),
        ("policy", None, True),
    ],
)
def test_config_kinds_fits(kind: str, value: Any, answer: bool) -> None:
    assert fits(value, Parameter("argument", required=False, kind=kind)) is answer
    assert kind in KINDS


def test_config_kinds_the_nearest_dtype() -> None:
    policy = Parameter("dtype", required=False, kind="policy")
    assert kind_hint("mixed_flaot16", policy) == "did you mean 'mixed_float16'?"
    assert kind_hint("flaot32", Parameter("dtype", required=False, kind="dtype")) == "did you mean 'float32'?"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("ops.matmull", "did you mean 'ops.matmul'?"),
        ("ops.resize", "did you mean 'ops.image.resize'?"),
        ("ops.xyzzy", ""),
        ("ops.while_loop", "it takes a Python function, which a config cannot hold"),
    ],
)
def test_config_kinds_the_nearest_function(written: str, hint: str) -> None:
    assert spec_name("ops", written) == hint
