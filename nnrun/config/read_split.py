"""What `data.split` and `cv` say together: groups, a column for each strategy, and what would tear rows apart."""

from __future__ import annotations

from typing import Any

from nnrun.config.keeping import by_time, group_of
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.sections import CrossValidationSection, Sections, SplitSection

PARTS = ("train", "validation", "test")
_DRAWN = ("auto", "random", "stratified")


def check_split(names: Names, sections: Sections) -> None:
    """Notes what does not go together."""
    split, cv = sections.data.split, sections.cv
    _groups(names, split, cv)
    _windows(names, sections)
    if split is None:
        return
    _leaves_rows(names, split)
    _columns(names, split)
    if split.gap and not by_time(split, cv):
        what = f"a gap of {split.gap} rows, and the parts do not follow each other in time"
        names.problem(("data", "split", "gap"), what, "strategy: time, beside it", "or take `gap` away")
    if cv.strategy == "time" and split.strategy in ("random", "stratified", "hash"):
        what = f"folds by time, and a {split.strategy} split that takes its test part from among them"
        names.problem(("data", "split", "strategy"), what, "strategy: time", "or folds that are not by time")
    if split.strategy == "time" and cv.strategy in ("random", "stratified", "group"):
        what = f"{cv.strategy} folds of rows that are split by time would be trained on what comes after"
        names.problem(("cv", "strategy"), what, "strategy: auto or time")


def _windows(names: Names, sections: Sections) -> None:
    """Windows that share rows of the table are no rows that may be drawn one by one."""
    windows, split, cv = sections.data.windows, sections.data.split, sections.cv
    if windows is None or windows.reach <= windows.stride or group_of(split, cv)[0] is not None:
        return
    drawn: list[tuple[Path, str]] = [(("cv", "strategy"), cv.strategy)]
    drawn += [(("data", "split", "strategy"), split.strategy)] if split is not None else []
    for path, strategy in drawn:
        if strategy in ("random", "stratified"):
            what = (
                f"{strategy} parts of windows, and windows share rows of the table, so that one would be in two parts"
            )
            hint = f"or a `stride` of {windows.reach}, so that no windows overlap"
            names.problem(path, what, "strategy: time", hint)


def _columns(names: Names, split: SplitSection) -> None:
    """What `column` means under each strategy, and what the parts are then."""
    lists = [part for part in PARTS if isinstance(getattr(split, part), list)]
    for part in lists:
        path = ("data", "split", part)
        if split.column is None:
            hint = "add `column: NAME` beside it, or write a fraction such as 0.15"
            names.problem(path, "a list of values without a column", hint=hint)
        elif split.strategy in ("time", "hash"):
            does = "tells the time" if split.strategy == "time" else "is what is hashed"
            what = f"{part} lists values of {split.column}, which {does} with `strategy: {split.strategy}`"
            names.problem(
                path, what, "a fraction such as 0.2", "or take `strategy` away, and the values give the parts"
            )
    if split.column is not None and not lists and split.strategy in _DRAWN:
        what = f"the column {split.column}, and no part that lists values of it"
        hint = "with `strategy: time` it tells the time, with `strategy: hash` what is hashed"
        names.problem(("data", "split", "column"), what, f"`test: [...]`, values of {split.column}", hint)
    counted = split.train is not None and "train" not in lists
    if counted and split.strategy != "time":
        names.problem(
            ("data", "split", "train"),
            f"train is {split.train}, and parts that are drawn leave the rest to train on",
            "strategy: time, by which `train` rows come first",
            "or take `train` away",
        )
    for part in PARTS[1:] if split.strategy == "hash" else ():
        value = getattr(split, part)
        if isinstance(value, int) and value:
            names.problem(
                ("data", "split", part), f"{part} is {value} rows, and a hash gives a share", "a fraction such as 0.2"
            )


def _groups(names: Names, split: SplitSection | None, cv: CrossValidationSection) -> None:
    """One group serves the parts and the folds; a strategy may not tear it apart."""
    group, path = group_of(split, cv)
    if cv.strategy == "group" and group is None:
        names.problem(("cv", "strategy"), "folds by group, and no group", "`cv: {strategy: group, group: COLUMN}`")
    if group is None:
        return
    if split is not None and split.group is not None and cv.group is not None and split.group != cv.group:
        what = f"the groups of the split are {split.group} and those of the folds {cv.group}"
        names.problem(("data", "split", "group"), what, "one of them, which serves both")
    if cv.strategy in ("random", "stratified", "time"):
        drawn = "folds by time" if cv.strategy == "time" else f"{cv.strategy} folds"
        what = f"{drawn} would tear apart the rows of one {group}"
        names.problem(("cv", "strategy"), what, "strategy: auto or group", "or take `group` away")
    if split is None:
        return
    told = f", which `{'.'.join(path)}` keeps together" if path[0] == "cv" else ""
    if split.strategy in ("stratified", "time"):
        drawn = "split by time" if split.strategy == "time" else "stratified split"
        what = f"a {drawn} would tear apart the rows of one {group}{told}"
        names.problem(("data", "split", "strategy"), what, "strategy: auto or random, which draw whole groups")
    if split.strategy == "hash" and split.column not in (None, group):
        what = f"a hash of {split.column} would tear apart the rows of one {group}{told}"
        names.problem(("data", "split", "column"), what, f"column: {group}", "or take `column` away")


def _leaves_rows(names: Names, split: SplitSection) -> None:
    """Fractions that leave nothing to train on."""
    values: list[Any] = [split.validation, split.test]
    parts = [part for part in values if isinstance(part, float)]
    if sum(parts) >= 1:
        names.problem(
            ("data", "split"),
            f"validation and test take {sum(parts):.0%} of the rows, and nothing is left to train on",
            "fractions that sum to less than 1",
        )
    elif isinstance(split.train, float) and sum(parts) + split.train > 1 + 1e-9:
        what = f"train, validation and test take {sum(parts) + split.train:.0%} of the rows"
        names.problem(("data", "split"), what, "fractions that sum to 1 at most")
