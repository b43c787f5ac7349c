"""Where the boxes of a graph stand: rows by the longest way from an input, ordered so that few edges cross.

It is the way of Sugiyama, Tagawa and Toda (1981). An edge over several rows passes each of them in a place of its own,
so that it runs beside the boxes and not behind them. The same graph gives the same picture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

GAP = 28.0  # between boxes of a row
LANE = 14.0  # the width of an edge that passes a row
_SWEEPS = 8
_PASSES = 24


@dataclass(frozen=True)
class Place:
    """The middle of a box, and its row, counted from the top."""

    x: float
    row: int


@dataclass(frozen=True)
class Layout:
    """Where each box stands, and by which points each edge runs, from the box above to the one below."""

    places: Mapping[str, Place]
    ways: Mapping[tuple[str, str], tuple[Place, ...]]
    rows: int


@dataclass
class _Item:
    """A box, or an edge that passes a row."""

    width: float
    above: list[str]
    below: list[str]
    is_box: bool = True
    column: tuple[str, ...] = ()  # what wants to stand under one another: an edge's items, boxes that follow each other
    x: float = 0.0


def layout(widths: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> Layout:
    """Places boxes of these widths; an edge leads to a box further on in `widths`."""
    edges = list(dict.fromkeys(edges))
    ranks = _ranks(widths, edges)
    items = {name: _Item(width, [], []) for name, width in widths.items()}
    ways = {edge: _way(edge, ranks, items) for edge in edges}
    rows: list[list[str]] = [[] for _ in range(max(ranks.values(), default=-1) + 1)]
    for name in items:
        rows[ranks[name]].append(name)
    _columns(items)
    _order(rows, items)
    _straighten(rows, items)
    _upright(rows, items)
    left = min((item.x - item.width / 2 for item in items.values()), default=0.0)
    places = {name: Place(item.x - left, ranks[name]) for name, item in items.items()}
    return Layout(
        {name: places[name] for name in widths},
        {edge: tuple(places[name] for name in way) for edge, way in ways.items()},
        len(rows),
    )


def _ranks(widths: Mapping[str, float], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The row of each box: below everything that it is called on; what is called on nothing stands close to its use."""
    above: dict[str, list[str]] = {name: [] for name in widths}
    below: dict[str, list[str]] = {name: [] for name in widths}
    for source, target in edges:
        above[target].append(source)
        below[source].append(target)
    ranks: dict[str, int] = {}
    for name in widths:
        ranks[name] = max((ranks[source] + 1 for source in above[name]), default=0)
    for name in widths:
        if not above[name] and below[name]:
            ranks[name] = max(0, min(ranks[target] for target in below[name]) - 1)
    return ranks


def _way(edge: tuple[str, str], ranks: dict[str, int], items: dict[str, _Item]) -> list[str]:
    """The edge as a chain of neighbours, with an item of its own in each row that it passes."""
    source, target = edge
    way = [source]
    for rank in range(ranks[source] + 1, ranks[target]):
        name = f"{source}\n{target}\n{rank}"  # no step is called so
        items[name] = _Item(LANE, [], [], is_box=False)
        ranks[name] = rank
        way.append(name)
    for name in way[1:]:
        items[name].column = tuple(way[1:])
    way.append(target)
    for upper, lower in pairwise(way):
        items[upper].below.append(lower)
        items[lower].above.append(upper)
    return way


def _columns(items: Mapping[str, _Item]) -> None:
    """Boxes that follow each other alone, whatever edges pass by, are a column."""
    boxes = {name: item for name, item in items.items() if item.is_box}
    below = {name: [other for other in item.below if other in boxes] for name, item in boxes.items()}
    above = {name: [other for other in item.above if other in boxes] for name, item in boxes.items()}
    for name, item in boxes.items():
        if item.column:
            continue
        column = [name]
        while len(below[column[-1]]) == 1 and len(above[below[column[-1]][0]]) == 1:
            column.append(below[column[-1]][0])
        for other in column:
            items[other].column = tuple(column)


def _order(rows: list[list[str]], items: Mapping[str, _Item]) -> None:
    """Each row by the mean place of its neighbours, down and up in turn; the best order that was seen is kept."""
    best, least = [list(row) for row in rows], _crossings(rows, items)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows[1:] if down else rows[-2::-1]:
            places = {name: index for other in rows for index, name in enumerate(other)}

            def mean(name: str, row: list[str] = row, places: dict[str, int] = places, down: bool = down) -> float:
                near = items[name].above if down else items[name].below
                return sum(places[other] for other in near) / len(near) if near else float(row.index(name))

            keys = {name: mean(name) for name in row}
            row.sort(key=keys.__getitem__)
        crossings = _crossings(rows, items)
        if crossings < least:
            best, least = [list(row) for row in rows], crossings
    rows[:] = best


def _crossings(rows: Sequence[Sequence[str]], items: Mapping[str, _Item]) -> int:
    """How often edges between neighbouring rows cross."""
    count = 0
    for upper, lower in pairwise(rows):
        places = {name: index for index, name in enumerate(lower)}
        ends = [sorted(places[other] for other in items[name].below) for name in upper]
        for index, first in enumerate(ends):
            for second in ends[index + 1 :]:
                count += sum(1 for i in first for j in second if i > j)
    return count


def _straighten(rows: Sequence[Sequence[str]], items: Mapping[str, _Item]) -> None:
    """Each item as near as can be to the middle of its neighbours, the order kept."""
    for row in rows:
        x = 0.0
        for name in row:
            items[name].x = x + items[name].width / 2
            x += items[name].width + GAP
        for name in row:
            items[name].x -= x / 2
    for sweep in range(_PASSES):
        for row in rows if sweep % 2 == 0 else reversed(rows):
            _settle([items[name] for name in row], [_wanted(items[name], items) for name in row])


def _wanted(item: _Item, items: Mapping[str, _Item]) -> float:
    """A box wants to stand between the boxes that it is joined with, a column to be upright."""
    if not item.is_box:
        return sum(items[name].x for name in item.column) / len(item.column)
    return sum(_middle(items[name], items) for name in item.column) / len(item.column)


def _middle(item: _Item, items: Mapping[str, _Item]) -> float:
    near = [items[name] for name in (*item.above, *item.below)]
    places = sorted(other.x for other in near if other.is_box) or sorted(other.x for other in near) or [item.x]
    middle = len(places) // 2
    return places[middle] if len(places) % 2 else (places[middle - 1] + places[middle]) / 2


def _settle(row: Sequence[_Item], wanted: Sequence[float]) -> None:
    """Moves a row to the wanted places by least squares, where no two may come too close (pooled neighbours)."""
    offsets, offset = [], 0.0
    for index, item in enumerate(row):
        offset += 0.0 if index == 0 else (row[index - 1].width + item.width) / 2 + GAP
        offsets.append(offset)
    pools: list[tuple[float, float, int]] = []  # the mean of some neighbours that touch, its weight, and how many
    for item, place, offset in zip(row, wanted, offsets, strict=True):
        mean, weight, count = place - offset, 1.0 if item.is_box else 0.2, 1
        while pools and pools[-1][0] > mean:
            other, heavy, more = pools.pop()
            mean, weight, count = (mean * weight + other * heavy) / (weight + heavy), weight + heavy, count + more
        pools.append((mean, weight, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    for item, mean, offset in zip(row, means, offsets, strict=True):
        item.x = mean + offset


def _upright(rows: Sequence[Sequence[str]], items: Mapping[str, _Item]) -> None:
    """Lets each column stand straight where nothing is in its way: the boxes first, then what passes them."""
    columns = {item.column: item.is_box for item in items.values()}
    for column in sorted(
        columns, key=lambda names: (not columns[names], -len(names) if columns[names] else len(names))
    ):
        least, most = float("-inf"), float("inf")
        for row in rows:
            for index, name in enumerate(row):
                if name in column:
                    before, after = row[index - 1 : index] if index else [], row[index + 1 : index + 2]
                    least = max([least, *(items[other].x + _apart(items[other], items[name]) for other in before)])
                    most = min([most, *(items[other].x - _apart(items[other], items[name]) for other in after)])
        if least <= most:
            middle = sum(items[name].x for name in column) / len(column)
            for name in column:
                items[name].x = min(max(middle, least), most)


def _apart(first: _Item, second: _Item) -> float:
    return (first.width + second.width) / 2 + GAP / 2
