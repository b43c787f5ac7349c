"""The share of right answers among the rows that were given a class."""

from __future__ import annotations

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import share_of


def Precision(average: str | None = None, class_id: int | None = None, name: str = "precision") -> Measure:
    """The share of right answers among the rows that were given a class.

    Of class numbers it is computed at the end of each epoch, of the validation rows: `val_precision`.
    Of one-hot classes and of one sigmoid unit it is Keras' own, batch by batch.

    Args:
        average: Of class numbers: binary (the second of two classes), macro (the mean of the classes), micro, weighted;
            binary of two classes and macro of more if it is left out.
        class_id: The number of a class: of this class alone.
        name: What it is logged as.
    """
    return Measure(name, share_of("precision_score", average, class_id))
