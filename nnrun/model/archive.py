"""A `.keras` file opened as what it is, a zip with JSON in it, within budgets."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from nnrun.errors import DataError

MOST_BYTES = 64 * 2**20
MOST_DEPTH = 200
MOST_VALUES = 5_000_000


def model_of(path: Path) -> dict[str, Any]:
    """What `config.json` of a saved model says."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > MOST_BYTES:
                raise DataError(f"{path}: its config.json is larger than {MOST_BYTES // 2**20} MB")
            with archive.open("config.json") as stream:
                text = stream.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise DataError(f"{path}: its config.json is larger than it says")
        data = json.loads(text)
    except KeyError:
        raise DataError(f"{path} holds no config.json", expected="a file that `model.save` wrote") from None
    except (OSError, zipfile.BadZipFile, ValueError, RecursionError, NotImplementedError, RuntimeError) as error:
        told = " ".join(str(error).split())[:200]
        expected = "a .keras file, as `model.save` of Keras 3 writes it"
        raise DataError(f"{path} cannot be read as a model: {told}", expected=expected) from None
    if not isinstance(data, dict):
        raise DataError(f"{path}: its config.json describes no model", expected="a file that `model.save` wrote")
    _within_budget(path, data)
    return data


def _within_budget(path: Path, data: Any) -> None:
    """No depth and no number of values that the rest of the reading would choke on."""
    waiting, seen = [(data, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_VALUES:
            raise DataError(f"{path}: its config.json is nested too deep or holds too much")
        if isinstance(value, dict):
            waiting += [(item, depth + 1) for item in value.values()]
        elif isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
