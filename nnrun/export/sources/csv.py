"""`csv` in a script: pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read

STRIPPED = '''
def stripped(column):
    """A column without blanks at the ends of its texts; what is numbers then becomes numbers."""
    if pd.api.types.is_numeric_dtype(column):
        return column
    texts = column.astype(object).map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    texts = texts.mask(texts.isin(BLANKS))
    numbers = pd.to_numeric(texts, errors="coerce")
    return numbers if (numbers.notna() == texts.notna()).all() else texts
'''


def csv(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A table."""
    script.need("import pandas as pd")
    assert dataset.columns is not None
    names = settings.get("names")
    header = settings.get("header")
    header = names is None if header is None else header
    given: dict[str, Any] = {}
    if settings.get("delimiter", ",") != ",":
        given["sep"] = settings["delimiter"]
    if names or not header:
        given["names"] = [str(name) for name in dataset.columns.columns]
        given["header"] = 0 if header else None
    if settings.get("strip"):
        given["skipinitialspace"] = True
    given |= {"na_values": ["", *(str(text) for text in settings.get("na_values") or [])], "keep_default_na": False}
    if settings.get("limit"):
        given["nrows"] = settings["limit"]
    given["low_memory"] = False
    table = f"table{suffix}"
    script.set(table, Call("pd.read_csv", (settings["path"],), given))
    if not names and header and not settings.get("strip"):
        script.say(f"{table}.columns = {table}.columns.str.strip()")
    if settings.get("strip"):
        script.function("stripped", STRIPPED)
        script.set("BLANKS", given["na_values"])
        script.say(f"{table}.columns = {table}.columns.str.strip()", f"{table} = {table}.apply(stripped)")
    return Read(table=table)
