"""How a table is read best: what stands between its cells, whether it has names, which texts mean a blank."""

from __future__ import annotations

import csv
from typing import Any

from nnrun.data import sources
from nnrun.data.columns import is_number
from nnrun.data.dataset import Dataset
from nnrun.data.headers import open_binary
from nnrun.guide.begin.first import Place

_DELIMITERS = (",", ";", "\t", "|")
_BLANKS = (
    "?",
    "NA",
    "N/A",
    "n/a",
    "na",
    "NaN",
    "nan",
    "NULL",
    "null",
    "None",
    "none",
    "-",
    "--",
    ".",
    "missing",
    "unknown",
)


def read(place: Place, target: str | None) -> tuple[dict[str, Any], Dataset]:
    """The settings that read the file best, and its rows."""
    settings: dict[str, Any] = {"path": place.written}
    with open_binary(place.roots.find(place.written)) as stream:
        first = stream.readline().decode("utf-8", "replace").lstrip("\ufeff")
    delimiter = max(_DELIMITERS, key=first.count)
    if delimiter != ",":
        settings["delimiter"] = delimiter
    names = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter), [])]
    if target not in names and any(_is_float(name) for name in names):
        settings["header"] = False  # the first line is a row: the columns are called 0, 1, 2, ...
    dataset = sources.read("csv", settings, place.roots)
    further = {**settings, **_blanks(dataset)}
    return further, dataset if further == settings else sources.read("csv", further, place.roots)


def _blanks(dataset: Dataset) -> dict[str, Any]:
    """Settings for texts that mean a blank in columns of numbers, and for blanks around cells."""
    found: dict[str, Any] = {}
    texts: set[str] = set()
    table: Any = dataset.columns
    for name in (str(name) for name in table.columns):
        if is_number(table[name]):
            continue
        values = {str(value) for value in table[name].dropna().unique()[:1000]}
        if any(value != value.strip() for value in values):
            found["strip"] = True
        stripped = {value.strip() for value in values}
        numbers = {value for value in stripped if _is_float(value)}
        if numbers and stripped - numbers <= set(_BLANKS):
            texts |= stripped - numbers
        texts |= stripped & {"?"}
    return {**found, **({"na_values": sorted(texts)} if texts else {})}


def _is_float(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.lower() not in ("nan", "inf", "-inf")
