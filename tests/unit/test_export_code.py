"""The text of a script: what fits stays on one line, the rest has a line for each item."""

from __future__ import annotations

import ast

import pytest

from nnrun.errors import UsageError
from nnrun.export.code import WIDTH, Code, Script, call, written
from nnrun.export.pasted import paste
from nnrun.export.variables import Variables

LONG = [call("layers.Dense", 64, activation="relu", kernel_regularizer=call("L2", 1e-4))] * 3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2.5, None, True, "a\"b"], '[1, 2.5, None, True, "a\\"b"]'),
        ({"price": Code("y")}, '{"price": y}'),
        ((1,), "(1,)"),
        (float("inf"), 'float("inf")'),
        (call(call("layers.Dense", 3), Code("x")), "layers.Dense(3)(x)"),
    ],
)  # fmt: skip
def test_export_code_on_one_line(value: object, text: str) -> None:
    assert written(value) == text


def test_export_code_breaks_what_is_too_long() -> None:
    text = written(call("keras.Sequential", LONG))

    assert text.splitlines()[:2] == [
        "keras.Sequential([",
        '    layers.Dense(64, activation="relu", kernel_regularizer=L2(0.0001)),',
    ]
    assert text.endswith("\n])")


@pytest.mark.parametrize("count", [1, 7, 40])
def test_export_code_means_the_same_in_few_columns(count: int) -> None:
    value = call(
        call("layers.Conv2D", *range(count), name="n" * 30), [Code(f"tensor_{i}") for i in range(count)], a=LONG
    )

    text = written(value, before=20)

    assert max(len(line) for line in text.splitlines()) <= WIDTH
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(" ".join(text.split())))


def test_export_code_variables_are_python_names_that_nothing_has() -> None:
    variables = Variables(("table",))

    names = ["encoder.0.skip", "table", "class", "2d", "encoder_0_skip"]
    assert [variables.of(name, "input") for name in names] == [
        "encoder_0_skip", "table_input", "class_input", "_2d", "encoder_0_skip_input",
    ]  # fmt: skip
    assert variables.of("table") == "table_input"


def test_export_code_pasted_source_brings_what_it_calls_and_no_nnrun() -> None:
    script = Script()
    script.section("here")

    paste(script, "nnrun.model.losses.quantile", "Quantile")

    text = script.text(['"""A script."""'], [], [])
    tree = ast.parse(text)
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    imported += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [name for name in imported if name.startswith("nnrun")] == []
    assert "framework" not in text
    defined = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert defined.index("loss_of") < defined.index("Quantile")


def test_export_code_refuses_to_paste_what_leans_on_nnrun() -> None:
    script = Script()
    with pytest.raises(UsageError, match="leans on the rest of nnrun"):
        paste(script, "nnrun.model.framework", "keras")
