"""What an optimizer keeps beside the weights: numbers for each number that is trained."""

from __future__ import annotations

from nnrun.config.spec import Spec
from nnrun.model.shapes import complete

# Keras' own `build` of each; those that look at the form of a weight (Adafactor, Muon) are not here.
_KEPT = {
    "Adadelta": 2,
    "Adagrad": 1,
    "Adam": 2,
    "AdamW": 2,
    "Adamax": 2,
    "Ftrl": 2,
    "Lamb": 2,
    "Lion": 1,
    "Nadam": 2,
    "RMSprop": 1,
    "SGD": 0,
    "ScheduleFreeAdamW": 2,
}


def kept(optimizer: Spec) -> int | None:
    """How many numbers an optimizer keeps for each trained one; None where that hangs on the weights' form."""
    arguments = complete(optimizer)
    if optimizer.name not in _KEPT:
        return None
    words = ("amsgrad", "centered", "use_ema", "gradient_accumulation_steps")
    more = sum(bool(arguments.get(word)) for word in words)
    return _KEPT[optimizer.name] + more + (optimizer.name in ("SGD", "RMSprop") and bool(arguments.get("momentum")))
