"""What is compared, and what is not there to be compared."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from nnrun.bench.variants import Measurement, Variant, variants
from nnrun.errors import UsageError

OWN = Variant("tensorflow", "mixed_float16")


@pytest.fixture
def without_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *others: None if name == "jax" else found(name, *others)
    )


@pytest.fixture
def with_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())


def pairs(found: list[Variant]) -> list[tuple[str, str]]:
    return [(variant.backend, variant.precision) for variant in found]


def test_variants_begin_with_the_configs_own(with_all: None) -> None:
    found, missing = variants(OWN)
    assert pairs(found) == [
        ("tensorflow", "mixed_float16"),
        ("tensorflow", "float32"),
        ("tensorflow", "mixed_bfloat16"),
        ("jax", "float32"),
        ("jax", "mixed_bfloat16"),
        ("jax", "mixed_float16"),
    ]
    assert missing == {}


def test_variants_name_what_is_not_installed(without_jax: None) -> None:
    found, missing = variants(OWN, precisions=["float32"])
    assert pairs(found) == [("tensorflow", "mixed_float16"), ("tensorflow", "float32")]
    assert missing == {"jax": "pip install 'nnrun[jax]'"}


def test_variants_can_be_chosen_beside_the_configs_own(with_all: None) -> None:
    found, _ = variants(OWN, ["jax"], ["float32"])
    assert pairs(found) == [("tensorflow", "mixed_float16"), ("jax", "float32")]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"backends": ["tensorflw"]}, "no backend 'tensorflw'\n    expected: one of tensorflow, jax"),
        ({"precisions": ["bfloat16"]}, "no precision 'bfloat16'\n    expected: one of float32, mixed_bfloat16"),
    ],
)
def test_variants_refuse_a_name_that_is_none(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        variants(OWN, **chosen)


def test_variants_are_written_as_the_config_takes_them() -> None:
    assert OWN.yaml == "runtime:\n  backend: tensorflow\n  precision: mixed_float16"
    assert OWN.overrides == ["runtime.backend=tensorflow", "runtime.precision=mixed_float16"]


def test_variants_tell_the_loss_of_the_last_step_noted() -> None:
    found = Measurement("CPU", 1.0, 0.1, 1.0, 1.0, 1, None, ((10, 0.9), (20, 0.8), (30, 0.7)))
    assert [found.loss_after(steps) for steps in (5, 10, 19, 20, 99)] == [0.9, 0.9, 0.9, 0.8, 0.7]
