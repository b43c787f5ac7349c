"""The configs on the pages, as an editor and `nnrun help` see them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pages import Block, blocks

from nnrun.config.loader import load_text
from nnrun.guide import words
from nnrun.guide.schema import schema

# A block of a page may lack these.
WHOLE = {"data": {"source": {"csv": "houses.csv"}}, "model": {"layers": [{"Dense": 8}]}}


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(schema())


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_docs_every_config_on_the_pages_fits_the_schema(block: Block) -> None:
    data = {**WHOLE, **with_texts(load_text(block.text, str(block)).data)}
    assert [error.message for error in validator().iter_errors(data)] == []


@pytest.mark.parametrize("block", blocks("yaml"), ids=str)
def test_docs_help_knows_every_section_on_the_pages(block: Block) -> None:
    assert set(load_text(block.text, str(block)).data) - set(words.words()) == set()


def with_texts(value: Any) -> Any:
    """Keys as an editor's JSON has them."""
    if isinstance(value, dict):
        return {str(key): with_texts(item) for key, item in value.items()}
    return [with_texts(item) for item in value] if isinstance(value, list) else value
