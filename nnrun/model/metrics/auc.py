"""How well the probabilities put the rows in order."""

from __future__ import annotations

from typing import Any

from nnrun.model.metrics import Measure

CURVES = ("ROC", "PR")


def AUC(curve: str = "ROC", average: str = "macro", name: str = "auc") -> Measure:
    """The area under a curve: for ROC the chance that a row of a class gets a higher probability for it than another.

    Of class numbers it is computed at the end of each epoch, of the validation rows: `val_auc`.
    Of one-hot classes and of one sigmoid unit it is Keras' own, batch by batch.

    Of several classes each is taken against all others, those that the part has rows of.

    Args:
        curve: ROC, or PR for precision over recall (the average precision of scikit-learn).
        average: macro (the mean of the classes), or weighted by their rows. Of class numbers alone.
        name: What it is logged as.
    """
    if curve not in CURVES:
        raise ValueError(f"curve is ROC or PR, and {curve!r} is neither")
    if average not in ("macro", "weighted"):
        raise ValueError(f"average is macro or weighted, and {average!r} is neither")

    def of(truth: Any, shares: Any) -> float:
        import numpy as np
        from sklearn.metrics import average_precision_score, roc_auc_score

        area = roc_auc_score if curve == "ROC" else average_precision_score
        classes = range(shares.shape[1]) if shares.shape[1] > 2 else (1,)
        counts = {number: int(np.sum(truth == number)) for number in classes}
        told = [number for number, count in counts.items() if 0 < count < len(truth)]
        if not told:
            return float("nan")  # one class alone has no order
        weights = [counts[number] for number in told] if average == "weighted" else None
        return float(np.average([area(truth == number, shares[:, number]) for number in told], weights=weights))

    return Measure(name, of, reads_answers=False)
