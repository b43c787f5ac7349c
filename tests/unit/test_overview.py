"""A model in numbers, as a person would reckon them, and as a drawing."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from xml.dom import minidom

import pytest

from nnrun.check import Examination, examine_file
from nnrun.config.spec import Spec
from nnrun.data.files import Roots
from nnrun.model.drawing.frames import frames
from nnrun.model.drawing.layout import GAP, layout
from nnrun.model.drawing.svg import svg
from nnrun.model.overview import Overview, overview
from nnrun.model.shapes import Row

UNET = """
blocks:
  down:
    parameters: [filters]
    layers:
      - Conv2D: {filters: $filters, kernel_size: 3, padding: same, name: skip}
      - MaxPooling2D: 2
  up:
    parameters: [filters]
    inputs: [below, skip]
    layers:
      - Conv2DTranspose: {filters: $filters, kernel_size: 2, strides: 2, from: below}
      - Concatenate: {from: [previous, skip]}
      - Conv2D: {filters: $filters, kernel_size: 3, padding: same}
model:
  layers:
    - down: {repeat: {filters: [4, 8]}, name: encoder}
    - up: {repeat: {filters: [8, 4]}, from: [previous, encoder.$(1 - turn).skip]}
    - GlobalAveragePooling2D
"""


def examined(folder: Path, text: str) -> Examination:
    (folder / "config.yaml").write_text(f"data: {{source: {{sklearn: digits}}}}\n{text}", encoding="utf-8")
    found = examine_file(folder / "config.yaml", [], Roots(folder, ()))
    assert [str(problem) for problem in found.problems] == []
    return found


def told(folder: Path, text: str) -> Overview:
    found = examined(folder, text)
    assert found.config is not None
    return overview(found.config, dict(found.inputs), found.rows)


def test_overview_counts_a_convolutional_model_by_hand(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        """
model:
  layers:
    - Conv2D: {filters: 4, kernel_size: 3, padding: same}
    - BatchNormalization
    - MaxPooling2D: 2
    - Flatten
fit: {batch_size: 10}
""",
    )
    assert [row.parameters for row in found.rows] == [3 * 3 * 4 + 4, 4 * 4, 0, 0, 64 * 10 + 10]
    assert [row.multiply_adds for row in found.rows] == [8 * 8 * 4 * 3 * 3, 0, 0, 0, 64 * 10]
    assert (found.parameters, found.fixed, found.multiply_adds) == (706, 8, 2304 + 640)
    values = 256 + 256 + 64 + 64 + 10
    assert found.memory == {
        "activations": 4 * 10 * values,
        "parameters": 4 * 706,
        "gradients": 4 * 698,
        "optimizer": 4 * 2 * 698,  # Adam keeps two numbers for each
    }


@pytest.mark.parametrize(
    ("layers", "work"),
    [
        ("{LSTM: 5}", 8 * 4 * 5 * (8 + 5)),
        ("{Bidirectional: {GRU: 5}}", 2 * 8 * 3 * 5 * (8 + 5)),
        ("{Conv1D: {filters: 6, kernel_size: 3, groups: 2}}", 6 * 6 * 3 * 4),
        ("{SeparableConv1D: {filters: 6, kernel_size: 3}}", 6 * 8 * 3 + 6 * 8 * 6),
        ("{TimeDistributed: {Dense: 3}}", 8 * 8 * 3),
        ("{MultiHeadAttention: {num_heads: 2, key_dim: 3, from: [previous, previous]}}", 4 * 8 * 8 * 6 + 2 * 8 * 8 * 6),
        ("{ops.matmul: {from: [previous, rows]}}", 8 * 8 * 8),
        ("{ops.einsum: {subscripts: 'bij,bkj->bik', from: [previous, rows]}}", 8 * 8 * 8),
    ],
)
def test_overview_work_of_a_layer(layers: str, work: int, tmp_path: Path) -> None:
    begin = "{Reshape: {target_shape: [8, 8], name: rows}}"
    found = told(tmp_path, f"model: {{layers: [{begin}, {layers}, Flatten]}}")
    assert found.rows[1].multiply_adds == work


def test_overview_counts_a_shared_layer_once(tmp_path: Path) -> None:
    found = told(
        tmp_path,
        """
model:
  layers:
    - Flatten: {name: pixels}
    - Dense: {units: 64, name: first}
    - first: {name: second}
""",
    )
    assert [(row.name, row.shared, row.parameters) for row in found.rows[1:3]] == [
        ("first", "", 64 * 64 + 64),
        ("second", "first", 0),
    ]
    assert found.rows[2].multiply_adds == 64 * 64


def test_overview_receptive_fields_follow_the_graph(tmp_path: Path) -> None:
    """Two ways of 3 and 5 meet; a stride makes later windows reach further; a global pooling sees all."""
    found = told(
        tmp_path,
        """
model:
  layers:
    - Conv2D: {filters: 2, kernel_size: 5, padding: same, from: input, name: wide}
    - Conv2D: {filters: 2, kernel_size: 3, padding: same, from: input, name: narrow}
    - Add: {from: [wide, narrow]}
    - MaxPooling2D: {pool_size: 2, name: pooled}
    - Conv2D: {filters: 2, kernel_size: 3, padding: same, dilation_rate: 2, name: dilated}
    - Conv2DTranspose: {filters: 2, kernel_size: 2, strides: 2, name: larger}
    - Conv2D: {filters: 2, kernel_size: 3, padding: same, name: last}
    - GlobalAveragePooling2D: {keepdims: true, name: mean}
    - Multiply: {from: [last, mean]}
    - Conv2D: {filters: 2, kernel_size: 1}
    - Flatten
""",
    )
    assert {slide.step: str(slide.field) for slide in found.slides} == {
        "wide": "5 x 5",
        "narrow": "3 x 3",
        "pooled": "6 x 6",
        "dilated": "14 x 14",
        "larger": "14 x 14",
        "last": "16 x 16",
        "conv2d": "all x all",
    }


def test_drawing_places_boxes_in_rows_without_overlap() -> None:
    widths = dict.fromkeys("abcdefg", 80.0)
    edges = [("a", "b"), ("a", "c"), ("b", "d"), ("c", "e"), ("d", "f"), ("e", "f"), ("a", "f"), ("f", "g")]
    found = layout(widths, edges)
    assert {name: place.row for name, place in found.places.items()} == {
        "a": 0, "b": 1, "c": 1, "d": 2, "e": 2, "f": 3, "g": 4,
    }  # fmt: skip
    for row in range(5):
        places = sorted(place.x for place in found.places.values() if place.row == row)
        assert all(right - left >= 80 + GAP / 2 for left, right in pairwise(places))
    way = found.ways["a", "f"]
    assert [place.row for place in way] == [0, 1, 2, 3]
    for place in way[1:-1]:  # beside the boxes of the rows that it passes
        assert all(abs(place.x - other.x) > 40 for other in found.places.values() if other.row == place.row)


def test_drawing_is_the_same_each_time_and_frames_the_blocks(tmp_path: Path) -> None:
    found = told(tmp_path, UNET)
    drawn = svg(found)
    assert svg(told(tmp_path, UNET)) == drawn
    page = minidom.parseString(drawn)
    boxes = [node for node in page.getElementsByTagName("rect") if "box" in node.getAttribute("class").split()]
    assert len(boxes) == len(found.rows) + 1
    names = [row.name for row in found.rows]
    widths = dict.fromkeys([*found.inputs, *names], 100.0)
    edges = [(source, row.name) for row in found.rows for source in row.sources]
    blocks = frames(names, layout(widths, edges), widths)
    assert [frame.name for frame in blocks] == ["encoder.0", "encoder.1", "up", "up_1"]


def test_drawing_shows_a_hostile_name_as_text() -> None:
    name = '<script>alert("1")</script>\x00&'
    row = Row(name, name, (3,), 0, ("image",), Spec("Dense", slot="layers"))
    drawn = svg(Overview({"image": (3,)}, [row], 1, 0, "SGD"))
    page = minidom.parseString(drawn)
    assert page.getElementsByTagName("script") == []
    words = [node.firstChild.toxml() for node in page.getElementsByTagName("text") if node.firstChild]
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;?&amp;" in words
