"""A target that goes through preparations before the loss reads it, and back again for what a person reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nnrun.config.config import Entry, TargetSpec
from nnrun.config.spec import Spec, plain
from nnrun.data.dataset import Dataset
from nnrun.data.features import check_features, gives, preparation_module, result
from nnrun.data.fitting import fit_steps, refuse_columns
from nnrun.data.rows import ChosenRows, Rows, in_memory
from nnrun.data.steps import as_float32, first_values, through
from nnrun.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Transform:
    """The fitted steps of a target; `unit` is that of what they give, where it has a name."""

    entry: Entry
    states: tuple[Mapping[str, Any], ...]
    unit: str | None = None

    @classmethod
    def fit(cls, dataset: Dataset, rows: Array, spec: TargetSpec) -> Transform:
        """Learned from the training rows, and from nothing else."""
        entry = Entry(spec.columns, spec.steps, dict.fromkeys(spec.columns, spec.where))
        rows = dataset.records(rows)
        refuse_columns(dataset, rows, entry)
        values, has = first_values(dataset, entry)
        learned = ChosenRows(values, rows) if isinstance(values, Rows) else values[rows]
        states, _ = fit_steps(dataset, entry, learned, has, rows)
        return cls(entry, tuple(states), spec.unit)

    def apply(self, dataset: Dataset) -> Array:
        """What the loss reads, for every row: (rows,) of one number, else (rows, ...); tokens are int32."""
        import numpy as np

        array = in_memory(through(dataset, self.entry, self.states))
        if array.dtype != np.int32:
            array = as_float32(array, self.entry.columns[0], dataset)
        shaped = any("shape" in state for state in self.states)
        if array.ndim == 2 and array.shape[1] == 1 and not shaped and result(self.entry) != "array":
            array = array[:, 0]
        return array if dataset.windows is None else dataset.windows.targets(array)

    def unapply(self, values: Array) -> Array:
        """Values of the loss in the unit of metrics and predictions: the column's own, unless `unit` names another."""
        import numpy as np

        if not self.undone:
            return values
        found = self._by_column(values)
        for step, state in zip(reversed(self.entry.steps), reversed(self.states), strict=True):
            found = preparation_module(step).unapply(found.astype(np.float64), state)
        return np.asarray(found, dtype=np.float32).reshape(values.shape)

    def mean(self, values: Array) -> Array:
        """The mean of values of the loss, taken in the unit of metrics and given in that of the loss: (1, ...)."""
        import numpy as np

        own = np.asarray(np.mean(self.unapply(values), axis=0, keepdims=True, dtype=np.float64))
        found = self._by_column(own)
        for step, state in zip(self.entry.steps, self.states, strict=True):
            found = preparation_module(step).apply(found, state)
        return np.asarray(found, dtype=np.float32).reshape(own.shape)

    def _by_column(self, values: Array) -> Array:
        """Values as the steps take them; windows bring axes of their own, and a single column has none."""
        return values.reshape(-1, len(self.entry.columns))

    @property
    def inverts(self) -> bool:
        """Whether every step can be undone, so that metrics can be in the column's own unit."""
        return all(hasattr(preparation_module(step), "unapply") for step in self.entry.steps)

    @property
    def undone(self) -> bool:
        """Whether metrics and predictions are in another unit than the loss."""
        return self.unit is None and self.inverts

    @property
    def facts(self) -> dict[str, Any]:
        """What `$data.target...` refers to."""
        return {key: self.states[-1][key] for key in ("vocabulary_size", "length") if key in self.states[-1]}

    @property
    def told(self) -> str:
        """The unit of what the loss reads, in words: normalize(log(price))."""
        text = ", ".join(self.entry.columns)
        for step in self.entry.steps:
            text = f"{step.name}({text})"
        return text

    def save_data(self) -> dict[str, Any]:
        """What `load` needs, for JSON."""
        import numpy as np

        def told(value: Any) -> Any:
            return value.tolist() if isinstance(value, np.ndarray) else plain(value)

        steps = [
            {
                "name": step.name,
                "settings": {key: told(value) for key, value in step.arguments.items()},
                "state": {key: told(value) for key, value in state.items()},
                "arrays": [key for key, value in state.items() if isinstance(value, np.ndarray)],
            }
            for step, state in zip(self.entry.steps, self.states, strict=True)
        ]
        return {"columns": list(self.entry.columns), "steps": steps, "unit": self.unit}

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Transform:
        """The transform that `save_data` described."""
        import numpy as np

        steps = tuple(Spec(step["name"], step["settings"], slot="preparations") for step in data["steps"])
        states = tuple(
            {key: np.asarray(value) if key in step["arrays"] else value for key, value in step["state"].items()}
            for step in data["steps"]
        )
        return cls(Entry(tuple(data["columns"]), steps), states, data["unit"])


def check_transform(spec: TargetSpec) -> None:
    """Refuse steps that give no target, or one whose numbers nobody could read."""
    if not spec.steps:
        return
    entry = Entry(spec.columns, spec.steps, dict.fromkeys(spec.columns, spec.where))
    check_features({str(spec.name): (entry,)})
    for step in spec.steps:
        if step.name == "impute" and not isinstance(step.arguments.get("value", "median"), int | float):
            raise DataError(
                f"blanks of the target {spec.name!r} would be filled with a guess, and held-out rows scored against it",
                where=spec.where,
                expected="`{impute: {value: 0}}`, where a blank means a number",
                hint="or leave these rows out: `on_bad: skip`",
            )
    lost = [step.name for step in spec.steps if not hasattr(preparation_module(step), "unapply")]
    kept = all(gives(step) == "same" for step in spec.steps)  # numbers, in another unit
    if lost and result(entry) == "numbers" and not (kept and spec.unit is not None):
        raise DataError(
            f"the target {spec.name!r} goes through steps that cannot be undone: {', '.join(lost)}",
            where=spec.where,
            expected="normalize, min_max, rescale, log; for classes `{one_hot: column}`",
            hint="with a `unit` of its own nothing is undone: `unit: metres, at most 10`" if kept else "",
        )
