"""Pictures of what can be drawn: a function, a loss by its error, a learning rate, the way of an optimizer.

The values are Keras' own, so that Keras is loaded here and nowhere else in the guide. A family is a file.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from nnrun.errors import UsageError, listing
from nnrun.guide.topics import Topic
from nnrun.report.draw import write


@cache
def families() -> tuple[str, ...]:
    """The families of which there are pictures: the files of this folder."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py")))


def draw(found: Sequence[Topic], path: Path) -> Path:
    """Draws the first of the topics that can be drawn into a PNG; raises UsageError where none can."""
    if path.suffix != ".png":
        raise UsageError(f"{path} is no PNG", expected="--figure FILE.png")
    topic = next((topic for topic in found if topic.family in families() and not topic.refused), None)
    if topic is None:
        names = listing([topic.name for topic in found]) or "it"
        raise UsageError(f"{names} cannot be drawn", expected=f"a name of {', '.join(families())}")
    drawn = importlib.import_module(f"{__name__}.{topic.family}").draw(topic)
    return write(drawn, path)
