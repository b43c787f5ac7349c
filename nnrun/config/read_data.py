"""The section `data`: sources, columns and their preparations, targets, parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Data, Entry, Features, TargetSpec
from nnrun.config.kinds import is_number, shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.own import preparation, source
from nnrun.config.sections import DataSection, SplitSection
from nnrun.config.spec import Spec
from nnrun.errors import Where, did_you_mean


class DataReader:
    """Reads the section and notes its problems in `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def data(self, section: DataSection) -> Data:
        names = self.names
        parts = {
            part: source(names, value, ("data", part)) if value is not None else None
            for part, value in (("test", section.test), ("validation", section.validation))
        }
        if section.split is not None:
            self._leaves_rows(section.split)
        if section.split is not None and section.split.column is None:
            for part in ("validation", "test"):
                if isinstance(getattr(section.split, part), list):
                    names.problem(
                        ("data", "split", part),
                        "a list of values without a column",
                        hint="add `column: NAME` beside it, or write a fraction such as 0.15",
                    )
        return Data(
            source=source(names, section.source, ("data", "source")) or Spec("?", {}, Where(""), "sources"),
            test=parts["test"],
            validation=parts["validation"],
            features=self.features(section.features),
            targets=self.targets(section.target),
            split=section.split,
            missing=self.missing(section.missing),
            weight=section.weight,
        )

    def _leaves_rows(self, split: SplitSection) -> None:
        """Fractions that leave nothing to train on."""
        parts = [part for part in (split.validation, split.test) if isinstance(part, float)]
        if sum(parts) >= 1:
            self.names.problem(
                ("data", "split"),
                f"validation and test take {sum(parts):.0%} of the rows, and nothing is left to train on",
                "fractions that sum to less than 1",
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
        return {str(name): self.entries(inner, (*path, name)) for name, inner in value.items()}

    def _is_entry(self, value: dict[Any, Any]) -> bool:
        if len(value) == 1:
            return catalogue.own_find("preparations", str(next(iter(value)))) is not None
        return "columns" in value and "steps" in value

    def entries(self, value: Any, path: Path) -> tuple[Entry, ...]:
        items = value if isinstance(value, list) else [value]
        paths = [(*path, index) for index in range(len(items))] if isinstance(value, list) else [path]
        if not items:
            self.names.problem(path, "no column is named", "a list of preparations, such as `- normalize: [age]`")
        read = [self.entry(item, inner) for item, inner in zip(items, paths, strict=True)]
        return tuple(entry for entry in read if entry is not None)

    def entry(self, value: Any, path: Path) -> Entry | None:
        if isinstance(value, dict) and "columns" in value:
            for key in value:
                if key not in ("columns", "steps"):
                    self.names.problem((*path, key), f"unknown key {key!r}", "columns, steps", key=True)
            steps = value.get("steps")
            if not isinstance(steps, list) or not steps:
                self.names.problem(
                    path, "columns without steps", "`{columns: [age], steps: [{impute: median}, normalize]}`"
                )
                return None
            specs = [
                preparation(self.names, step, (*path, "steps", index), chain=True)[1]
                for index, step in enumerate(steps)
            ]
            if None in specs:
                return None
            return self._entry(value["columns"], (*path, "columns"), tuple(spec for spec in specs if spec))
        columns_value, spec = preparation(self.names, value, path)
        if spec is None:
            return None
        if isinstance(value, dict):
            name, given = next(iter(value.items()))
            path = (*path, name, "columns") if isinstance(given, dict) else (*path, name)
        return self._entry(columns_value, path, (spec,))

    def _entry(self, value: Any, path: Path, steps: tuple[Spec, ...]) -> Entry | None:
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
            self.names.problem(path, "no column is named", "a column, or a list of columns: `normalize: [age, height]`")
            return None
        place = self.names.document.value
        places = {
            str(item): place((*path, index) if isinstance(value, list) else path) for index, item in enumerate(items)
        }
        return Entry(tuple(str(item) for item in items), steps, places)

    def targets(self, value: Any) -> tuple[TargetSpec, ...]:
        path: Path = ("data", "target")
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        read = []
        for index, item in enumerate(items):
            inner: Path = (*path, index) if isinstance(value, list) else path
            where = self.names.document.value(inner)
            if isinstance(item, str | int) and not isinstance(item, bool):
                read.append(TargetSpec(str(item), (str(item),), where=where))
            elif isinstance(item, dict) and list(item) == ["one_hot"] and isinstance(item["one_hot"], str):
                read.append(TargetSpec(item["one_hot"], (item["one_hot"],), one_hot=True, where=where))
            elif isinstance(item, dict) and list(item) == ["copy"] and isinstance(item["copy"], str):
                read.append(TargetSpec(item["copy"], (item["copy"],), copy=True, where=where))
            else:
                known = ["one_hot", "copy"]
                hint = did_you_mean(str(next(iter(item))), known) if isinstance(item, dict) and item else ""
                expected = "a column, {one_hot: column}, {copy: input}, or a list of them"
                self.names.problem(inner, f"a target is {shown(item)}", expected, hint)
        return tuple(read)
