"""What the JSON of a saved model may hold, so that Keras can make it: the layers that a config may use, and no more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnrun import catalogue
from nnrun.errors import DataError

MODELS = ("Sequential", "Functional", "Model")
_PARTS = ("initializers", "regularizers", "constraints", "dtype_policies", "activations")


def vet(value: Any, path: Path) -> None:
    """Raises DataError for what is not Keras' own, and for what would open a path or run code when it is made."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting += item
        elif isinstance(item, Mapping):
            if "class_name" in item and "config" in item:
                _vet_object(item, path)
            waiting += [inner for key, inner in item.items() if key not in ("compile_config", "build_config")]


def _vet_object(item: Mapping[str, Any], path: Path) -> None:
    name, module = str(item["class_name"]), str(item.get("module") or "")
    if name.startswith("__") or (name in ("InputLayer", "DTypePolicy", *MODELS) and module.startswith("keras")):
        return
    if name == "function" and catalogue.find("activations", str(item["config"])):
        return
    expected = "layers of Keras alone"
    if module.split(".")[0] not in ("keras", ""):
        raise DataError(f"{path.name} holds {name} of {module}, which is not Keras' own", expected=expected)
    if module.startswith("keras.src.ops"):
        known = any(each.rpartition(".")[2].replace("_", "") == name.lower() for each in catalogue.names("ops"))
        if known or name == "GetItem":
            return
    slot = next((slot for slot in ("layers", *_PARTS) if catalogue.find(slot, name)), None)
    refused = catalogue.judge(slot, name) if slot else "it is none of Keras' layers that a config may use"
    given = item["config"] if isinstance(item["config"], Mapping) else {}
    for key, inner in given.items() if slot == "layers" and not refused else ():
        if isinstance(inner, str) and key in ("vocabulary", "idf_weights"):
            refused = catalogue.judge("layers", name, key, inner)
    if refused:
        raise DataError(f"{path.name} holds {name}: {refused}", expected=expected)
