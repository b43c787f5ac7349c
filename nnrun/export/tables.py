"""What all sources of tables share, in a script: blanks, other values, the rows that are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Script

_DATE = re.compile(r"\d{4}-\d\d-\d\d.*")


def blanks(settings: Mapping[str, Any]) -> list[str]:
    """The texts that mean a blank, the empty one among them."""
    return ["", *(str(text) for text in settings.get("na_values") or [])]


def write_texts(script: Script, table: str, settings: Mapping[str, Any]) -> None:
    """Blanks at the ends of texts, and texts that mean a blank."""
    if settings.get("strip"):
        script.say(f"{table} = {table}.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)")
    if settings.get("strip") or settings.get("na_values"):
        script.say(f"{table} = {table}.mask({table}.isin({blanks(settings)!r}))")


def write_rows(script: Script, table: str, settings: Mapping[str, Any]) -> None:
    """Other values for some cells, and the rows to keep."""
    for name, mapping in (settings.get("values") or {}).items():
        script.set(f"{table}[{str(name)!r}]", Call(f"{table}[{str(name)!r}].replace", (dict(mapping),), {}))
    for name, wanted in (settings.get("where") or {}).items():
        known = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
        script.say(f"{table} = {table}[{table}[{str(name)!r}].isin({known!r})].reset_index(drop=True)")
    if settings.get("limit"):
        script.say(f"{table} = {table}.head({settings['limit']})")


def refuse_dates(dataset: Dataset, source: str) -> None:
    """Dates are texts to nnrun and not to pandas, whatever else a file of types says of them."""
    assert dataset.columns is not None
    for name in dataset.columns.columns:
        first = next((cell for cell in dataset.columns[name].dropna()), None)
        if isinstance(first, str) and _DATE.fullmatch(first):
            what = f"the column {str(name)!r} holds dates, which a script reads otherwise from {source}"
            raise ConfigError([Problem(what, hint="save the table as CSV")])
