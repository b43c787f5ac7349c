"""Which variant to take, from what was measured: nothing is claimed that the noise of a measurement could explain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnrun.bench.variants import Measurement, Result, Variant

NOISE = 0.1  # a smaller difference between two medians is none
START_NOISE = 0.3  # a start is measured once, and reads files that others may read too
LEARNED = 0.9  # of what float32 learns, a precision has to learn


@dataclass(frozen=True)
class Advice:
    """The variant for a training as the config has it, and why."""

    variant: Variant
    text: str


def advise(results: Sequence[Result], own: Variant, epochs: int) -> Advice | None:
    """What to take for so many epochs, `own` being what the config says; None where nothing could be measured.

    The whole time decides, with the start, since a training of few epochs is mostly that; where many epochs would be
    another matter, the advice says from how many on.
    """
    steps = common_steps(results)
    measured = {r.variant: r.measurement for r in results if r.measurement is not None}
    told = [
        f"{variant} is out: its loss after {steps:,} steps is {found.loss_after(steps):.4g}, "
        f"with float32 {measured[_plain(variant)].loss_after(steps):.4g}."
        for variant, found in measured.items()
        if not _learns(variant, measured, steps)
    ]
    good = {variant: found for variant, found in measured.items() if _learns(variant, measured, steps)}
    if not good:
        return None
    best, late = _quickest(good, own, epochs), _quickest(good, own, None)
    sentences = [_reason(best, own, good, epochs)]
    if late != best:
        sentences.append(_later(late, best, good))
    return Advice(best, " ".join([*sentences, *told]))


def common_steps(results: Sequence[Result]) -> int:
    """The steps after which losses are compared, which all have done; 0 where nothing was measured.

    Losses are noted where a call of the loop ends, at other steps in each variant but at the end of every epoch; where
    none was whole, the loss of a few steps earlier has to do.
    """
    noted = [[steps for steps, _ in r.measurement.losses] for r in results if r.measurement is not None]
    if not noted:
        return 0
    least = min(max(steps) for steps in noted)
    same = max(set(noted[0]).intersection(*noted), default=0)
    return same if 2 * same >= least else least


def _quickest(found: dict[Variant, Measurement], own: Variant, epochs: int | None) -> Variant:
    """For so many epochs (None: endlessly many), of those that noise may part from the quickest, what changes least."""

    def time(variant: Variant) -> float:
        return found[variant].epoch if epochs is None else found[variant].after(epochs)

    def noise(variant: Variant) -> float:
        start = 0.0 if epochs is None else found[variant].start
        return NOISE * (time(variant) - start) + START_NOISE * start

    least = min(map(time, found))
    close = [variant for variant in found if time(variant) - least <= noise(variant)]
    return min(close, key=lambda v: (v != own, v.precision != own.precision, v.backend != own.backend, time(v)))


def _plain(variant: Variant) -> Variant:
    return Variant(variant.backend, "float32")


def _learns(variant: Variant, measured: dict[Variant, Measurement], steps: int) -> bool:
    """Whether a precision comes as far as float32 on the same backend, where both begin with the same weights."""
    found, plain = measured[variant], measured.get(_plain(variant))
    loss = found.loss_after(steps)
    if plain is None or plain is found:
        return math.isfinite(loss)
    first, reached = plain.losses[0][1], plain.loss_after(steps)
    room = max((1 - LEARNED) * (first - reached), (1 - LEARNED) / 2 * abs(reached))
    return loss <= reached + room  # False for NaN


def _reason(best: Variant, own: Variant, found: dict[Variant, Measurement], epochs: int) -> str:
    taken = found[best].after(epochs)
    count = _epochs(epochs)
    if best == own:
        others = [measurement.after(epochs) for variant, measurement in found.items() if variant != own]
        if not others:
            return f"Keep {own}, which the config says: nothing else is left to compare."
        if min(others) < taken:
            return f"Keep {own}, which the config says: for {count} nothing is quicker by more than chance explains."
        return f"Keep {own}, which the config says: it is the quickest for {count}, about {_time(taken)}."
    if own not in found:
        return f"Take {best}: {count} in about {_time(taken)}; {own}, which the config says, cannot be used."
    said = f"{_time(found[own].after(epochs))} as the config has it, {own}"
    return f"Take {best}: {count} in about {_time(taken)} in place of {said}."


def _later(late: Variant, best: Variant, found: dict[Variant, Measurement]) -> str:
    saved = found[best].epoch - found[late].epoch
    longer = found[late].start - found[best].start
    if longer <= 0 or saved <= 0:  # between noise and noise
        return f"An epoch is quickest with {late}: {_time(found[late].epoch)} in place of {_time(found[best].epoch)}."
    return (
        f"From about {_rounded(longer / saved):,} epochs on, {late} is quicker: an epoch takes "
        f"{_time(found[late].epoch)} in place of {_time(found[best].epoch)}, but it starts {_time(longer)} later."
    )


def _rounded(number: float) -> int:
    """Up, to two digits."""
    unit = 10.0 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return int(math.ceil(number / unit) * unit)


def _epochs(count: int) -> str:
    return f"{count:,} epochs" if count != 1 else "1 epoch"


def _time(seconds: float) -> str:
    """To two digits, in the unit that a person would take."""
    if seconds < 1:
        return f"{seconds * 1000:.2g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:,.0f} s"
