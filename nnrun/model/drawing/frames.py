"""The frames around the blocks of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnrun.model.drawing.layout import Layout, Place
from nnrun.model.graph import blocks_of

_ROOM = 8.0  # between a frame and what is in it
_LETTER = 6.3


@dataclass(frozen=True)
class Frame:
    """One block: its name within the block around it, its first and last row, and its two sides.

    `room` is how far it reaches over these rows; `indent` is where its name begins, beside that of the block around it.
    """

    name: str
    rows: tuple[int, int]
    left: float
    right: float
    room: float
    indent: float


def frames(names: Sequence[str], placed: Layout, widths: Mapping[str, float]) -> list[Frame]:
    """A frame for each block that steps are named after, outer ones first."""
    inside: dict[str, list[str]] = {}
    for name in names:
        for path in blocks_of(name):
            inside.setdefault(path, []).append(name)
    around = {path: blocks_of(f"{path}.step")[:-1] for path in inside}
    deepest = max((len(outer) for outer in around.values()), default=0)
    found: dict[str, Frame] = {}
    for path in sorted(inside, key=lambda path: len(around[path])):
        steps, room = set(inside[path]), _ROOM * (1 + deepest - len(around[path]))
        sides = [(placed.places[name], widths[name] / 2) for name in inside[path]]
        sides += [(place, 0.0) for edge, way in placed.ways.items() if steps.issuperset(edge) for place in way]
        outer = found[around[path][-1]] if around[path] else None
        first, last = (end(place.row for place, _ in sides) for end in (min, max))
        beside = outer is not None and outer.rows[0] == first
        found[path] = Frame(
            name=path[len(around[path][-1]) + 1 :] if around[path] else path,
            rows=(first, last),
            left=min(place.x - half for place, half in sides) - room,
            right=max(place.x + half for place, half in sides) + room,
            room=room,
            indent=outer.indent + len(outer.name) * _LETTER + 8 if outer and beside else 8.0,
        )
    return list(found.values())


def extent(placed: Layout, widths: Mapping[str, float], found: Sequence[Frame]) -> tuple[float, float]:
    """The left and the right end of everything."""
    ways: list[tuple[Place, float]] = [(place, 0.0) for way in placed.ways.values() for place in way]
    sides = [(place, widths[name] / 2) for name, place in placed.places.items()] + ways
    left = min([*(place.x - half for place, half in sides), *(frame.left for frame in found)], default=0.0)
    named = [frame.left + frame.indent + len(frame.name) * _LETTER for frame in found]
    return left, max(
        [*(place.x + half for place, half in sides), *(frame.right for frame in found), *named], default=0.0
    )
