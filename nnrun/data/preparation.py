"""From raw columns to the arrays of a model: fitted on training rows, applied to all rows."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry, Features
from nnrun.config.spec import Spec, plain
from nnrun.data.dataset import Dataset
from nnrun.data.features import check_features, gives_ids, preparation_module
from nnrun.data.fitting import automatic, filling_step, fit_entry
from nnrun.data.rows import Float32Rows, Rows
from nnrun.data.steps import as_float32, converted, first_values, refuse_infinite, width_of
from nnrun.data.streaming import note
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Preparation:
    """The fitted steps of every input. `states` has one mapping for each step of each entry."""

    features: Features
    states: Mapping[str, tuple[tuple[Mapping[str, Any], ...], ...]]
    arrays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # shape of a row
    scale: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def fit(
        cls,
        dataset: Dataset,
        rows: np.ndarray[Any, Any],
        features: Features | None = None,
        missing: str | Mapping[str, Any] = "median",
        used_elsewhere: Set[str] = frozenset(),
    ) -> Preparation:
        """Learn every mean, vocabulary and filling from `rows` (the training rows) and from nothing else.

        Args:
            dataset: All rows.
            rows: The numbers of the training rows.
            features: The entries of every input; None chooses: numbers normalized, short text one-hot.
            missing: For blanks in numbers: "median", "mean", "error" or {"value": number}.
            used_elsewhere: Columns that are targets, groups or weights, which no input may hold.
        """
        if not len(rows):
            raise DataError("there are no training rows to learn the preparation from", expected="at least one row")
        notes: list[str] = []
        written = features is not None
        if features is None:
            features, notes = automatic(dataset, rows, used_elsewhere)
        check_features(features)
        both = sorted(set(features) & set(dataset.arrays))
        if both:
            raise DataError(
                f"the input {both[0]!r} is an array of the source and an input of `features`",
                expected="a name of its own for every input",
            )
        filling = filling_step(missing)
        chains: dict[str, tuple[Entry, ...]] = {}
        states: dict[str, tuple[tuple[Mapping[str, Any], ...], ...]] = {}
        for name, entries in features.items():
            fitted = [fit_entry(dataset, rows, entry, filling, used_elsewhere, notes) for entry in entries]
            chains[name] = tuple(entry for entry, _ in fitted)
            states[name] = tuple(learned for _, learned in fitted)
        if not chains and not dataset.arrays:
            raise DataError("the source gives no input", expected="a column beside the target")
        if dataset.columns is not None:
            taken = {column for entries in chains.values() for entry in entries for column in entry.columns}
            unused = [str(name) for name in dataset.columns.columns if name not in taken | set(used_elsewhere)]
            if unused and written:  # those of the automatic features have said why
                notes.append(f"columns that nothing uses: {listing(unused, 30)}")
        own = {name: array for name, array in dataset.arrays.items() if name not in used_elsewhere}
        notes += [note(name, array) for name, array in own.items() if isinstance(array, Rows)]
        shapes = {name: tuple(array.shape[1:]) for name, array in own.items()}
        return cls(chains, states, shapes, dict(dataset.scale), tuple(notes))

    def apply(self, dataset: Dataset) -> dict[str, Any]:
        """Every input by name for all rows: float32, or int32 for ids; one column of ids alone is (rows,).

        An array that is streamed stays one.
        """
        inputs = {name: self._columns_input(dataset, name) for name in self.features}
        return inputs | {name: self._array_input(dataset, name) for name in self.arrays}

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Of every input its `shape` (of one row), its `dtype` and, for ids, its `vocabulary_size`."""
        told: dict[str, dict[str, Any]] = {}
        for name, entries in self.features.items():
            last = [states[-1] for states in self.states[name]]
            if gives_ids(entries[0]):
                columns = sum(len(entry.columns) for entry in entries)
                shape: tuple[int, ...] = () if columns == 1 else (columns,)
                size = max(state["vocabulary_size"] for state in last)
                told[name] = {"shape": shape, "dtype": "int32", "vocabulary_size": size}
            else:
                pairs = zip(entries, last, strict=True)
                told[name] = {"shape": (sum(width_of(*pair) for pair in pairs),), "dtype": "float32"}
        return told | {name: {"shape": shape, "dtype": "float32"} for name, shape in self.arrays.items()}

    def save_data(self) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
        """What `load` needs: data for JSON, and arrays by name."""
        import numpy as np

        arrays: dict[str, np.ndarray[Any, Any]] = {}
        inputs: dict[str, Any] = {}
        for name, entries in self.features.items():
            inputs[name] = []
            for number, (entry, states) in enumerate(zip(entries, self.states[name], strict=True)):
                steps = []
                for place, (step, state) in enumerate(zip(entry.steps, states, strict=True)):
                    learned = {key: value for key, value in state.items() if not isinstance(value, np.ndarray)}
                    stored = sorted(set(state) - set(learned))
                    arrays |= {f"{name}/{number}/{place}/{key}": state[key] for key in stored}
                    settings = {key: plain(value) for key, value in step.arguments.items()}
                    steps.append({"name": step.name, "settings": settings, "state": learned, "arrays": stored})
                inputs[name].append({"columns": list(entry.columns), "steps": steps})
        shapes = {name: list(shape) for name, shape in self.arrays.items()}
        return {"format": 1, "inputs": inputs, "arrays": shapes, "scale": dict(self.scale)}, arrays

    @classmethod
    def load(cls, data: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> Preparation:
        """The preparation that `save_data` described."""
        if data.get("format") != 1:
            raise DataError(
                f"the preparation was saved in format {data.get('format')}",
                expected="format 1",
                hint="a newer nnrun wrote it: update nnrun",
            )
        features: dict[str, tuple[Entry, ...]] = {}
        states: dict[str, tuple[tuple[Mapping[str, Any], ...], ...]] = {}
        for name, entries in data["inputs"].items():
            read, learned = [], []
            for number, entry in enumerate(entries):
                steps = [Spec(step["name"], step["settings"], slot="preparations") for step in entry["steps"]]
                read.append(Entry(tuple(entry["columns"]), tuple(steps)))
                learned.append(
                    tuple(
                        step["state"] | {key: arrays[f"{name}/{number}/{place}/{key}"] for key in step["arrays"]}
                        for place, step in enumerate(entry["steps"])
                    )
                )
            features[name], states[name] = tuple(read), tuple(learned)
        shapes = {name: tuple(shape) for name, shape in data["arrays"].items()}
        return cls(features, states, shapes, dict(data["scale"]))

    def _columns_input(self, dataset: Dataset, name: str) -> np.ndarray[Any, Any]:
        import numpy as np

        entries = self.features[name]
        blocks = []
        for entry, states in zip(entries, self.states[name], strict=True):
            values, takes = first_values(dataset, entry)
            for step, state in zip(entry.steps, states, strict=True):
                values, takes = converted(dataset, entry, step, values, takes)
                values = preparation_module(step).apply(values, state)
            blocks.append(values)
        joined = np.concatenate(blocks, axis=1)
        if joined.dtype == np.int32:
            return joined[:, 0] if joined.shape[1] == 1 else joined
        return as_float32(joined, name, dataset)

    def _array_input(self, dataset: Dataset, name: str) -> Any:
        import numpy as np

        if name not in dataset.arrays:
            raise DataError(f"the source has no input {name!r}", expected=listing(sorted(self.arrays)))
        array, shape = dataset.arrays[name], self.arrays[name]
        if array.shape[1:] != shape:
            raise DataError(
                f"a row of the input {name!r} has the shape {array.shape[1:]}",
                expected=f"{shape}, as in the rows that the preparation was learned from",
            )
        if array.dtype.kind not in "buif":
            raise DataError(
                f"the input {name!r} holds {array.dtype}",
                expected="numbers",
                hint="text belongs into a column",
            )
        scale = self.scale.get(name)
        if isinstance(array, Rows):
            prepared = Float32Rows(array, scale)
            if array.dtype.kind == "f":
                refuse_infinite(prepared.chunks(), name, dataset)
            return prepared
        return as_float32(array if scale is None else array * np.float32(scale), name, dataset)
