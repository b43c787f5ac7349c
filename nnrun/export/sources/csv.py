"""`csv` in a script: pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read
from nnrun.export.tables import blanks, write_rows

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
    if isinstance(header, list):
        names, header = header, None
    header = names is None if header is None else header
    given: dict[str, Any] = {}
    tabs = dataset.files[0].name.lower().removesuffix(".gz").endswith(".tsv")
    delimiter = settings.get("delimiter") or ("\t" if tabs else ",")
    if delimiter != ",":
        given["sep"] = delimiter
    if settings.get("quoting") is False:
        given["quoting"] = 3  # csv.QUOTE_NONE
    if settings.get("comment"):
        _refuse_inside(dataset, settings["comment"])
        given["comment"] = settings["comment"]
    if settings.get("skip_rows"):
        given["skiprows"] = settings["skip_rows"]
    if settings.get("encoding"):
        given["encoding"] = settings["encoding"]
    if names or not header:
        given["names"] = [str(name) for name in dataset.columns.columns]
        given["header"] = 0 if header else None
    if settings.get("strip"):
        given["skipinitialspace"] = True
    given |= {"na_values": blanks(settings), "keep_default_na": False}
    if settings.get("limit") and not settings.get("where"):
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
    write_rows(script, table, settings if settings.get("where") else {**settings, "limit": None})
    return Read(table=table)


def _refuse_inside(dataset: Dataset, comment: str) -> None:
    """pandas takes the sign of a comment also inside of a line."""
    assert dataset.columns is not None
    for name in dataset.columns.columns:
        texts = [cell for cell in dataset.columns[name].dropna().unique() if isinstance(cell, str)]
        if any(comment in text for text in (str(name), *texts)):
            what = f"the column {str(name)!r} has {comment!r} inside of a cell, where a script would begin a comment"
            raise ConfigError([Problem(what, hint="take the lines of comments out of the file, and `comment` away")])
