"""The small data sets that scikit-learn carries, read from its folder without importing it."""

from __future__ import annotations

import gzip
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import MissingError, SettingError, did_you_mean, listing

_CELLS = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
)
_MEASURES = (*_CELLS, "symmetry", "fractal dimension")


@dataclass(frozen=True)
class _Table:
    """Rows, the names of the columns without the target, and the names of the classes."""

    rows: int
    columns: tuple[str, ...]
    classes: tuple[str, ...] = ()


DIGITS_ROWS = 1797
TABLES = {
    "iris": _Table(
        150,
        ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        ("setosa", "versicolor", "virginica"),
    ),
    "wine": _Table(
        178,
        (
            *(
                "alcohol",
                "malic_acid",
                "ash",
                "alcalinity_of_ash",
                "magnesium",
                "total_phenols",
                "flavanoids",
            ),
            *("nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue"),
            *("od280/od315_of_diluted_wines", "proline"),
        ),
        ("class_0", "class_1", "class_2"),
    ),
    "breast_cancer": _Table(
        569,
        (
            *(f"mean {measure}" for measure in _MEASURES),
            *(f"{measure} error" for measure in _MEASURES),
            *(f"worst {measure}" for measure in _MEASURES),
        ),
        ("malignant", "benign"),
    ),
    "diabetes": _Table(442, ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")),
}


def sklearn(name: str) -> Dataset:
    """digits (8x8 pictures), iris, wine, breast_cancer (classes) or diabetes (a number); no download.

    The target's column is `target`, classes as text; the values are those of `sklearn.datasets.load_*`.

    Args:
        name: Which data set.
    """
    _known(name)
    if name == "digits":
        return _digits()
    return _diabetes() if name == "diabetes" else _classes(name)


def peek(name: str) -> Peek:
    """Everything but the values is known."""
    _known(name)
    if name == "digits":
        return Peek(arrays={"image": (8, 8, 1)}, target="label", num_classes=10, rows=DIGITS_ROWS)
    table = TABLES[name]
    return Peek(
        columns=(*table.columns, "target"),
        target="target",
        num_classes=len(table.classes) or None,
        rows=table.rows,
    )


def _known(name: str) -> None:
    known = sorted(("digits", *TABLES))
    if name not in known:
        raise SettingError(
            f"scikit-learn carries no data set {name!r} that nnrun reads",
            expected=f"one of {listing(known)}",
            hint=did_you_mean(name, known),
        )


def _file(name: str) -> Path:
    found = importlib.util.find_spec("sklearn")  # a top-level name is found without running the package
    for folder in (found and found.submodule_search_locations) or ():
        path = Path(folder) / "datasets" / "data" / name
        if path.is_file():
            return path
    raise MissingError(
        f"scikit-learn's file {name} is not installed", hint="install it with `pip install scikit-learn`"
    )


def _digits() -> Dataset:
    import numpy as np

    path = _file("digits.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        values = np.loadtxt(stream, delimiter=",")
    return Dataset(
        size=len(values),
        arrays={"image": values[:, :-1].reshape(-1, 8, 8, 1)},
        targets={"label": values[:, -1].astype(np.int64)},
        classes={"label": tuple("0123456789")},
        scale={"image": 1 / 16},
        files=(path,),
        description="scikit-learn's digits",
        target="label",
    )


def _classes(name: str) -> Dataset:
    import numpy as np
    import pandas as pd

    path = _file({"wine": "wine_data.csv"}.get(name, f"{name}.csv"))
    with path.open(encoding="utf-8") as stream:
        classes = tuple(next(stream).strip().split(",")[2:])
        values = np.loadtxt(stream, delimiter=",")
    columns = pd.DataFrame(values[:, :-1], columns=list(TABLES[name].columns))
    columns["target"] = np.array(classes, dtype=object)[values[:, -1].astype(np.int64)]
    return Dataset(
        size=len(columns),
        columns=columns,
        classes={"target": classes},
        files=(path,),
        description=f"scikit-learn's {name}",
        target="target",
    )


def _diabetes() -> Dataset:
    import numpy as np
    import pandas as pd

    paths = _file("diabetes_data_raw.csv.gz"), _file("diabetes_target.csv.gz")
    arrays = []
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            arrays.append(np.loadtxt(stream))
    values, target = arrays
    # As load_diabetes gives it: every column with mean 0 and length 1.
    values = (values - values.mean(axis=0)) / values.std(axis=0) / len(values) ** 0.5
    columns = pd.DataFrame(values, columns=list(TABLES["diabetes"].columns))
    columns["target"] = target
    return Dataset(
        size=len(columns),
        columns=columns,
        files=paths,
        description="scikit-learn's diabetes",
        target="target",
    )
