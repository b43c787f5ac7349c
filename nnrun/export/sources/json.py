"""`json` in a script: the standard library, then pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script, call
from nnrun.export.sources import Read
from nnrun.export.tables import write_rows, write_texts

SOURCE = '''
def read_json(path):
    """The value in a file, packed with gzip or not."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
        return json.load(file)
'''


def json(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A table."""
    script.need("import gzip", "import json", "import pandas as pd")
    script.function("read_json", SOURCE)
    assert dataset.columns is not None
    keys = [key.replace("~1", "/").replace("~0", "~") for key in str(settings.get("pointer", "")).split("/")[1:]]
    inside = "".join(f"[{int(key) if key.isdigit() else key!r}]" for key in keys)
    table, columns = f"table{suffix}", [str(name) for name in dataset.columns.columns]
    script.set(f"stored{suffix}", call("read_json", settings["path"]))
    script.say(f"{table} = pd.DataFrame(stored{suffix}{inside})")
    script.set(f"{table}.columns", columns)
    write_texts(script, table, settings)
    write_rows(script, table, settings)
    return Read(table=table)
