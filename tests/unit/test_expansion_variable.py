"""A learned tensor begins as its initializer says, which sees the shape that is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.errors import ConfigError
from nnrun.model import build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic


def built(folder: Path, variable: str) -> build.Built:
    (folder / "a.yaml").write_text(
        "data: {source: {npz: a.npz}}\nmodel:\n  layers:\n"
        f"    - Variable: {{{variable}, name: matrix}}\n"
        "    - Dot: {axes: [2, 1], from: [x, matrix]}\n"
        "  outputs: {Flatten: {}}\n"
    )
    model, shapes = load_config(folder / "a.yaml").model, {"x": (2, 3)}
    return build.build(expand(model, shapes, {}, None, Arithmetic()), model, shapes, {}, {}, {}, "a")


def test_variable_may_begin_as_the_identity(tmp_path: Path) -> None:
    made, x = built(tmp_path, "shape: [3, 3], initializer: identity"), np.arange(6.0).reshape(1, 2, 3)
    assert np.asarray(made.model(x)).tolist() == [list(range(6))]
    assert made.model.count_params() == 9


def test_variable_that_its_initializer_refuses_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Keras refuses Variable: Identity matrix initializer") as caught:
        built(tmp_path, "shape: [3, 3, 1], initializer: identity")
    where = caught.value.problems[0].where
    assert where is not None
    assert where.line == 4
