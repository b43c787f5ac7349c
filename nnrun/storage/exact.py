"""Strict JSON that gives every number back as it was, NaN and the infinities too, for state that training goes on from.

JSON has no word for what is not finite: it is written `{"$float": "nan"}`, and a key that begins with `$` gets another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

_FLOAT = "$float"


def dumps(value: Any) -> str:
    """The text of `value`: mappings with texts as keys, lists, texts, numbers, booleans, None.

    Numpy's numbers become Python's, tuples lists. TypeError for all else: it would not come back as it was.
    """
    return json.dumps(_encoded(value), indent=1, allow_nan=False) + "\n"


def loads(text: str) -> Any:
    """What `dumps` was given. ValueError if `text` is not its work."""
    return json.loads(text, object_hook=_decoded)


def _encoded(value: Any) -> Any:
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {_FLOAT: str(float(value))}
    if isinstance(value, list | tuple):
        return [_encoded(item) for item in value]
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise TypeError(f"a key of exact JSON is a text, not {wrong[0]!r}")
        return {"$" + key if key.startswith("$") else key: _encoded(item) for key, item in value.items()}
    if getattr(value, "shape", None) == () and isinstance(value.item(), bool | int | float):
        return _encoded(value.item())
    raise TypeError(f"exact JSON takes no {type(value).__name__}: {value!r:.60}")


def _decoded(mapping: dict[str, Any]) -> Any:
    if _FLOAT in mapping:
        return float(mapping[_FLOAT])
    return {key.removeprefix("$"): item for key, item in mapping.items()}
