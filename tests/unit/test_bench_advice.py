"""Which variant is taken for which training, and what is said about it."""

from __future__ import annotations

import pytest

from nnrun.bench.advice import Advice, advise, common_steps
from nnrun.bench.variants import Measurement, Result, Variant

TENSORFLOW, JAX = Variant("tensorflow", "float32"), Variant("jax", "float32")
HALF = Variant("tensorflow", "mixed_float16")
LEARNS = ((10, 2.0), (100, 1.0))


def result(variant: Variant, start: float, epoch: float, losses: tuple[tuple[int, float], ...] = LEARNS) -> Result:
    return Result(variant, Measurement("CPU", start, epoch / 100, epoch, 3200 / epoch, 10**9, None, losses))


def advice(*results: Result, own: Variant = TENSORFLOW, epochs: int = 100) -> Advice:
    found = advise(results, own, epochs)
    assert found is not None
    return found


def test_advice_takes_the_quickest_for_the_epochs_of_the_config() -> None:
    assert advice(result(TENSORFLOW, 4, 1.0), result(JAX, 6, 0.2)) == Advice(
        JAX, "Take jax with float32: 100 epochs in about 26.0 s in place of 104 s as the config has it, "
        "tensorflow with float32.",
    )  # fmt: skip


def test_advice_keeps_what_the_config_says_where_it_is_the_quickest() -> None:
    assert advice(result(TENSORFLOW, 4, 0.2), result(JAX, 6, 1.0)) == Advice(
        TENSORFLOW, "Keep tensorflow with float32, which the config says: it is the quickest for 100 epochs, "
        "about 24.0 s.",
    )  # fmt: skip


@pytest.mark.parametrize(("epoch", "taken"), [(0.91, TENSORFLOW), (0.89, HALF)])
def test_advice_takes_a_difference_of_less_than_a_tenth_for_none(epoch: float, taken: Variant) -> None:
    found = advice(result(TENSORFLOW, 0, 1.0), result(HALF, 0, epoch))
    assert found.variant == taken
    assert ("nothing is quicker by more than chance explains" in found.text) == (taken == TENSORFLOW)


@pytest.mark.parametrize(("start", "taken"), [(7.1, TENSORFLOW), (6.9, HALF)])
def test_advice_trusts_the_start_less(start: float, taken: Variant) -> None:
    """It is measured once: three tenths of it are noise."""
    assert advice(result(TENSORFLOW, 10, 1e-6), result(HALF, start, 1e-6), epochs=1).variant == taken


def test_advice_of_a_short_training_says_from_how_many_epochs_on_another_is_quicker() -> None:
    found = advice(result(TENSORFLOW, 4, 0.100), result(JAX, 20, 0.040), epochs=5)
    assert found.variant == TENSORFLOW
    assert found.text.endswith(
        "From about 270 epochs on, jax with float32 is quicker: an epoch takes 40 ms in place of 100 ms, "
        "but it starts 16.0 s later."
    )


def test_advice_changes_as_little_as_it_can() -> None:
    """Three are equally quick: the one with the precision of the config is taken."""
    both = Variant("jax", "mixed_bfloat16")
    found = advice(result(TENSORFLOW, 1, 1.0), result(both, 1, 0.2), result(HALF, 1, 0.2), result(JAX, 1, 0.205))
    assert found.variant == JAX


def test_advice_leaves_out_a_precision_that_does_not_learn() -> None:
    found = advice(result(TENSORFLOW, 1, 1.0), result(HALF, 1, 0.1, ((10, 2.0), (100, 1.2))))
    assert found.variant == TENSORFLOW
    assert found.text == (
        "Keep tensorflow with float32, which the config says: nothing else is left to compare. "
        "tensorflow with mixed_float16 is out: its loss after 100 steps is 1.2, with float32 1."
    )


def test_advice_leaves_a_little_more_loss_alone() -> None:
    assert advice(result(TENSORFLOW, 1, 1.0), result(HALF, 1, 0.1, ((10, 2.0), (100, 1.09)))).variant == HALF


def test_advice_leaves_out_a_loss_that_is_no_number() -> None:
    assert advice(result(TENSORFLOW, 1, 1.0), result(HALF, 1, 0.1, ((100, float("nan")),))).variant == TENSORFLOW


def test_advice_does_not_compare_the_losses_of_backends() -> None:
    """They begin with other weights."""
    assert advice(result(TENSORFLOW, 1, 1.0), result(JAX, 1, 0.1, ((10, 2.0), (100, 1.5)))).variant == JAX


def test_advice_without_the_configs_own_variant() -> None:
    failed = Result(TENSORFLOW, None, "killed by signal 9 (out of memory?)")
    assert advice(failed, result(JAX, 1, 1.0), epochs=1).text == (
        "Take jax with float32: 1 epoch in about 2.0 s; tensorflow with float32, which the config says, cannot be used."
    )


def test_advice_is_none_where_nothing_was_measured() -> None:
    assert advise([Result(TENSORFLOW, None, "no")], TENSORFLOW, 1) is None


def test_advice_compares_losses_where_all_were_heard() -> None:
    first, second = ((10, 3.0), (17, 2.5), (100, 1.0), (105, 0.9)), ((10, 3.0), (20, 2.4), (100, 1.0), (103, 1.0))
    assert common_steps([result(TENSORFLOW, 1, 1, first), result(JAX, 1, 1, second)]) == 100


def test_advice_compares_losses_of_a_broken_epoch_at_the_last_step_that_all_have_done() -> None:
    first, second = ((10, 3.0), (40, 2.5)), ((10, 3.0), (55, 2.4))
    assert common_steps([result(TENSORFLOW, 1, 1, first), result(JAX, 1, 1, second)]) == 40
