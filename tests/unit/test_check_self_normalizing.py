"""selu, LecunNormal and AlphaDropout are looked at together."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnrun.check import examine_file
from nnrun.data.files import Roots

DENSE = "{Dense: {units: 4, activation: selu, kernel_initializer: %s}}"
FITTING = DENSE % "LecunNormal"
OTHER = "selu keeps mean 0 and deviation 1 only of weights that begin so: `kernel_initializer: LecunNormal`"
BEHIND = "Dropout moves mean and deviation, which selu keeps: write AlphaDropout"


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        (f"{FITTING}, {{AlphaDropout: 0.1}}, {DENSE % 'lecun_normal'}", []),
        (f"{DENSE % '{VarianceScaling: {scale: 1.0}}'}", []),
        ("{Dense: 4}, {Activation: relu}, {Dropout: 0.1}", []),
        ("{Dense: {units: 4, activation: selu}}", [OTHER]),
        (DENSE % "HeNormal", [OTHER]),
        ("{Dense: 4}, {Activation: selu}", [OTHER]),
        (f"{FITTING}, {{Dropout: 0.1}}", [BEHIND]),
        ("{Dense: {units: 4, activation: selu}}, {Dropout: 0.1}", [OTHER, BEHIND]),
        (
            "{Dense: {units: 4, activation: relu}}, {AlphaDropout: 0.1}",
            ["AlphaDropout is for selu, and relu stands before it: write Dropout"],
        ),
    ],
)
def test_check_self_normalizing_says_what_lacks(layers: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(f"data: {{source: {{sklearn: iris}}}}\nmodel:\n  layers: [{layers}]\n")
    found = examine_file(path, [], Roots(tmp_path))
    assert found.problems == ()
    assert [warning.partition(f"{path}:3:")[2].partition(": ")[2] for warning in found.warnings] == expected
