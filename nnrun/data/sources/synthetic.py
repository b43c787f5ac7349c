"""Tables that are drawn at random, for lessons and tests: most by scikit-learn's makers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import SettingError, listing

if TYPE_CHECKING:
    import numpy as np

# What each of them may be told, with what it is otherwise; a table of two columns has no other width.
_SETTINGS: dict[str, dict[str, float]] = {
    "moons": {"noise": 0.2},
    "circles": {"noise": 0.1},
    "spirals": {"noise": 0.05, "classes": 2},
    "blobs": {"noise": 1.0, "features": 2, "classes": 3},
    "classification": {"features": 20, "classes": 2},
    "regression": {"noise": 10.0, "features": 10},
    "friedman": {"noise": 1.0, "features": 10},
}
_NUMBERS = ("regression", "friedman")  # whose target is a number


def synthetic(
    make: Literal["moons", "circles", "spirals", "blobs", "classification", "regression", "friedman"],
    *,
    rows: int = 1_000,
    noise: float | None = None,
    features: int | None = None,
    classes: int | None = None,
    seed: int = 0,
) -> Dataset:
    """A table with columns `x0`, `x1`, ... and a column `target`: a class or, of regression and friedman, a number.

    Args:
        make: Which: moons, circles and spirals are classes that no straight line parts, of two columns; blobs are
            clouds; classification has useful, repeated and useless columns; regression is a sum of columns; friedman is
            curved in five of its columns.
        rows: The number of rows.
        noise: How far the values are scattered (a standard deviation).
        features: The number of columns.
        classes: The number of classes.
        seed: For the draw.
    """
    import pandas as pd

    told = _told(make, rows, noise, features, classes)
    if make == "spirals":
        x, y = _spirals(rows, int(told["classes"]), told["noise"], seed)
    else:
        from sklearn import datasets

        maker, given = arguments(make, rows, noise, features, classes, seed)
        x, y = getattr(datasets, maker)(**given)
    columns = pd.DataFrame({f"x{number}": x[:, number] for number in range(x.shape[1])})
    columns["target"] = y
    names = () if make in _NUMBERS else tuple(str(number) for number in range(int(told.get("classes", 2))))
    return Dataset(
        size=rows,
        columns=columns,
        classes={"target": names} if names else {},
        description=f"{rows:,} rows of {make}",
        target="target",
    )


def peek(
    make: Literal["moons", "circles", "spirals", "blobs", "classification", "regression", "friedman"],
    *,
    rows: int = 1_000,
    noise: float | None = None,
    features: int | None = None,
    classes: int | None = None,
    seed: int = 0,  # noqa: ARG001
) -> Peek:
    """Everything but the values is known."""
    told = _told(make, rows, noise, features, classes)
    names = (*(f"x{number}" for number in range(int(told.get("features", 2)))), "target")
    num_classes = None if make in _NUMBERS else int(told.get("classes", 2))
    return Peek(columns=names, target="target", num_classes=num_classes, rows=rows)


def _told(make: str, rows: int, noise: float | None, features: int | None, classes: int | None) -> dict[str, float]:
    """The settings with what is not written filled in."""
    known = _SETTINGS[make]
    written = {"noise": noise, "features": features, "classes": classes}
    for name, value in written.items():
        if value is not None and name not in known:
            raise SettingError(f"{make} has no setting {name!r}", expected=f"rows, seed, {listing(list(known))}")
    told = {**known, **{name: value for name, value in written.items() if value is not None}}
    least = {"noise": 0, "features": 5 if make == "friedman" else 4 if make == "classification" else 1, "classes": 2}
    for name, value in told.items():
        if value < least[name]:
            raise SettingError(f"{name} of {make} is {value}", expected=f"{least[name]} or more")
    if rows < int(told.get("classes", 1)):
        raise SettingError(f"{rows} rows of {make}", expected="a row for each class at least")
    return told


def arguments(
    make: str,
    rows: int = 1_000,
    noise: float | None = None,
    features: int | None = None,
    classes: int | None = None,
    seed: int = 0,
) -> tuple[str, dict[str, Any]]:
    """The maker of scikit-learn that draws the rows, and what it is told."""
    told = _told(make, rows, noise, features, classes)
    given: dict[str, Any] = {"n_samples": rows, "random_state": seed}
    if "features" in told:
        given["n_features"] = int(told["features"])
    if make == "blobs":
        return "make_blobs", {**given, "centers": int(told["classes"]), "cluster_std": told["noise"]}
    if make == "classification":
        count, width = int(told["classes"]), given["n_features"]
        useful = min(width, max(2, (count - 1).bit_length() + 1, width // 2))
        shape = {"n_informative": useful, "n_redundant": min(2, width - useful), "n_clusters_per_class": 1}
        return "make_classification", {**given, "n_classes": count, **shape}
    names = {"friedman": "make_friedman1", "circles": "make_circles", "moons": "make_moons"}
    apart = {"factor": 0.5} if make == "circles" else {}
    return names.get(make, f"make_{make}"), {**given, "noise": told["noise"], **apart}


def _spirals(rows: int, classes: int, noise: float, seed: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Arms that wind out of one point, a class each."""
    import numpy as np

    draw = np.random.default_rng(seed)
    arm = np.arange(rows) % classes
    out = np.sqrt(draw.random(rows))
    angle = 2 * np.pi * (1.5 * out + arm / classes)
    x = np.column_stack([out * np.cos(angle), out * np.sin(angle)]) + draw.normal(0, noise, (rows, 2))
    order = draw.permutation(rows)
    return x[order], arm[order]
