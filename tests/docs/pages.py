"""README.md and docs/ as their tests read them: fenced blocks with their markers, and generated parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]

_BLOCK = re.compile(r"(?:^<!-- (?P<marker>[^>]*) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.M | re.S)
_GENERATED = re.compile(r"<!-- generated: (?P<name>[^>]*) -->\n?(?P<text>.*?)<!-- end -->", re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block; `marker` is the comment above it."""

    page: str
    line: int
    language: str
    marker: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(language: str, marker: str | None = None) -> list[Block]:
    """The blocks of a language on all pages, in their order; only those with the marker where one is given."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start("language")) + 1
            name = page.relative_to(ROOT).as_posix()
            found.append(Block(name, line, match["language"], match["marker"] or "", match["text"]))
    return [block for block in found if block.language == language and marker in (None, block.marker)]


def generated() -> dict[str, str]:
    """The generated parts of all pages by their name."""
    return {
        match["name"]: match["text"]
        for page in PAGES
        for match in _GENERATED.finditer(page.read_text(encoding="utf-8"))
    }
