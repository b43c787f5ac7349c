"""`texts` in a script: the files' texts in a table of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script
from nnrun.export.sources import Read
from nnrun.export.sources.images import list_files


def texts(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """A table with a row for each file."""
    script.need("import pandas as pd")
    files, table = list_files(script, settings, suffix, dataset), f"table{suffix}"
    encoding = settings.get("encoding", "utf-8")
    script.say(
        f'found = [(path.read_text(encoding="{encoding}").removeprefix("\\ufeff"), name) for path, name in {files}]'
    )
    if settings.get("labels", "folder") == "none":
        script.say(f'{table} = pd.DataFrame({{"text": [text for text, _ in found]}})')
        return Read(table=table)
    script.say(f'{table} = pd.DataFrame(found, columns=["text", "label"])')
    script.say(f'{table}["label"] = [classes{suffix}[number] for number in {table}["label"]]')
    return Read(table=table)
