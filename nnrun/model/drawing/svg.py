"""The graph of a model as SVG: a box for each step, a frame around each block, light or dark as the reader's screen."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise

from nnrun.model.drawing.frames import Frame, extent, frames
from nnrun.model.drawing.layout import Place, layout
from nnrun.model.graph import blocks_of
from nnrun.model.overview import Overview
from nnrun.model.shapes import Row, shape_text

_HEIGHT = 40.0  # of a box
_STEP = 66.0  # from row to row
_MARGIN = 28.0
_LETTER, _SMALL = 7.4, 6.1  # the width of a letter in a box's first line, and in its second
_STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --quiet: #5f6b7a; --line: #8a94a3; --paper: #ffffff; --box: #f4f6f8;
  --frame: #c3cad4; --weights: #2c6fbb; --join: #e8731a; --ends: #2f855a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --quiet: #a3adba; --line: #7b8794; --paper: #14181d;
  --box: #20262e; --frame: #46505c; --weights: #6aa7ea; --join: #f0a15e; --ends: #69c090; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); text-anchor: middle; }
.small { font-size: 11px; fill: var(--quiet); }
.name { font-size: 11px; fill: var(--quiet); text-anchor: start; paint-order: stroke; stroke: var(--paper);
  stroke-width: 4px; }
.box { fill: var(--box); stroke: var(--line); }
.weights { stroke: var(--weights); stroke-width: 1.6; }
.join { stroke: var(--join); stroke-width: 1.6; }
.end { stroke: var(--ends); stroke-width: 2; }
.edge { fill: none; stroke: var(--line); stroke-width: 1.3; }
.frame { fill: none; stroke: var(--frame); stroke-dasharray: 5 3; }
.tip { fill: var(--line); }
"""


def svg(told: Overview) -> str:
    """The drawing; the same model gives the same bytes."""
    texts = {name: ("input", f"{name} {shape_text(shape)}") for name, shape in told.inputs.items()}
    texts |= {row.name: _texts(row) for row in told.rows}
    widths = {name: max(len(first) * _LETTER, len(second) * _SMALL) + 20 for name, (first, second) in texts.items()}
    edges = [
        (owner, row.name) for row in told.rows for owner in (_owner(source, widths) for source in row.sources) if owner
    ]
    placed = layout(widths, edges)
    kinds = _kinds(told, edges)
    blocks = frames([row.name for row in told.rows], placed, widths)
    left, right = extent(placed, widths, blocks)
    width, height = right - left + 2 * _MARGIN, placed.rows * _STEP - (_STEP - _HEIGHT) + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="{left - _MARGIN:.0f} {-_MARGIN:.0f} {width:.0f} {height:.0f}" role="img">',
        f"<title>{len(told.rows)} steps</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>',
        f'<rect x="{left - _MARGIN:.0f}" y="{-_MARGIN:.0f}" width="100%" height="100%" fill="var(--paper)"/>',
        *(_frame(frame) for frame in blocks),
        *(_edge(placed.ways[edge]) for edge in placed.ways),
        *(_box(placed.places[name], widths[name], kinds[name], *texts[name]) for name in widths),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _texts(row: Row) -> tuple[str, str]:
    """What a box says: the layer, then the step's name and the shape of its rows."""
    first = f"= {row.shared}" if row.shared else row.layer
    blocks = blocks_of(row.name)
    name = row.name[len(blocks[-1]) + 1 :] if blocks else row.name  # the frame says the rest
    return first, f"{name} {shape_text(row.shape)}"


def _owner(tensor: str, known: object) -> str:
    """The step that gives a tensor: `encoder.1` is the second of `encoder`."""
    while tensor and tensor not in known:  # type: ignore[operator]
        tensor = tensor.rpartition(".")[0]
    return tensor


def _kinds(told: Overview, edges: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The class of each box: what has weights, what joins several tensors, and the ends of the graph."""
    sources = {source for source, _ in edges}
    kinds = dict.fromkeys(told.inputs, "end")
    for row in told.rows:
        joins = len(set(row.sources)) > 1
        weights = row.parameters is None or row.parameters > 0 or bool(row.shared)
        kinds[row.name] = "end" if row.name not in sources else "join" if joins else "weights" if weights else ""
    return kinds


def _frame(frame: Frame) -> str:
    x, y = frame.left, frame.rows[0] * _STEP - frame.room
    width, height = frame.right - frame.left, (frame.rows[1] - frame.rows[0]) * _STEP + _HEIGHT + 2 * frame.room
    return (
        f'<rect class="frame" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="8"/>'
        f'<text class="name" x="{x + frame.indent:.1f}" y="{y + 4:.1f}">{_safe(frame.name)}</text>'
    )


def _edge(way: Sequence[Place]) -> str:
    """A line from the lower side of a box to the upper side of another, upright where it leaves and arrives."""
    first, last = way[0], way[-1]
    points = [(first.x, first.row * _STEP + _HEIGHT)]
    points += [(place.x, place.row * _STEP + _HEIGHT * part) for place in way[1:-1] for part in (0, 1)]
    points.append((last.x, last.row * _STEP - 2))
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (y + to_y) / 2
        path += f" C{x:.1f} {bend:.1f} {to_x:.1f} {bend:.1f}" if x != to_x else " L"
        path += f" {to_x:.1f} {to_y:.1f}"
    return f'<path class="edge" d="{path}" marker-end="url(#tip)"/>'


def _box(place: Place, width: float, kind: str, first: str, second: str) -> str:
    x, y = place.x - width / 2, place.row * _STEP
    size = f'width="{width:.1f}" height="{_HEIGHT:.0f}"'
    return (
        f'<rect class="{f"box {kind}".strip()}" x="{x:.1f}" y="{y:.1f}" {size} rx="5"/>'
        f'<text x="{place.x:.1f}" y="{y + 16:.1f}">{_safe(first)}</text>'
        f'<text class="small" x="{place.x:.1f}" y="{y + 32:.1f}">{_safe(second)}</text>'
    )


def _safe(text: str) -> str:
    """A text from a file, as nothing but text; XML has no control characters."""
    return escape("".join(letter if letter.isprintable() else "?" for letter in text))
