"""Ridge and logistic regression, to the same optimum as scikit-learn's.

scikit-learn's own take a second to import, which is a quarter of a short training; what they minimize is ten lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Link = Literal["identity", "sigmoid", "softmax"]

ITERATIONS, TOLERANCE = 200, 1e-5  # of a mean loss


@dataclass(frozen=True)
class Linear:
    """Weights (columns, answers) and intercepts, for inputs that are an array or a sparse matrix of SciPy."""

    link: Link
    weights: Array
    intercepts: Array

    def predict(self, x: Any) -> Array:
        """(rows, answers): numbers, or a probability for each answer."""
        return _means(self.link, np.asarray(x @ self.weights) + self.intercepts)[0]


def fit(x: Any, y: Array, link: Link) -> Linear:
    """The weights that minimize the loss of the link's distribution and half their squares; intercepts are free.

    Args:
        x: (rows, columns), columns of a like scale.
        y: (rows, answers): numbers for `identity`, 0 and 1 for `sigmoid`, one-hot rows for `softmax`.
        link: `identity` is ridge regression, the others are logistic regression (C = 1).
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    columns, answers = x.shape[1], y.shape[1]
    center, scale = np.zeros(answers), np.ones(answers)
    if link == "identity":  # the optimum of numbers at their own scale is that of others, scaled back
        center, scale = y.mean(axis=0), np.where(y.std(axis=0) > 0, y.std(axis=0), 1)
    with threadpool_limits(1):  # small products in many threads wait for each other longer than they compute
        found = minimize(
            _objective(x, (y - center) / scale, link),
            np.zeros((columns + 1) * answers),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": ITERATIONS, "gtol": TOLERANCE},
        )
    solved = found.x.reshape(columns + 1, answers) * scale
    return Linear(link, solved[:-1], solved[-1] + center)


def _objective(x: Any, y: Array, link: Link) -> Callable[[Array], tuple[float, Array]]:
    """Loss and gradient by all weights, both a row's."""
    rows = len(y)

    def objective(flat: Array) -> tuple[float, Array]:
        weights = flat.reshape(-1, y.shape[1])
        means, losses = _means(link, np.asarray(x @ weights[:-1]) + weights[-1], y)
        missed = means - y
        gradient = np.concatenate([np.asarray(x.T @ missed) + weights[:-1], missed.sum(axis=0, keepdims=True)])
        return (losses + 0.5 * float((weights[:-1] ** 2).sum())) / rows, gradient.ravel() / rows

    return objective


def _means(link: Link, scores: Array, y: Array | None = None) -> tuple[Array, float]:
    """What is expected at these scores, and the summed loss of what is true."""
    if link == "identity":
        return scores, 0.0 if y is None else 0.5 * float(((scores - y) ** 2).sum())
    if link == "sigmoid":
        loss = 0.0 if y is None else float((np.logaddexp(0, scores) - y * scores).sum())
        return 1 / (1 + np.exp(-np.clip(scores, -500, 500))), loss
    shifted = scores - scores.max(axis=1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = 0.0 if y is None else float((total - shifted)[y > 0].sum())
    return np.exp(shifted - total), loss
