"""Names of Python variables for the steps of a graph."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable

# What the script itself calls its things.
TAKEN = (
    *(
        "SEED",
        "BATCH_SIZE",
        "HERE",
        "Batches",
        "batches",
        "WholePart",
        "Path",
        "Counter",
        "keras",
        "layers",
        "math",
        "np",
        "ops",
    ),
    *("os", "pd", "table", "test", "train", "validation", "x", "y", "classes", "num_classes", "model", "history"),
    *("as_text", "ordered", "one_hot", "index", "take", "measured", "labels", "groups", "rows", "numbers", "weights"),
    *("columns", "steps", "stored", "present", "table_of_weights"),
)


class Variables:
    """Gives each thing a variable of its own, near to the name that it has in the config."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*taken, *dir(builtins), *keyword.kwlist}
        self._given: dict[str, str] = {}

    def of(self, name: str, kind: str = "") -> str:
        """The variable of a name; `kind` is added where the bare name is taken: `plan_layer`."""
        if name not in self._given:
            plain = re.sub(r"\W", "_", name)
            plain = f"_{plain}" if plain[:1].isdigit() or not plain else plain
            wanted, count = plain, 0
            while wanted in self.taken:
                count += 1
                wanted = f"{plain}_{kind}" if kind and count == 1 else f"{plain}_{count}"
            self.taken.add(wanted)
            self._given[name] = wanted
        return self._given[name]

    def give(self, name: str, variable: str) -> None:
        """A name that stands for an expression already."""
        self._given[name] = variable
