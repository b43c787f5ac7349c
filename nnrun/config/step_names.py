"""Which names a step may call in Keras, and which names are nobody's to give."""

from __future__ import annotations

from nnrun import catalogue

RESERVED = ("previous", "input", "turn", "data")
_SLOTS = ("layers", "ops", "applications")  # in the order in which a name is looked for


def step_slot(name: str) -> str | None:
    """The family in which a name is that of a step: layers, ops, applications or losses; None where it is in none.

    A loss is a step by its own name alone: `triplet` and `mse` are left to the person.
    """
    called = next((slot for slot in _SLOTS if catalogue.find(slot, name)), None)
    return called or ("losses" if name[:1].isupper() and catalogue.canonical("losses", name) == name else None)


def means_something(name: str) -> bool:
    """Whether a name is taken already, so that no block, step, variable or input of a person's own may have it."""
    return name in RESERVED or step_slot(name) is not None
