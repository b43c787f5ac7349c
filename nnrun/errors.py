"""What went wrong, where, what was expected and how to mend it: one family of errors, shown bare to users.

Anything that is not an `NnrunError` is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Self


@dataclass(frozen=True)
class Where:
    """A place that a person can open: a file, a line and a column counted from 1, and the path of keys."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __bool__(self) -> bool:
        return bool(self.file)  # what stands in no file has no place to tell

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Problem:
    """One mistake, said once."""

    what: str
    where: Where | None = None
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.what}" if self.where else self.what
        lines = [head]
        if self.where and self.where.path:
            lines.append(f"    in {self.where.path}")
        if self.expected:
            lines.append(f"    expected: {self.expected}")
        if self.hint:
            lines.append(f"    {self.hint}")
        return "\n".join(lines)


class NnrunError(Exception):
    """The base of every error that a user can mend; `exit_code` is the command line's."""

    exit_code = 1

    def __init__(self, what: str, *, where: Where | None = None, expected: str = "", hint: str = "") -> None:
        self.problems: tuple[Problem, ...] = (Problem(what, where, expected, hint),)
        super().__init__(str(self))

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """One error of many problems, each told once, in the order of the lines."""

        def order(problem: Problem) -> tuple[str, int, int]:
            where = problem.where or Where("")
            return (where.file, where.line, where.column)

        error = cls.__new__(cls)
        error.problems = tuple(sorted(dict.fromkeys(problems), key=order))
        Exception.__init__(error, str(error))
        return error

    def at(self, where: Where | None) -> Self:
        """The same error, its problems without a place at this one."""
        return type(self).of(replace(problem, where=problem.where or where) for problem in self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UsageError(NnrunError):
    """A command that cannot be carried out as it was typed."""

    exit_code = 2


class ConfigError(NnrunError):
    """Everything that is wrong in a config, all at once."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = NnrunError.of(problems).problems
        Exception.__init__(self, str(self))


class DataError(NnrunError):
    """Data that cannot be read, or cannot be used as the config says."""

    exit_code = 3


class SettingError(DataError):
    """A source that is named or set up so that no data could serve it: the config's fault."""

    exit_code = 2


class RunError(NnrunError):
    """A run folder, or a training, that cannot go on."""

    exit_code = 3


class MissingError(NnrunError):
    """A resource or an optional package that is not there."""

    exit_code = 4


class DivergedError(NnrunError):
    """The loss is not a finite number any more."""

    exit_code = 5


class StorageError(NnrunError):
    """A file that could not be written."""

    exit_code = 74


class BusyError(NnrunError):
    """A run that another process is training."""

    exit_code = 75


class StoppedError(NnrunError):
    """A signal asked the run to end; what was done is kept."""

    def __init__(self, what: str, *, signal_number: int, hint: str = "") -> None:
        super().__init__(what, hint=hint)
        self.exit_code = 128 + signal_number


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that a person most likely meant, ignoring case first, or None."""
    known = sorted(set(names))
    for candidate in known:
        if candidate.lower().replace("_", "") == name.lower().replace("_", ""):
            return candidate
    lowered = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    return lowered[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """`did you mean 'Dense'?`, or an empty text."""
    close = nearest(name, names)
    return f"did you mean {close!r}?" if close else ""


def one_of(names: Sequence[str], hint: str = "") -> str:
    """`one of a, b, c`; nothing where the list is long and a hint already says what was meant."""
    if not names or (hint and len(names) > 8):
        return ""
    return names[0] if len(names) == 1 else f"one of {listing(names)}"


def listing(names: Sequence[str], most: int = 12) -> str:
    """Names in one line, cut after `most` with a count of the rest."""
    shown = ", ".join(names[:most])
    return shown + (f" ... ({len(names) - most} more)" if len(names) > most else "")
