"""The rows of an experiment in the script: read, put behind each other, and parted as scikit-learn does it."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.data import archives
from nnrun.data import sources as own
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots
from nnrun.data.rows import Rows
from nnrun.data.split import PARTS, Split
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Code, Script, call
from nnrun.export.preparations import AS_TEXT
from nnrun.export.sources import Read, read
from nnrun.training.division import groups, section


@dataclass(frozen=True)
class Place:
    """Where a config's paths are looked up, and the folder that the script will lie in."""

    roots: Roots
    folder: Path


def write_reading(script: Script, config: Config, dataset: Dataset, place: Place) -> Read:
    """Reads the source and its further parts, all rows in one."""
    _refuse_streams(config, dataset)
    data = config.data
    script.section("The data")
    others = [part for part in PARTS if getattr(data, part) is not None]
    own_parts = {part: rows for part, rows in dataset.parts.items() if part not in others}
    found = _read(script, data.source, "", replace(dataset, parts=own_parts), place)
    for part, spec in (("test", data.test), ("validation", data.validation)):
        if spec is None:
            continue
        script.need("import numpy as np")
        more = _read(script, spec, f"_{part}", own.read(spec.name, spec.arguments, place.roots, spec.where), place)
        first = found.table or next(iter((*found.arrays.values(), *found.targets.values())))
        extra = more.table or next(iter((*more.arrays.values(), *more.targets.values())))
        script.say(f"{part} = np.arange(len({first}), len({first}) + len({extra}))")
        if found.table:
            script.set(found.table, call("pd.concat", [Code(found.table), Code(more.table)], ignore_index=True))
        for name, variable in {**found.arrays, **found.targets}.items():
            other = {**more.arrays, **more.targets}[name]
            script.set(variable, call("np.concatenate", [Code(variable), Code(other)]))
    return found


def raw(read: Read, column: str) -> str:
    """A column or array as it was read."""
    both = {**read.arrays, **read.targets}
    return both.get(column, f'{read.table}["{column}"].to_numpy()')


@dataclass(frozen=True)
class _Drawn:
    """How the parts were drawn: the group of every row, or the variable of the labels, or neither."""

    split: Split
    groups: Any
    labels: str
    seed: int


def write_split(script: Script, config: Config, dataset: Dataset, split: Split, found: Read, labels: str) -> None:
    """Draws `train`, `validation` and `test`; `labels` is the column by whose classes they are stratified."""
    script.section("Which rows train, validate and test")
    script.need("import numpy as np")
    wanted = section(config, dataset)
    first = found.table or next(iter((*found.arrays.values(), *found.targets.values())))
    given = [part for part in ("test", "validation") if getattr(config.data, part) is not None]
    if found.test:
        script.say(f"test = {found.test}")
        given.append("test")
    if wanted.column is not None:
        script.need("import pandas as pd")
        script.function("as_text", AS_TEXT)
        for part in PARTS:
            values = getattr(wanted, part)
            if isinstance(values, list):
                texts = [str(value) for value in values]
                script.set(part, Code(f'np.flatnonzero(np.isin(as_text({found.table}["{wanted.column}"]), {texts!r}))'))
                given.append(part)
    script.say(f"rows = np.arange(len({first}))")
    if given:
        taken = given[0] if len(given) == 1 else f"np.concatenate([{', '.join(given)}])"
        script.say(f"rows = np.setdiff1d(rows, {taken})")
    drawn = _Drawn(split, groups(config, dataset), labels, wanted.seed)
    if drawn.groups is not None:
        column = raw(found, str(config.group))
        if drawn.groups.dtype.kind in "OUS":
            script.need("import pandas as pd")
            script.function("as_text", AS_TEXT)
            column = f"as_text({column})"
        script.say(f"groups = {column}")
    pool = "rows"
    for part in ("test", "validation"):
        share = getattr(wanted, part)
        if part in given:
            continue
        if not len(getattr(split, part)):
            script.say(f"{part} = np.empty(0, int)")
            continue
        _draw(script, drawn, part, share, pool)
        pool = "train"
    if pool == "rows":
        script.say("train = rows")


def _draw(script: Script, drawn: _Drawn, part: str, share: Any, pool: str) -> None:
    """One of the two draws, from the rows that are left."""
    names: dict[str, Any] = {"random_state": drawn.seed}
    if drawn.groups is not None:
        script.need("from sklearn.model_selection import GroupShuffleSplit")
        count = len(set(drawn.groups[getattr(drawn.split, part)].tolist()))
        splitter = Call("GroupShuffleSplit", (), {"n_splits": 1, "test_size": count, **names})
        script.set("by_groups", splitter)
        script.say(f"left, taken = next(by_groups.split({pool}, groups=groups[{pool}]))")
        script.say(f"train, {part} = {pool}[left], {pool}[taken]")
        return
    size: Any = share
    if isinstance(share, float):
        script.need("import math")
        size = Code(f"math.ceil({share!r} * len(rows))")
    script.need("from sklearn.model_selection import train_test_split")
    names = {"test_size": size, **names}
    if drawn.labels:
        names["stratify"] = Code(f"{drawn.labels}[{pool}]")
    script.set(f"train, {part}", Call("train_test_split", (Code(pool),), names))


def _read(script: Script, spec: Spec, suffix: str, dataset: Dataset, place: Place) -> Read:
    component = catalogue.own_find("sources", spec.name)
    paths = [p.name for p in component.parameters if p.annotation in ("Path", "Path | None")] if component else []
    settings = dict(spec.arguments)
    if settings.get("split_file"):
        what = "parts by a split_file are not among what a script can draw"
        raise ConfigError([Problem(what, spec.where, hint="put the files of each part into a folder of its own")])
    for name in paths:
        if settings.get(name):
            _refuse_archive(place.roots, str(settings[name]), spec)
            path = place.roots.find(str(settings[name]), where=spec.where)
            script.need("from pathlib import Path")
            settings[name] = Code(f'HERE / "{Path(os.path.relpath(path, place.folder)).as_posix()}"')
    return read(script, spec, settings, suffix, dataset)


def _refuse_archive(roots: Roots, written: str, spec: Spec) -> None:
    found = archives.locate(roots, written, spec.where)
    if found is not None and found.archive is not None:
        what = f"{written} lies in an archive, and a script unpacks none"
        hint = "unpack it by hand, and name its folder in the config"
        raise ConfigError([Problem(what, spec.where, hint=hint)])


def _refuse_streams(config: Config, dataset: Dataset) -> None:
    for name, array in dataset.arrays.items():
        if isinstance(array, Rows):
            what = f"the input {name!r} is streamed, and a script reads all rows into memory"
            raise ConfigError([Problem(what, config.data.source.where, hint="write `runtime: {stream: false}`")])
