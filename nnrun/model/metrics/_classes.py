"""What the metrics of classes share: the class that is chosen, and how the classes' values become one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

AVERAGES = ("binary", "micro", "macro", "weighted")


def chosen(shares: Array, threshold: float | None = None) -> Array:
    """The class of the largest share; with a threshold the second of two classes where its share is above it."""
    return shares.argmax(axis=-1) if threshold is None else (shares[:, 1] > threshold).astype(int)


def checked(average: str | None) -> str | None:
    """An average that scikit-learn has; ValueError for any other."""
    if average is not None and average not in AVERAGES:
        raise ValueError(f"average is one of {', '.join(AVERAGES)}, and {average!r} is none")
    return average


def usual(average: str | None, shares: Array) -> str:
    """The average that was written; else that of the second class alone where there are two, the classes' mean else."""
    return average or ("binary" if shares.shape[1] == 2 else "macro")


def share_of(score: str, average: str | None, class_id: int | None) -> Callable[[Any, Any], float]:
    """A share of scikit-learn, such as `recall_score`, of one class alone or as the classes' average."""
    checked(average)

    def of(truth: Any, shares: Any) -> float:
        from sklearn import metrics

        how, labels = (usual(average, shares), None) if class_id is None else ("macro", [class_id])
        return float(getattr(metrics, score)(truth, chosen(shares), average=how, labels=labels, zero_division=0))

    return of
