"""Our ridge and logistic regression are scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge

from nnrun.training.linear import fit

DRAW = np.random.default_rng(5)
X = DRAW.normal(size=(120, 6))
SCORES = X @ DRAW.normal(size=(6, 3)) + DRAW.normal(size=(120, 3))
FORMS = [np.asarray, sparse.csr_matrix]


@pytest.mark.parametrize("form", FORMS, ids=["array", "sparse"])
def test_linear_of_numbers_is_ridge_regression(form: Any) -> None:
    """At any scale of the numbers, with an intercept that is not punished."""
    y = SCORES * [1, 1e4, 1e-3] + [7, -3e5, 0]
    expected = Ridge().fit(X, y).predict(X)
    found = fit(form(X), y, "identity").predict(form(X))
    assert (np.abs(found - expected).max(axis=0) < 1e-3 * y.std(axis=0)).all()


@pytest.mark.parametrize("form", FORMS, ids=["array", "sparse"])
def test_linear_of_two_classes_is_logistic_regression(form: Any) -> None:
    y = (SCORES[:, 0] > 0.5).astype(int)
    expected = LogisticRegression(tol=1e-8).fit(X, y).predict_proba(X)[:, 1:]
    assert fit(form(X), y[:, None], "sigmoid").predict(form(X)) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("form", FORMS, ids=["array", "sparse"])
def test_linear_of_several_classes_is_logistic_regression(form: Any) -> None:
    y = SCORES.argmax(axis=1)
    expected = LogisticRegression(tol=1e-8, max_iter=1000).fit(X, y).predict_proba(X)
    found = fit(form(X), np.eye(3)[y], "softmax").predict(form(X))
    assert found == pytest.approx(expected, abs=1e-3)
    assert found.sum(axis=1) == pytest.approx(np.ones(120))


def test_linear_a_class_without_rows_is_not_expected() -> None:
    y = np.eye(4)[SCORES.argmax(axis=1)]
    assert fit(X, y, "softmax").predict(X)[:, 3].max() < 0.01
    assert fit(X, np.ones((120, 1)), "sigmoid").predict(X).min() > 0.99
