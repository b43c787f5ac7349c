"""Which rows stay together, and which follow each other, in parts and folds alike."""

from __future__ import annotations

from nnrun.config.sections import CrossValidationSection, SplitSection


def group_of(split: SplitSection | None, cv: CrossValidationSection) -> tuple[str | None, tuple[str, ...]]:
    """The column whose rows stay together, in parts and folds, and where it is written; None where there is none."""
    if cv.group is None and split is not None and split.group is not None:
        return split.group, ("data", "split", "group")
    return cv.group, ("cv", "group")


def by_time(split: SplitSection | None, cv: CrossValidationSection) -> bool:
    """Whether parts and folds follow each other in time: one of the two says it, and the other does not contradict."""
    drawn = "auto" if split is None else split.strategy
    return drawn == "time" or (drawn == "auto" and cv.strategy == "time")
