"""`tokens` in a script: one column of pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.data.sources.tokens import WORDS
from nnrun.export.code import Code, Script, call
from nnrun.export.sources import Read

READ = '''
def read_text(path, encoding):
    """The text of a file, packed with gzip or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\\x1f\\x8b" else data).decode(encoding)
    return text.removeprefix("\\ufeff").replace("\\r\\n", "\\n").replace("\\r", "\\n")
'''


def tokens(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:  # noqa: ARG001
    """A table with a row for each token."""
    script.need("import gzip", "import pandas as pd")
    script.function("read_text", READ)
    script.set(f"text{suffix}", call("read_text", settings["path"], settings.get("encoding", "utf-8")))
    split = settings.get("split", "character")
    found = f"list(text{suffix})"
    if split == "word":
        script.need("import re")
        found = f"re.findall({WORDS!r}, text{suffix})"
    elif split == "line":
        found = f'[line for line in text{suffix}.split("\\n") if line.strip()]'
    script.set(f"table{suffix}", Code(f'pd.DataFrame({{"token": {found}}})'))
    return Read(table=f"table{suffix}")
