"""What the numbers of tokens stand for: a text as numbers, and numbers as a text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from nnrun.data.words import tokens

Unit = Literal["character", "word", "line", "token"]
UNKNOWN = "\ufffd"  # stands for a token that no training row holds
_JOINT = {"character": "", "word": " ", "line": "\n", "token": " "}
_GOES_ON = " ##"  # before a piece of a word that goes on with the one before it, as WordPiece writes it
_BEFORE_A_SIGN = re.compile(r" (?=[.,;:!?)\]}'\u2019])")


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by their numbers, of which `known[0]` has the number `first`.

    Numbers below `first` are no tokens: 0 is padding where `pads`, and the last of them an unknown token. `start` and
    `end` stand before and behind every text, `mask` for a hidden token. `how` is how a text is cut, `size` counts all
    numbers that a model gives.
    """

    known: tuple[str, ...]
    first: int
    size: int
    unit: Unit
    pads: bool = False
    start: int | None = None
    end: int | None = None
    mask: int | None = None
    how: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_step(cls, name: str, state: Mapping[str, Any], source: Mapping[str, Any]) -> Vocabulary | None:
        """That of a fitted preparation; `source` are the arguments of the source that has cut the text."""
        known = tuple(str(token) for token in state.get("vocabulary", state.get("vocabularies", [()])[0]))
        if not known:
            return None
        first = 1 if name == "index" else int(state.get("num_oov_indices", 0))
        size = int(state.get("vocabulary_size", len(known) + first))
        if name in ("index", "one_hot"):
            letters = all(len(token) == 1 for token in known)
            cut: Unit = source.get("split", "character" if letters else "word")
            return cls(known, first, size, cut)
        if name != "text":
            return None
        given = [state.get(key) for key in ("start", "end", "mask")]
        marks = [None if mark is None else known.index(mark) + 2 for mark in given]
        how = {key: state[key] for key in ("standardize", "split", "ngrams", "replace")}
        unit: Unit = "character" if state["split"] == "character" else "word"
        return cls(known, 2, size, unit, pads=True, start=marks[0], end=marks[1], mask=marks[2], how=how)

    @classmethod
    def of_numbers(cls) -> Vocabulary:
        """Where nothing is known but the numbers: 0 fills up."""
        return cls((), 1, 0, "token", pads=True)

    @property
    def never(self) -> list[int]:
        """The numbers that are no answer: an unknown token, the mark before a text, numbers that no token has."""
        unknown = [] if self.unit == "token" or not self.first else [self.first - 1]
        return [
            *unknown,
            *(mark for mark in (self.start, self.mask) if mark is not None),
            *range(self.first + len(self.known), self.size),
        ]

    def ends(self, number: int) -> bool:
        """Whether a text is over here."""
        return number == self.end or (self.pads and number == 0)

    def whole(self, numbers: Iterable[int]) -> list[int]:
        """The numbers of a text, less the marks before and behind it and what fills it up."""
        found = []
        for number in numbers:
            if self.ends(int(number)):
                break
            if number != self.start:
                found.append(int(number))
        return found

    def text(self, numbers: Iterable[int]) -> str:
        """What the numbers say; an unknown token is a question mark in a lozenge."""
        joined = _JOINT[self.unit].join(self.token(number) for number in self.whole(numbers))
        return _BEFORE_A_SIGN.sub("", joined.replace(_GOES_ON, "")) if self.unit == "word" else joined

    def in_brackets(self, numbers: Iterable[int], marked: Iterable[bool]) -> str:
        """What the numbers say, with brackets around the tokens that are marked."""
        unsaid = (0 if self.pads else None, self.start, self.end)
        told = [(self.token(int(n)), mark) for n, mark in zip(numbers, marked, strict=True) if n not in unsaid]
        return _JOINT[self.unit].join(f"[{token}]" if mark else token for token, mark in told)

    def numbers(self, text: str) -> list[int]:
        """A text as numbers, without marks; unknown tokens have theirs."""
        return [self._places.get(token, self.first - 1) for token in self.cut(text)]

    def cut(self, text: str) -> Sequence[str]:
        """A text as tokens."""
        if self.how:
            return tokens(text, **self.how)
        if self.unit == "word":
            from nnrun.data.sources.tokens import WORDS

            return WORDS.findall(text)
        return text.split("\n") if self.unit == "line" else text.split() if self.unit == "token" else list(text)

    def strangers(self, text: str) -> list[str]:
        """The tokens of a text that no training row holds, each once."""
        return [token for token in dict.fromkeys(self.cut(text)) if token not in self._places]

    def token(self, number: int) -> str:
        """A token by its number."""
        if self.unit == "token":
            return str(number)
        return self.known[number - self.first] if 0 <= number - self.first < len(self.known) else UNKNOWN

    @cached_property
    def _places(self) -> dict[str, int]:
        return {token: self.first + place for place, token in enumerate(self.known)}
