"""The few tables of Keras' words that nnrun keeps by hand, held equal to Keras."""

from __future__ import annotations

import inspect

import pytest

from nnrun import catalogue
from nnrun.config.config import STEP_WORDS
from nnrun.config.sections import COMPILE, ELSEWHERE, FIT
from nnrun.model import framework

OWN = {"compile": set[str](), "fit": {"keep", "sampling"}}


@pytest.mark.parametrize(("section", "taken"), [("compile", COMPILE), ("fit", FIT)])
def test_train_sections_take_what_keras_takes_less_what_stands_elsewhere(section: str, taken: tuple[str, ...]) -> None:
    """A new parameter of `Model.compile` or `Model.fit` is taken, or its place is told."""
    theirs = set(inspect.signature(getattr(framework.keras().Model, section)).parameters) - {"self"}
    elsewhere = {key for name, key in ELSEWHERE if name == section}
    assert set(taken) == (theirs - elsewhere) | OWN[section]
    assert elsewhere <= theirs


def test_train_callbacks_that_stand_elsewhere_are_keras_own() -> None:
    named = {key for section, key in ELSEWHERE if section == "callbacks"}
    assert {name for name in named if not hasattr(framework.keras().callbacks, name)} == set()


def test_train_step_words_are_no_parameter_of_any_layer() -> None:
    found = [
        f"{name}: {parameter.name}"
        for name in catalogue.names("layers")
        if (component := catalogue.find("layers", name)) is not None
        for parameter in (*component.parameters, *component.call)
        if parameter.name in (*STEP_WORDS, "each", "if")
    ]
    assert found == []
    assert len(list(catalogue.names("layers"))) > 100
