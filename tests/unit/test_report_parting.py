"""Where the losses part, on curves drawn by hand."""

from __future__ import annotations

import math
import random

import pytest

from nnrun.report.parting import band, last_fall, smoothed, where_losses_part

FALLING = [1 / epoch for epoch in range(1, 21)]
VALLEY = [1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, *(0.3 + 0.05 * step for step in range(1, 14))]


def test_parting_where_the_validation_loss_turns() -> None:
    assert where_losses_part(FALLING, VALLEY) == 7


def test_parting_of_noisy_losses_is_near_the_turn() -> None:
    draw = random.Random(0)
    noisy = [value + draw.uniform(-0.03, 0.03) for value in VALLEY]
    train = [value + draw.uniform(-0.005, 0.005) for value in FALLING]
    parted = where_losses_part(train, noisy)
    assert parted is not None
    assert 5 <= parted <= 8


def test_parting_one_spike_is_no_parting_and_one_dip_does_not_move_it() -> None:
    falling = [2 - 0.1 * epoch for epoch in range(20)]
    spiked = [*falling[:10], 5.0, *falling[11:]]
    assert where_losses_part(falling, spiked) is None
    dipped = [*VALLEY[:14], 0.0, *VALLEY[15:]]
    assert where_losses_part(FALLING, dipped) == where_losses_part(FALLING, VALLEY)


def test_parting_a_plateau_while_training_goes_on_is_one() -> None:
    assert where_losses_part(FALLING, [1.0, 0.8, 0.6, *[0.5] * 17]) == 4


def test_parting_flat_losses_do_not_part() -> None:
    assert where_losses_part([0.5] * 20, [0.6] * 20) is None


def test_parting_needs_a_training_loss_that_keeps_falling() -> None:
    rising_too = [1.0, 0.8, 0.6, 0.5, 0.4, 0.35, 0.3, *(0.3 + 0.04 * step for step in range(1, 14))]
    assert where_losses_part(rising_too, VALLEY) is None


def test_parting_noise_around_one_level_does_not_part() -> None:
    draw = random.Random(1)
    train = [0.5 + draw.uniform(-0.1, 0.1) for _ in range(40)]
    validation = [0.6 + draw.uniform(-0.1, 0.1) for _ in range(40)]
    assert where_losses_part(train, validation) is None


def test_parting_underfit_losses_that_still_fall_do_not_part() -> None:
    assert where_losses_part([2 - 0.05 * epoch for epoch in range(20)], [2.1 - 0.04 * e for e in range(20)]) is None


@pytest.mark.parametrize(("after", "parted"), [(4, None), (5, 7), (6, 7)])
def test_parting_needs_five_epochs_to_follow(after: int, parted: int | None) -> None:
    assert where_losses_part(FALLING[: 7 + after], VALLEY[: 7 + after]) == parted


@pytest.mark.parametrize("epochs", range(6))
def test_parting_of_few_epochs_is_none(epochs: int) -> None:
    assert where_losses_part(FALLING[:epochs], VALLEY[:epochs]) is None


def test_parting_leaves_out_epochs_without_validation_but_counts_them() -> None:
    train = [loss for loss in FALLING for _ in range(2)]
    validation = [loss for value in VALLEY for loss in (math.nan, value)]
    assert where_losses_part(train, validation) == 14


def test_parting_of_unequal_lengths_is_our_mistake() -> None:
    with pytest.raises(ValueError, match="longer"):
        where_losses_part([1.0], [1.0, 2.0])


def test_parting_arithmetic_by_hand() -> None:
    assert smoothed([3.0, 1.0, 2.0, 9.0]) == [2.0, 2.0, 2.0, 5.5]
    assert band([0.0, 1.0, 4.0]) == 1.0
    assert band([5.0]) == 0.0
    assert band([100.0, *[float(value) for value in range(11)]]) == 0.0
    assert last_fall([3.0, 2.0, 1.0, 2.0, 3.0]) == 2
