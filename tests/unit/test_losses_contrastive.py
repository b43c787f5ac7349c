"""Losses that compare the rows of a batch, held against their formulas in plain NumPy; losses as steps of a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_losses_values import CLASSES, FIRST, PLACES, SECOND, spec, value

from nnrun.model import framework
from nnrun.model.losses._step import compared

Array = np.ndarray[Any, Any]


def unit(places: Any) -> Array:
    rows = np.asarray(places, "float64")
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))


def own_among(logits: Array, own: int) -> float:
    """The cross-entropy of one entry among logits."""
    return float(np.log(np.exp(logits).sum()) - logits[own])


@pytest.mark.parametrize("temperature", [0.1, 0.7])
def test_losses_nt_xent_is_the_formula_of_simclr(temperature: float) -> None:
    views = np.concatenate([unit(FIRST), unit(SECOND)])
    alike, count = views @ views.T / temperature, len(FIRST)
    costs = []
    for row in range(2 * count):
        others = [other for other in range(2 * count) if other != row]
        costs.append(own_among(alike[row, others], others.index((row + count) % (2 * count))))
    assert value(spec("NTXent", temperature=temperature), FIRST, SECOND) == pytest.approx(np.mean(costs), rel=1e-5)


def test_losses_info_nce_is_a_cross_entropy_over_the_batch() -> None:
    alike = unit(FIRST) @ unit(SECOND).T / 0.2
    there = [own_among(alike[row], row) for row in range(len(FIRST))]
    back = [own_among(alike[:, row], row) for row in range(len(FIRST))]
    assert value(spec("InfoNCE", temperature=0.2), FIRST, SECOND) == pytest.approx(np.mean(there + back), rel=1e-5)
    found = value(spec("InfoNCE", temperature=0.2, symmetric=False), FIRST, SECOND)
    assert found == pytest.approx(np.mean(there), rel=1e-5)


def test_losses_barlow_twins_is_the_formula_of_its_authors() -> None:
    first, second = ((view - view.mean(0)) / np.sqrt(view.var(0) + 1e-5) for view in (FIRST, SECOND))
    correlations = first.T @ second / len(FIRST)
    others = correlations[~np.eye(len(correlations), dtype=bool)]
    expected = ((1 - np.diag(correlations)) ** 2).sum() + 0.02 * (others**2).sum()
    assert value(spec("BarlowTwins", redundancy=0.02), FIRST, SECOND) == pytest.approx(expected, rel=1e-4)


def test_losses_vicreg_is_the_formula_of_its_authors() -> None:
    expected = 25 * ((FIRST - SECOND) ** 2).mean()
    for view in (FIRST, SECOND):
        together = np.cov(view, rowvar=False)
        expected += 10 * np.maximum(0, 1 - np.sqrt(np.diag(together) + 1e-4)).mean() / 2
        expected += 3 * (together[~np.eye(4, dtype=bool)] ** 2).sum() / 4
    found = value(spec("VICReg", variance=10.0, covariance=3.0), FIRST, SECOND)
    assert found == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("with_itself", [False, True])
def test_losses_supervised_contrastive_is_the_formula_of_its_authors(with_itself: bool) -> None:
    alike, costs = unit(PLACES) @ unit(PLACES).T / 0.5, []
    for row, kind in enumerate(CLASSES):
        others = [other for other in range(len(CLASSES)) if with_itself or other != row]
        mates = [other for other in others if CLASSES[other] == kind]
        if mates:
            costs.append(np.mean([own_among(alike[row, others], others.index(mate)) for mate in mates]))
    assert len(costs) == (5 if with_itself else 4)
    found = value(spec("SupervisedContrastive", temperature=0.5, with_itself=with_itself), CLASSES, PLACES)
    assert found == pytest.approx(np.mean(costs), rel=1e-5)


def test_losses_multi_similarity_looks_at_the_hard_pairs_alone() -> None:
    classes, places = np.array([0, 0, 0, 1, 1, 2]), FIRST
    alike, costs = unit(places) @ unit(places).T, []
    for row, kind in enumerate(classes[:5]):
        mates = [alike[row, other] for other in range(6) if classes[other] == kind and other != row]
        others = [alike[row, other] for other in range(6) if classes[other] != kind]
        far = [one for one in mates if one - 0.1 < max(others)]
        near = [one for one in others if one + 0.1 > min(mates)]
        costs.append(np.log1p(sum(np.exp(-2 * (one - 0.5)) for one in far)) / 2)
        costs[-1] += np.log1p(sum(np.exp(40 * (one - 0.5)) for one in near)) / 40
    assert value(spec("MultiSimilarity"), classes, places) == pytest.approx(np.mean(costs), rel=1e-5)


@pytest.mark.parametrize("name", ["SupervisedContrastive", "MultiSimilarity"])
def test_losses_of_classes_take_one_hot_classes_and_are_nothing_without_mates(name: str) -> None:
    assert value(spec(name), np.eye(3)[CLASSES], PLACES) == pytest.approx(value(spec(name), CLASSES, PLACES))
    assert value(spec(name), [0, 1, 2], PLACES[:3]) == 0


OF_STEPS: dict[str, dict[str, Any]] = {
    "NTXent": {},
    "VICReg": {},
    "Dice": {},
    "Charbonnier": {},
    "Sum": {"losses": [spec("MeanSquaredError"), spec("NTXent")]},
}


@pytest.mark.parametrize("name", OF_STEPS)
def test_losses_as_steps_give_each_row_its_share_of_the_batch(name: str) -> None:
    """The mean of what a graph's loss gives is what the same loss gives under `compile`."""
    from nnrun.model import build

    keras, loss = framework.keras(), spec(name, **OF_STEPS[name])
    inputs = [keras.Input((4,)), keras.Input((4,))]
    model = keras.Model(inputs, compared(build.make(loss, {}))(*inputs))
    found = model.predict([FIRST, SECOND], verbose=0)
    assert found.shape == (6,)
    assert found.mean() == pytest.approx(value(loss, FIRST, SECOND), rel=1e-5)
