"""What is wrong with a model while it is written out: each problem with the call of the block in which it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nnrun.config.config import Step
from nnrun.config.expressions import UNKNOWN, BadReference
from nnrun.config.references import problem
from nnrun.errors import Problem, Where
from nnrun.model.reading import value_of
from nnrun.model.scope import Scope

MAX_STEPS = 50_000  # those that `if` passes over, and the calls of blocks, among them


class Ended(Exception):  # noqa: N818 - the config is wrong, which is told
    """Nothing more can be written out: the model is too large, or no layer can be made; the problem is noted."""


class Telling:
    """Collects problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.uses: list[tuple[str, Where]] = []  # the blocks that are being called
        self.count = 0  # of the steps, each turn one

    def say(self, where: Where, what: str, expected: str = "", hint: str = "") -> None:
        """Notes a problem; inside of a block with the place from which it was called."""
        hints = "\n    ".join(line for line in (hint, self.caller()) if line)
        self.problems.append(Problem(what, where, expected, hints))

    def bad(self, where: Where, error: BadReference, word: str = "") -> None:
        """Notes what is wrong with a reference, or with the name that stands after a word of ours."""
        found = problem(error, where)
        self.say(where, f"{word}: {found.what}" if word else found.what, found.expected, found.hint)

    def value(self, reference: Any, scope: Scope, where: Where) -> Any:
        """The value of a reference; UNKNOWN where it is wrong, which is noted."""
        try:
            return value_of(reference, scope)
        except BadReference as error:
            self.bad(where, error)
            return UNKNOWN

    def caller(self) -> str:
        """The block or model that is being called, and where."""
        return "in the {}, called at {}".format(*self.uses[-1]) if self.uses else ""

    @contextmanager
    def calling(self, what: str, where: Where) -> Iterator[None]:
        """What is noted inside stands in this block or model."""
        self.uses.append((what, where))
        try:
            yield
        finally:
            self.uses.pop()

    def counted(self, step: Step) -> None:
        """One step more; blocks that call blocks are soon more than a processor can do."""
        self.count += 1
        if self.count > MAX_STEPS:
            self.too_large(step.where, f"the model has more than {MAX_STEPS:,} steps, written out")

    def too_large(self, where: Where, what: str) -> None:
        """Notes that the model is too large, and ends it."""
        self.say(where, what, "fewer turns")
        raise Ended
