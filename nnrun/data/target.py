"""What a model learns to answer: numbers, or classes with their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.categories import as_text, in_order, positions
from nnrun.data.dataset import row_names
from nnrun.data.maps import labels_of, numbers_of
from nnrun.data.transform import Transform
from nnrun.errors import DataError, listing

if TYPE_CHECKING:
    import numpy as np

Kind = Literal["number", "classes"]
MOST_CLASSES = 20  # integers with more distinct values are numbers


@dataclass(frozen=True)
class Target:
    """A target with what the training rows told about it.

    `classes` are the names in the order of their numbers. `labels` are the texts that stand for them in the
    data, which differ from the names where the source stores class numbers. `everywhere` says that every row has an
    array of classes, one for each pixel or step. `transform` are the fitted steps of a target that goes through some.
    """

    name: str
    kind: Kind
    one_hot: bool = False
    classes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    everywhere: bool = False
    transform: Transform | None = None

    def unapply(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Numbers as the loss reads them, in the unit of metrics and predictions."""
        return values if self.transform is None else self.transform.unapply(values)

    @classmethod
    def fit(
        cls,
        name: str,
        values: Any,
        rows: np.ndarray[Any, Any],
        kind: Kind,
        one_hot: bool = False,
        classes: tuple[str, ...] | None = None,
        lines: np.ndarray[Any, Any] | None = None,
        everywhere: bool = False,
    ) -> Target:
        """Read the classes from the training rows.

        Args:
            name: The target's name, for messages.
            values: The target of all rows.
            rows: The numbers of the training rows.
            kind: "number" or "classes".
            one_hot: Give classes as rows of 0 and 1 in place of class numbers.
            classes: The names of the classes where the source knows them, for class numbers 0, 1, ... or for
                text that is one of them.
            lines: The lines of the file that the rows were read from, for messages.
            everywhere: A row has an array of classes, one for each pixel or step.
        """
        import numpy as np

        if kind == "number":
            _numbers(name, _column(values), lines)
            return cls(name, kind)
        if everywhere:
            labels = labels_of(name, np.asarray(values)[rows])
            _refuse_one(name, labels, len(rows))
            known = classes if classes and set(labels) <= {str(number) for number in range(len(classes))} else None
            numbers = labels if known is None else tuple(str(number) for number in range(len(known)))
            return cls(name, kind, classes=known or labels, labels=numbers, everywhere=True)
        texts = _texts(name, values, lines)
        seen = in_order(str(text) for text in texts[rows])
        _refuse_one(name, seen, len(rows))
        if classes is None:
            return cls(name, kind, one_hot, tuple(seen), tuple(seen))
        labels = classes if set(seen) <= set(classes) else tuple(str(number) for number in range(len(classes)))
        strange = np.flatnonzero(positions(texts, labels) < 0)
        if len(strange):
            raise DataError(
                f"the target {name!r} holds {texts[strange[0]]!r} in {row_names(strange, lines)}",
                expected=f"one of its {len(classes)} classes: {listing(labels)}",
            )
        return cls(name, kind, one_hot, tuple(classes), tuple(labels))

    def apply(self, values: Any, lines: np.ndarray[Any, Any] | None = None) -> np.ndarray[Any, Any]:
        """Class numbers int32 (rows,), one-hot float32 (rows, classes), or numbers float32 (rows, width).

        Class numbers that are arrays keep their shape, in as few bytes as hold them.
        """
        import numpy as np

        if self.kind == "number":
            return _numbers(self.name, _column(values), lines)
        if self.everywhere:
            return numbers_of(self.name, np.asarray(values), self.labels)
        texts = _texts(self.name, values, lines)
        numbers = positions(texts, self.labels)
        unseen = np.flatnonzero(numbers < 0)
        if len(unseen):
            raise DataError(
                f"the target {self.name!r} holds the class {texts[unseen[0]]!r} in "
                f"{row_names(unseen, lines)}, and no training row has it",
                expected=f"one of {listing(self.labels)}",
                hint="mend a misspelt label, take these rows out, or split stratified",
            )
        if self.one_hot:
            rows: np.ndarray[Any, Any] = np.eye(len(self.classes), dtype=np.float32)[numbers]
            return rows
        return numbers.astype(np.int32)

    @property
    def num_classes(self) -> int | None:
        """How many classes; None for numbers."""
        return len(self.classes) or None

    def save_data(self) -> dict[str, Any]:
        """What `load` needs, for JSON."""
        return {
            "name": self.name,
            "kind": self.kind,
            "one_hot": self.one_hot,
            "classes": list(self.classes),
            "labels": list(self.labels),
            **({"everywhere": True} if self.everywhere else {}),
            **({"transform": self.transform.save_data()} if self.transform is not None else {}),
        }

    @classmethod
    def load(cls, data: Mapping[str, Any]) -> Target:
        """The target that `save_data` described."""
        lists = {"classes": tuple(data["classes"]), "labels": tuple(data["labels"])}
        transform = Transform.load(data["transform"]) if "transform" in data else None
        everywhere = data.get("everywhere", False)
        return cls(data["name"], data["kind"], data["one_hot"], **lists, everywhere=everywhere, transform=transform)


def kind_of(values: Any, name: str) -> tuple[Kind, str]:
    """Whether a target is a number or classes, and why, in words."""
    import numpy as np

    array = _column(values)
    if array.ndim > 1:
        return "number", f"{name} has {array.shape[1]} values in every row"
    if array.dtype.kind in "OUS":
        import pandas as pd

        present = array[~pd.isna(array)]
        if not all(isinstance(value, int | float | np.number) for value in present):
            return "classes", f"{name} holds text"
        array = present.astype(np.float64)
    if array.dtype.kind == "b":
        return "classes", f"{name} is true or false"
    present = array[~np.isnan(array)] if array.dtype.kind == "f" else array
    distinct = np.unique(present)
    if (distinct != np.floor(distinct)).any():
        return "number", f"{name} holds fractions"
    few = len(distinct) <= MOST_CLASSES
    if few and len(distinct) > 1 and np.array_equal(distinct, np.arange(len(distinct))):
        return "classes", f"{name} holds the integers 0 to {len(distinct) - 1}"
    if few and len(distinct) <= 0.05 * len(present):
        return "classes", f"{name} holds {len(distinct)} distinct integers in {len(present):,} rows"
    return "number", f"{name} holds {len(distinct):,} distinct integers in {len(present):,} rows"


def _column(values: Any) -> np.ndarray[Any, Any]:
    """The values as an array, one of a single column as (rows,)."""
    import numpy as np

    array = np.asarray(values)
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _texts(name: str, values: Any, lines: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    import numpy as np

    array = _column(values)
    if array.ndim != 1:
        raise DataError(
            f"the target {name!r} has {array.shape[1]} values in every row, so they are no class numbers",
            expected="one class for every row",
            hint="store class numbers in place of one-hot rows",
        )
    texts = as_text(array)
    _refuse_blanks(name, np.flatnonzero(np.array([text is None for text in texts])), lines)
    return texts


def _numbers(name: str, values: np.ndarray[Any, Any], lines: np.ndarray[Any, Any] | None) -> np.ndarray[Any, Any]:
    import numpy as np
    import pandas as pd

    flat = values.reshape(len(values), -1)
    if flat.dtype.kind in "OUS":
        numbers = pd.to_numeric(pd.Series(flat.ravel()), errors="coerce").to_numpy(dtype=np.float64)
        texts = np.flatnonzero(np.isnan(numbers) & ~pd.isna(flat.ravel()))
        if len(texts):
            rows, text = texts // flat.shape[1], str(flat.ravel()[texts[0]])
            raise DataError(
                f"the target {name!r} holds the text {text!r} in {row_names(rows, lines)}",
                expected="numbers",
                hint="for classes choose a classification task; name texts that mean a blank in `na_values`",
            )
        flat = numbers.reshape(flat.shape)
    flat = flat.astype(np.float64)
    _refuse_blanks(name, np.unique(np.nonzero(np.isnan(flat))[0]), lines)
    endless = np.unique(np.nonzero(np.isinf(flat))[0])
    if len(endless):
        raise DataError(f"the target {name!r} is infinite in {row_names(endless, lines)}", expected="finite numbers")
    if values.ndim > 2:
        flat = flat.reshape(values.shape)
    return flat.astype(np.float32)


def _refuse_one(name: str, seen: Sequence[str], rows: int) -> None:
    if len(seen) < 2:
        raise DataError(
            f"the target {name!r} has one class only in the {rows:,} training rows: {listing(seen)}",
            expected="at least two classes",
            hint="is the file sorted, or the part too small? look at `data.split`",
        )


def _refuse_blanks(name: str, rows: np.ndarray[Any, Any], lines: np.ndarray[Any, Any] | None) -> None:
    if len(rows):
        raise DataError(
            f"the target {name!r} is blank in {row_names(rows, lines)}",
            expected="an answer in every row",
            hint="take these rows out of the file, or fill them in",
        )
