"""`jsonl` in a script: the standard library, then pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script, call
from nnrun.export.sources import Read
from nnrun.export.tables import write_rows, write_texts

SOURCE = '''
def read_json_lines(path):
    """A value from each line of a file, packed with gzip or not."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        return [json.loads(line) for line in file if line.strip()]
'''


def jsonl(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A table."""
    script.need("import gzip", "import json", "import pandas as pd")
    script.function("read_json_lines", SOURCE)
    assert dataset.columns is not None
    table = f"table{suffix}"
    script.set(table, call("pd.DataFrame", call("read_json_lines", settings["path"])))
    script.set(f"{table}.columns", [str(name) for name in dataset.columns.columns])
    write_texts(script, table, settings)
    write_rows(script, table, settings)
    return Read(table=table)
