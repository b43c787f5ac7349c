"""The shipped block that tells a network a number: the waves of two published examples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnrun.config import load_config
from nnrun.model import build
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic

SHAPES: dict[str, tuple[int | None, ...]] = {"number": (1,)}
VARIANCES = np.asarray([[0.0], [0.31], [0.999]], np.float32)
TURN = 2 * np.pi


def embedded(folder: Path, step: str, numbers: Any) -> Any:
    """What the block makes of numbers (rows, 1)."""
    text = f"data: {{source: {{npz: a.npz}}}}\nmodel: {{layers: [{step}], outputs: {{Identity: {{}}}}}}\n"
    (folder / "a.yaml").write_text(text)
    model, measure = load_config(folder / "a.yaml").model, Arithmetic()
    graph = expand(model, SHAPES, {}, None, measure)
    assert not [*graph.problems, *measure.problems]
    return build.build(graph, model, SHAPES, {}, {}, {}, "embedding").model(numbers).numpy()


def test_sinusoidal_embedding_is_that_of_ddim(tmp_path: Path) -> None:
    angles = TURN * np.exp(np.linspace(np.log(1.0), np.log(1000.0), 16)) * VARIANCES.astype(np.float64)
    expected = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    found = embedded(tmp_path, "sinusoidal_embedding", VARIANCES)
    np.testing.assert_allclose(found, expected, atol=0.01)  # a wave turns a thousand times, in float32
    np.testing.assert_allclose(found[:, :12], expected[:, :12], atol=1e-3)


def test_sinusoidal_embedding_is_that_of_ddpm_from_slow_to_fast(tmp_path: Path) -> None:
    steps = np.asarray([[0.0], [7.0], [999.0]], np.float32)
    angles = np.exp(-np.arange(128) * np.log(10000) / 127)[::-1] * steps.astype(np.float64)
    expected = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    setting = f"units: 256, min_frequency: {1e-4 / TURN}, max_frequency: {1 / TURN}"
    found = embedded(tmp_path, f"sinusoidal_embedding: {{{setting}}}", steps)
    assert found == pytest.approx(expected, abs=2e-3)
