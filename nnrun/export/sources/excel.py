"""`excel` in a script: pandas, which reads with openpyxl."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read
from nnrun.export.tables import refuse_dates, write_rows, write_texts


def excel(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A sheet."""
    refuse_dates(dataset, "Excel")
    script.need("import pandas as pd")
    given: dict[str, Any] = {"keep_default_na": False, "na_values": [""]}
    if settings.get("sheet") is not None:
        given["sheet_name"] = settings["sheet"]
    if settings.get("names"):
        given |= {"header": None, "names": [str(name) for name in settings["names"]]}
    table = f"table{suffix}"
    script.set(table, Call("pd.read_excel", (settings["path"],), given))
    write_texts(script, table, settings)
    write_rows(script, table, settings)
    return Read(table=table)
