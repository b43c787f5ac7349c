"""From raw columns to the arrays of a model: fitted on training rows, applied to all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry, Features
from nnrun.config.spec import Spec, plain
from nnrun.data.dataset import Dataset
from nnrun.data.features import check_features, column_by_column, gives_ids, takes, with_others
from nnrun.data.file_table import is_filed, piecewise
from nnrun.data.fitting import automatic, filling_step, fit_entry
from nnrun.data.rows import FileRows, Float32Rows, Rows, StepRows
from nnrun.data.steps import as_float32, refuse_infinite, through, width_of
from nnrun.data.streaming import held, note
from nnrun.data.vectors import WordVectors
from nnrun.data.windows import WindowRows
from nnrun.errors import DataError, listing
from nnrun.storage.columns import ColumnFiles

if TYPE_CHECKING:
    import numpy as np

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Preparation:
    """The fitted steps of every input.

    `states` has a mapping for each step of each entry, `shapes` the shape of a row of each entry.
    `length` is that of the windows that the rows are, where they are windows. Inputs that are `shifted` are without
    their last step, which is the last one of a target that is what follows.
    """

    features: Features
    states: Mapping[str, tuple[tuple[Mapping[str, Any], ...], ...]]
    arrays: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # shape of a row
    scale: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = field(default=(), compare=False)
    shapes: Mapping[str, tuple[Shape, ...]] = field(default_factory=dict)  # of every entry of an input
    length: int | None = None
    shifted: frozenset[str] = frozenset()

    @classmethod
    def fit(
        cls,
        dataset: Dataset,
        rows: np.ndarray[Any, Any],
        features: Features | None = None,
        missing: str | Mapping[str, Any] = "median",
        used_elsewhere: Set[str] = frozenset(),
        shifted: Set[str] = frozenset(),
    ) -> Preparation:
        """Learn every mean, vocabulary and filling from `rows` (the training rows) and from nothing else.

        Args:
            dataset: All rows.
            rows: The numbers of the training rows.
            features: The entries of every input; None chooses: numbers normalized, short text one-hot.
            missing: For blanks in numbers: "median", "mean", "error" or {"value": number}.
            used_elsewhere: Columns that are targets, groups or weights, which no input may hold.
            shifted: Inputs whose following step is a target.
        """
        if not len(rows):
            raise DataError("there are no training rows to learn the preparation from", expected="at least one row")
        notes: list[str] = []
        written, rows = features is not None, dataset.records(rows)
        if features is None:
            features, notes = automatic(dataset, rows, used_elsewhere)
        columns = [] if dataset.columns is None else [str(name) for name in dataset.columns.columns]
        features = with_others(features, columns, used_elsewhere)
        if is_filed(dataset):
            features = column_by_column(features)  # so that no more than a column is in memory at once
        check_features(features, dataset.arrays)
        consumed = {column for entries in features.values() for entry in entries for column in entry.columns}
        own = {name: array for name, array in dataset.arrays.items() if name not in consumed | set(used_elsewhere)}
        both = sorted(set(features) & set(own))
        if both:
            raise DataError(
                f"the input {both[0]!r} is an array of the source and an input of `features`",
                expected="a name of its own for every input",
            )
        filling = filling_step(missing)
        fitted = {
            name: [fit_entry(dataset, rows, entry, filling, used_elsewhere, notes) for entry in entries]
            for name, entries in features.items()
        }
        if not fitted and not own:
            raise DataError("the source gives no input", expected="a column beside the target")
        unused = [name for name in columns if name not in consumed | set(used_elsewhere)]
        if unused and written:  # those of the automatic features have said why
            notes.append(f"columns that nothing uses: {listing(unused, 30)}")
        notes += [note(name, array) for name, array in own.items() if isinstance(array, Rows)]
        return cls(
            {name: tuple(one.entry for one in entries) for name, entries in fitted.items()},
            {name: tuple(one.states for one in entries) for name, entries in fitted.items()},
            {name: tuple(array.shape[1:]) for name, array in own.items()},
            dict(dataset.scale),
            tuple(notes),
            {name: tuple(one.shape for one in entries) for name, entries in fitted.items()},
            None if dataset.windows is None else dataset.windows.length,
            frozenset(shifted),
        )

    def apply(self, dataset: Dataset, stream: bool | None = None) -> dict[str, Any]:
        """Every input by name for all rows: float32, or int32 for ids; one column of ids alone is (rows,).

        An array that is streamed stays one; `stream` says whether what is made of files is.
        """
        inputs = {name: self._columns_input(dataset, name, stream) for name in self.features}
        inputs |= {name: self._array_input(dataset, name) for name in self.arrays}
        return inputs | {name: _steps(inputs[name], slice(None, -1)) for name in self.shifted}

    def following(self, dataset: Dataset, name: str) -> np.ndarray[Any, Any]:
        """What follows each step of a shifted input: the same input without its first step."""
        import numpy as np

        return np.asarray(self._whole(dataset, name, stream=False)[:, 1:])

    def _whole(self, dataset: Dataset, name: str, stream: bool | None = None) -> Any:
        """One input for all rows, with all its steps."""
        return self._columns_input(dataset, name, stream) if name in self.features else self._array_input(dataset, name)

    @property
    def facts(self) -> dict[str, dict[str, Any]]:
        """Of every input its `shape` (of one row), its `dtype` and, for ids, its `vocabulary_size`."""
        told: dict[str, dict[str, Any]] = {}
        for name, entries in self.features.items():
            last = [states[-1] for states in self.states[name]]
            shapes = self.shapes.get(name) or tuple(
                (width_of(entry, state),) for entry, state in zip(entries, last, strict=True)
            )
            shape = shapes[0] if len(shapes) == 1 else (sum(own[0] for own in shapes),)
            vocabulary = [
                state["vocabulary_size"]
                for states in self.states[name]
                for state in states
                if "vocabulary_size" in state
            ]
            known: dict[str, Any] = {"vocabulary_size": max(vocabulary)} if vocabulary else {}
            vectors = [state["vectors"] for states in self.states[name] for state in states if "vectors" in state]
            known |= {"vectors": WordVectors(vectors[0])} if vectors else {}
            ids = gives_ids(entries[0])
            if ids and shape == (1,) and "shape" not in last[-1]:
                shape = ()
            told[name] = {"shape": self._windowed(shape), "dtype": "int32" if ids else "float32", **known}
        told |= {name: {"shape": shape, "dtype": "float32"} for name, shape in self.arrays.items()}
        for name in self.shifted:
            shape = told[name]["shape"]
            told[name]["shape"] = (shape[0] - 1, *shape[1:])
        return told

    def _windowed(self, shape: Shape) -> Shape:
        return shape if self.length is None else (self.length, *shape)

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
                shape = self.shapes.get(name)
                known = {"shape": list(shape[number])} if shape else {}
                inputs[name].append({"columns": list(entry.columns), "steps": steps, **known})
        shapes = {name: list(shape) for name, shape in self.arrays.items()}
        more: dict[str, Any] = {"length": self.length} if self.length is not None else {}
        more |= {"shifted": sorted(self.shifted)} if self.shifted else {}
        return {"format": 1, "inputs": inputs, "arrays": shapes, "scale": dict(self.scale), **more}, arrays

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
        fitted = {
            name: tuple(tuple(entry["shape"]) for entry in entries if "shape" in entry)
            for name, entries in data["inputs"].items()
        }
        return cls(
            features,
            states,
            {name: tuple(shape) for name, shape in data["arrays"].items()},
            dict(data["scale"]),
            shapes={name: shapes for name, shapes in fitted.items() if shapes},
            length=data.get("length"),
            shifted=frozenset(data.get("shifted", ())),
        )

    def _columns_input(self, dataset: Dataset, name: str, stream: bool | None) -> Any:
        import numpy as np

        entries = self.features[name]
        if is_filed(dataset) and dataset.windows is None and takes(entries[0].steps[0]) != "files":
            return self._filed_input(dataset, name)
        blocks = [through(dataset, *pair) for pair in zip(entries, self.states[name], strict=True)]
        joined = blocks[0] if len(blocks) == 1 else np.concatenate(blocks, axis=1)
        if isinstance(joined, Rows):
            key = (name, repr(entries), _exact(self.states[name]))
            if key not in dataset.opened:  # decoded once for all folds
                dataset.opened[key] = held(joined, stream)
            joined = dataset.opened[key]
            if isinstance(joined, Rows):
                return joined
        if joined.dtype == np.int32:
            scalar = joined.shape[1:] == (1,) and "shape" not in self.states[name][-1][-1]
            return self._in_windows(dataset, joined[:, 0] if scalar else joined, stream)
        return self._in_windows(dataset, as_float32(joined, name, dataset), stream)

    def _filed_input(self, dataset: Dataset, name: str) -> Rows:
        """An input of a table in files, prepared once and put into a file itself, row by row."""
        files = ColumnFiles()
        values: Any = None
        for _, piece in piecewise(dataset):
            values = self._columns_input(piece, name, stream=False)
            files.append(0, values)
        rows = FileRows(files.path(0), 0, (dataset.size, *values.shape[1:]), values.dtype)
        rows.held = files
        return rows

    def _in_windows(self, dataset: Dataset, values: np.ndarray[Any, Any], stream: bool | None) -> Any:
        return values if dataset.windows is None else held(WindowRows(values, dataset.windows), stream)

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


def _exact(states: Sequence[Sequence[Mapping[str, Any]]]) -> str:
    """What was fitted, to the bit: NumPy shows numbers shortened, and long arrays in part."""
    import numpy as np

    def exact(value: Any) -> Any:
        return value.tobytes() if isinstance(value, np.ndarray) else value

    return repr([[{key: exact(value) for key, value in state.items()} for state in entry] for entry in states])


def _steps(array: Any, steps: slice) -> Any:
    return StepRows(array, steps) if isinstance(array, Rows) else array[:, steps]
