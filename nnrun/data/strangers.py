"""What is unlike the training in rows that come later: categories that it never saw, blanks that it fills."""

from __future__ import annotations

from collections import Counter

from nnrun.config.config import Entry
from nnrun.data.dataset import Dataset
from nnrun.data.features import preparation_module
from nnrun.data.preparation import Preparation
from nnrun.data.steps import first_values, of_array


class Strangers:
    """Counts over all rows that are shown to it, by column."""

    def __init__(self, preparation: Preparation) -> None:
        self._preparation = preparation
        self._unseen: dict[str, tuple[int, str | None]] = {}  # how many, and the first of them
        self._blanks: Counter[str] = Counter()

    def look(self, dataset: Dataset) -> None:
        """Counts in some more rows."""
        for name, entries in self._preparation.features.items():
            for entry, states in zip(entries, self._preparation.states[name], strict=True):
                if dataset.columns is None or of_array(dataset, entry):
                    continue
                if entry.steps[0].name == "impute":
                    self._blanks.update({c: int(dataset.columns[c].isna().sum()) for c in entry.columns})
                module = preparation_module(entry.steps[0])
                if hasattr(module, "unseen"):
                    values, _ = first_values(dataset, entry)
                    strange = module.unseen(values, states[0])
                    for place, column in enumerate(entry.columns):
                        found = values[strange[:, place], place]
                        if len(found):
                            count, example = self._unseen.get(column, (0, found[0]))
                            self._unseen[column] = count + len(found), example

    @property
    def notes(self) -> list[str]:
        """A line for each column in which there was anything."""
        fills = {
            column: value for entry, given in self._filled() for column, value in zip(entry.columns, given, strict=True)
        }
        blanks = [
            f"{column}: {_count(count, 'blank')} filled with {fills[column]:g}, as in training"
            for column, count in self._blanks.items()
            if count
        ]
        unseen = [
            f"{column}: {_count(count, 'value')} that the training never saw, such as "
            f"{repr(example) if example else 'a blank'}, taken for unknown as there"
            for column, (count, example) in self._unseen.items()
        ]
        return [*blanks, *unseen]

    def _filled(self) -> list[tuple[Entry, list[float]]]:
        found = []
        for name, entries in self._preparation.features.items():
            for entry, states in zip(entries, self._preparation.states[name], strict=True):
                if entry.steps[0].name == "impute":
                    found.append((entry, [float(value) for value in states[0]["fill"]]))
        return found


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
