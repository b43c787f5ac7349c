"""Where training and validation loss part: the epoch after which only the training loss goes on falling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import mean, median, pstdev

EPOCHS_THAT_MUST_FOLLOW = 5
RECENT = 10


def where_losses_part(train: Sequence[float], validation: Sequence[float]) -> int | None:
    """The epoch, counted from 1, at which the losses part; None if they do not.

    In words: the last epoch e after which the median-of-3 validation loss never falls below its value at e by
    more than the band while the training loss keeps falling; none if fewer than five epochs follow. Read so:

    - Both losses are smoothed by the median of each epoch and its two neighbours (at the ends, of the two
      that there are).
    - The band of a loss is the standard deviation of its last ten differences from epoch to epoch, smoothed:
      how much it moves anyway. A smaller fall is no fall.
    - e is the bottom of the last fall of the validation loss by more than the band below the former low.
      Whatever comes after it never falls below it by more than that.
    - The training loss keeps falling if after e the mean of its second half lies below its value at e by
      more than its own band, and below the mean of its first half by more than half of it.

    Epochs in which one of the two is not finite (validation that is not run every epoch) are left out, and
    the five are counted among the others.
    """
    known = [
        (epoch, ours, theirs)
        for epoch, (ours, theirs) in enumerate(zip(train, validation, strict=True), start=1)
        if math.isfinite(ours) and math.isfinite(theirs)
    ]
    if len(known) <= EPOCHS_THAT_MUST_FOLLOW:
        return None
    at = last_fall([theirs for _, _, theirs in known])
    if len(known) - 1 - at < EPOCHS_THAT_MUST_FOLLOW:
        return None
    return known[at][0] if _keeps_falling([ours for _, ours, _ in known], at) else None


def last_fall(losses: Sequence[float]) -> int:
    """The position of the bottom of the last fall of the smoothed `losses` by more than their band."""
    smooth = smoothed(losses)
    width = band(smooth)
    low = 0
    for position, value in enumerate(smooth):
        if value < smooth[low] - width:
            low = position
    bottom = [low]
    while bottom[-1] + 1 < len(smooth) and smooth[bottom[-1] + 1] <= smooth[bottom[-1]]:
        bottom.append(bottom[-1] + 1)
    # The median flattens a valley: of equal values the middle one is meant, which is lowest itself.
    return min(bottom, key=lambda position: (smooth[position], losses[position]))


def smoothed(values: Sequence[float]) -> list[float]:
    """The median of every value and its neighbours."""
    return [median(values[max(0, position - 1) : position + 2]) for position in range(len(values))]


def band(values: Sequence[float]) -> float:
    """The standard deviation of the last ten differences between neighbours; 0 where there are none."""
    differences = [after - before for before, after in pairwise(values)]
    return pstdev(differences[-RECENT:]) if differences else 0.0


def _keeps_falling(losses: Sequence[float], since: int) -> bool:
    smooth = smoothed(losses)
    after = smooth[since + 1 :]
    half, width = len(after) // 2, band(smooth)
    late = mean(after[half:])
    return late < mean(after[:half]) - width / 2 and late < smooth[since] - width
