"""Where each value of a config comes from."""

from __future__ import annotations

from pathlib import Path

from nnrun.config import load_config
from nnrun.config.origin import Origin, origins

PARENT = """\
data: {source: {sklearn: digits}}
model:
  layers:
    - Flatten
    - Dense: {units: $(width * 2)}
fit: {epochs: 3, batch_size: 8}
"""
CHILD = """\
extends: parent.yaml
variables: {width: 16, rounds: 5}
fit: {epochs: $rounds}
"""


def told(folder: Path, *overrides: str) -> dict[str, Origin]:
    (folder / "parent.yaml").write_text(PARENT, encoding="utf-8")
    (folder / "child.yaml").write_text(CHILD, encoding="utf-8")
    return {origin.key: origin for origin in origins(load_config(folder / "child.yaml", overrides))}


def test_origin_names_the_line_of_this_file_or_of_the_one_it_extends(tmp_path: Path) -> None:
    found = told(tmp_path)
    parent, child = tmp_path / "parent.yaml", tmp_path / "child.yaml"
    assert (found["fit.batch_size"].value, found["fit.batch_size"].source) == (8, f"{parent}:6:30")
    assert (found["variables.width"].value, found["variables.width"].source) == (16, f"{child}:2:20")


def test_origin_gives_what_an_expression_stands_for(tmp_path: Path) -> None:
    found = told(tmp_path)
    units = found["model.layers[1].Dense.units"]
    assert (units.value, units.source) == (32, f"{tmp_path / 'parent.yaml'}:5:22, written $(width * 2)")
    assert (found["fit.epochs"].value, found["fit.epochs"].source) == (
        5,
        f"{tmp_path / 'child.yaml'}:3:15, written $rounds",
    )


def test_origin_names_the_override_and_the_default(tmp_path: Path) -> None:
    found = told(tmp_path, "fit.epochs=2")
    assert (found["fit.epochs"].value, found["fit.epochs"].source) == (2, "-s fit.epochs=2")
    assert (found["fit.keep"].value, found["fit.keep"].source) == ("last", "default")
    assert (found["runtime.precision"].value, found["runtime.precision"].source) == ("float32", "default")
    assert found["compile.loss"].source == "of the task"
