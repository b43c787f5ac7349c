"""A config of a page may ask for no more than a processor and a memory can do."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnrun.check import examine_file
from nnrun.data.files import Roots

NOTHING = "{Dense: {units: 3, if: false}}"
DOUBLED_BLOCKS = "".join(f"  b{step}: [b{step - 1}, b{step - 1}]\n" for step in range(1, 40))
DOUBLED_LISTS = "".join(f"  a{step}: [$a{step - 1}, $a{step - 1}]\n" for step in range(1, 14))
DOUBLED_TEXTS = "".join(f"  a{step}: $a{step - 1}$a{step - 1}\n" for step in range(1, 11))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"blocks:\n  a: [{NOTHING}]\n  b: [a: {{repeat: 10000}}]\nmodel: {{layers: [b: {{repeat: 10000}}]}}",
            "the model has more than 50,000 steps, written out",
        ),
        (
            f"blocks:\n  b0: [{NOTHING}]\n{DOUBLED_BLOCKS}model: {{layers: [b39]}}",
            "the model has more than 50,000 steps, written out",
        ),
        (
            "blocks:\n  a: [Dense: {units: 3, repeat: 5001}]\nmodel: {layers: [Flatten, a: {repeat: 2}]}",
            "the model has more than 10,000 layers",
        ),
        (
            f"variables:\n  a0: [1, 2]\n{DOUBLED_LISTS}model: {{layers: [Flatten, Dense: $a13]}}",
            "the variable 'a12' holds more than 10,000 values",
        ),
        (
            f"variables:\n  a0: {'x' * 10}\n{DOUBLED_TEXTS}model: {{layers: [Flatten, Dense: $a10]}}",
            "a text of 10,240 letters",
        ),
        ('model: {layers: [Flatten, Dense: "$(round(2, -999999999))"]}', "the number is too large to reckon with"),
        ("model: {layers: [Flatten, Dense: $(9 ** 9 ** 9)]}", "the number is too large to reckon with"),
    ],
)
def test_config_limits_end_what_would_never_end(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"data: {{source: {{sklearn: digits}}}}\n{text}\n", encoding="utf-8")
    found = examine_file(file, (), Roots(tmp_path)).problems
    assert found[0].what == told
    assert found[0].where is not None
    assert found[0].where.line > 1
