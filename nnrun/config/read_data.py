"""The section `data`: sources, columns and their preparations, targets, parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Data, Entry, Features
from nnrun.config.kinds import is_number, shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.own import source
from nnrun.config.read_augment import augment
from nnrun.config.read_entry import entry
from nnrun.config.read_masked import with_mask
from nnrun.config.read_target import targets
from nnrun.config.sections import DataSection
from nnrun.config.spec import Spec
from nnrun.errors import Where


class DataReader:
    """Reads the section and notes its problems in `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def data(self, section: DataSection) -> Data:
        names = self.names
        if section.windows is not None and section.on_bad != "fail":
            what = (
                f"on_bad is {section.on_bad} and the rows are windows: rows that are no neighbours would stand together"
            )
            names.problem(("data", "on_bad"), what, "on_bad: fail", "fill blanks with `missing`, or mend the file")
        answered = targets(names, section.target)
        made = next((target for target in answered if target.of_input), None)
        if section.windows is not None and section.windows.horizon and made is not None:
            what = f"a horizon of {section.windows.horizon}, and the target is made of {made.name}, the window itself"
            names.problem(("data", "windows", "horizon"), what, "no horizon", f"make `length` {section.windows.reach}")
        parts = {
            part: source(names, value, ("data", part)) if value is not None else None
            for part, value in (("test", section.test), ("validation", section.validation))
        }
        return Data(
            source=source(names, section.source, ("data", "source")) or Spec("?", {}, Where(""), "sources"),
            test=parts["test"],
            validation=parts["validation"],
            features=with_mask(self.features(section.features), answered),
            targets=answered,
            split=section.split,
            missing=self.missing(section.missing),
            weight=section.weight,
            windows=None if section.windows is None else section.windows.model_dump(exclude_none=True),
            augment=augment(names, section.augment),
            on_bad=section.on_bad,
        )

    def missing(self, value: Any) -> str | Mapping[str, float]:
        if value in ("median", "mean", "error"):
            return str(value)
        if isinstance(value, dict) and list(value) == ["value"] and is_number(value["value"]):
            return {"value": float(value["value"])}
        self.names.problem(("data", "missing"), f"missing is {shown(value)}", "error, median, mean or {value: 0}")
        return "median"

    def features(self, value: Any) -> Features | None:
        if value is None:
            return None
        path: Path = ("data", "features")
        if isinstance(value, str | list) or (isinstance(value, dict) and self._is_entry(value)):
            return {"table": self.entries(value, path)}
        if not isinstance(value, dict):
            self.names.problem(
                path,
                f"features is {shown(value)}",
                "a list of preparations, or a mapping input: preparations",
            )
            return None
        return {str(name): self.entries(inner, (*path, name), str(name)) for name, inner in value.items()}

    def _is_entry(self, value: dict[Any, Any]) -> bool:
        if len(value) != 1:
            return "columns" in value and "steps" in value
        name, inner = next(iter(value.items()))
        if catalogue.own_find("preparations", str(name)) is None:
            return False
        # An input may be called like a preparation: `{text: {text: review}}`, `{image: {normalize: image}}`.
        first = inner[0] if isinstance(inner, list) and inner else inner
        return not (isinstance(first, dict) and self._is_entry(first))

    def entries(self, value: Any, path: Path, name: str = "") -> tuple[Entry, ...]:
        items = value if isinstance(value, list) else [value]
        paths = [(*path, index) for index in range(len(items))] if isinstance(value, list) else [path]
        if not items:
            self.names.problem(path, "no column is named", "a list of preparations, such as `- normalize: [age]`")
        read = [entry(self.names, item, inner, name) for item, inner in zip(items, paths, strict=True)]
        return tuple(entry for entry in read if entry is not None)
