"""`data.target: {masked: INPUT}`: the tokens of an input that are hidden from the model, which are its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun.config.config import Entry, Features, TargetSpec
from nnrun.config.kinds import is_number, shown
from nnrun.config.loader import Path
from nnrun.config.masked import Masked
from nnrun.config.names import Names
from nnrun.errors import Where, did_you_mean, one_of

KEYS = ("input", "rate", "mask", "anew")
MASK = "[mask]"  # what stands for a hidden word, in a text too
EXPECTED = "an input, or {input: INPUT, rate: 0.15}"


def masked(names: Names, value: Any, path: Path, where: Where) -> TargetSpec | None:
    """`masked: words`, or `masked: {input: words, rate: 0.15, mask: 29999, anew: false}`."""
    written = value if isinstance(value, dict) else {"input": value}
    for key in written:
        if key not in KEYS:
            hint = did_you_mean(str(key), KEYS)
            names.problem((*path, key), f"unknown key {str(key)!r}", one_of(KEYS, hint), hint, key=True)
    name = written.get("input")
    if not isinstance(name, str):
        names.problem(path, f"masked is {shown(value)}", EXPECTED)
        return None
    rate, mask, anew = written.get("rate", Masked.rate), written.get("mask"), written.get("anew", Masked.anew)
    if not is_number(rate) or not 0 < rate < 1:
        names.problem((*path, "rate"), f"rate is {shown(rate)}", "the share of tokens that are hidden, such as 0.15")
        rate = Masked.rate
    if mask is not None and (not isinstance(mask, int) or isinstance(mask, bool) or mask < 3):
        expected = "the number that hides a token, behind those of all others, such as 29999"
        names.problem((*path, "mask"), f"mask is {shown(mask)}", expected)
        mask = None
    if not isinstance(anew, bool):
        names.problem((*path, "anew"), f"anew is {shown(anew)}", "true or false")
        anew = Masked.anew
    return TargetSpec(name, (name,), where=where, masked=Masked(float(rate), mask, anew))


def with_mask(features: Features | None, targets: tuple[TargetSpec, ...]) -> Features | None:
    """The features, in which a text whose words are hidden has a word for it: its vocabulary counts it."""
    hidden = {target.name for target in targets if target.masked is not None}
    if features is None or not hidden:
        return features
    return {
        name: tuple(_masked_entry(one) for one in entries) if name in hidden else entries
        for name, entries in features.items()
    }


def _masked_entry(entry: Entry) -> Entry:
    steps = [step if step.name != "text" else _with(step.arguments, step) for step in entry.steps]
    return replace(entry, steps=tuple(steps))


def _with(arguments: Mapping[str, Any], step: Any) -> Any:
    return replace(step, arguments=arguments if arguments.get("mask") else {**arguments, "mask": MASK})
