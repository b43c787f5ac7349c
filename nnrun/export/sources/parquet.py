"""`parquet` in a script: pandas, which reads with pyarrow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read
from nnrun.export.tables import refuse_dates, write_rows, write_texts


def parquet(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A table."""
    refuse_dates(dataset, "Parquet")
    script.need("import pandas as pd")
    columns = [str(name) for name in settings.get("columns") or []]
    table = f"table{suffix}"
    script.set(table, Call("pd.read_parquet", (settings["path"],), {"columns": columns} if columns else {}))
    write_texts(script, table, settings)
    write_rows(script, table, settings)
    return Read(table=table)
