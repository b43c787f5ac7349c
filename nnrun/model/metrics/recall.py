"""The share of the rows of a class that were found."""

from __future__ import annotations

from nnrun.model.metrics import Measure
from nnrun.model.metrics._classes import share_of


def Recall(average: str | None = None, class_id: int | None = None, name: str = "recall") -> Measure:
    """The share of the rows of a class that were found.

    Of class numbers it is computed at the end of each epoch, of the validation rows: `val_recall`.
    Of one-hot classes and of one sigmoid unit it is Keras' own, batch by batch.

    Args:
        average: Of class numbers: binary (the second of two classes), macro (the mean of the classes), micro, weighted;
            binary of two classes and macro of more if it is left out.
        class_id: The number of a class: of this class alone.
        name: What it is logged as.
    """
    return Measure(name, share_of("recall_score", average, class_id))
