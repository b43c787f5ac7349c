"""The public data sets of `keras.datasets`, from Keras' cache or, where allowed, from the network."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import DataError, MissingError, SettingError, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np

Array = Any  # an array of NumPy
Parts = tuple[tuple[Array, Array], tuple[Array, Array]]  # (x_train, y_train), (x_test, y_test)


@dataclass(frozen=True)
class _Known:
    """The shape of a row, the files in the cache, and the number of classes (0: a number)."""

    shape: tuple[int, ...]
    files: tuple[str, ...]
    num_classes: int = 0
    rows: int | None = None


_FASHION = tuple(
    f"fashion-mnist/{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")
)
KNOWN = {
    "mnist": _Known((28, 28, 1), ("mnist.npz",), 10, 70_000),
    "fashion_mnist": _Known((28, 28, 1), _FASHION, 10, 70_000),
    "cifar10": _Known((32, 32, 3), (), 10, 60_000),
    "cifar100": _Known((32, 32, 3), (), 100, 60_000),
    "california_housing": _Known((8,), ("california_housing.npz",), 0, 20_640),
    "boston_housing": _Known((13,), ("boston_housing.npz",), 0, 506),
}
FASHION_CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
CIFAR10_CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
CLASSES = {
    "mnist": tuple("0123456789"),
    "fashion_mnist": FASHION_CLASSES,
    "cifar10": CIFAR10_CLASSES,
    "cifar100": tuple(str(number) for number in range(100)),
}


def keras(name: str, *, parts: bool = True) -> Dataset:
    """mnist, fashion_mnist, cifar10, cifar100 (pictures), california_housing or boston_housing (a number).

    Pictures are `image`, scaled to 0..1, with the target `label`; the housing tables have columns x0, x1, ...
    and the target `price`. Each brings its own test part.

    Args:
        name: Which data set.
        parts: With false the rows of its test part are rows like all others.
    """
    files = _cached(name)
    if not files:
        raise MissingError(
            f"the data set {name} is not in Keras' cache {_cache()}"
            if KNOWN[name].files
            else f"the data set {name} is stored as pickles, which only Keras' own loader opens",
            expected=", ".join(KNOWN[name].files) or "leave to call Keras' loader, which may use the network",
            hint="run the command again with `--allow-download`",
        )
    return _dataset(name, _read(name, files), files, with_parts=parts)


def fetch(name: str, *, parts: bool = True, download: Callable[[str], Parts]) -> Dataset:
    """The same, where Keras may download: `download(name)` is `keras.datasets.<name>.load_data()`."""
    if _cached(name):
        return keras(name, parts=parts)
    return _dataset(name, download(name), (), with_parts=parts)


def peek(name: str, *, parts: bool = True) -> Peek:
    """Everything but the values is known."""
    cached, given = _cached(name), ("test",) if parts else ()
    known = KNOWN[name]
    lacking = () if cached else known.files or (f"keras.datasets.{name}",)
    if not known.num_classes:
        columns = (*(f"x{number}" for number in range(known.shape[0])), "price")
        return Peek(columns=columns, target="price", rows=known.rows, parts=given, missing=lacking)
    return Peek(
        arrays={"image": known.shape},
        target="label",
        num_classes=known.num_classes,
        rows=known.rows,
        parts=given,
        missing=lacking,
    )


def _cache() -> Path:
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets"


def _cached(name: str) -> tuple[Path, ...]:
    """The files of a data set in the cache; none where one is lacking or where they are pickles."""
    if name not in KNOWN:
        raise SettingError(
            f"keras.datasets has no {name!r} that nnrun reads",
            expected=f"one of {listing(sorted(KNOWN))}",
            hint=did_you_mean(name, KNOWN),
        )
    files = tuple(_cache() / file for file in KNOWN[name].files)
    return files if all(file.is_file() for file in files) else ()


def _read(name: str, files: tuple[Path, ...]) -> Parts:
    if name == "fashion_mnist":
        from nnrun.data.stored import idx_rows

        images, labels, test_images, test_labels = (idx_rows(file).read() for file in files)
        return (images, labels), (test_images, test_labels)
    from nnrun.data.sources.npz import read_arrays

    stored = read_arrays(files[0])
    wanted = ("x_train", "y_train", "x_test", "y_test") if name == "mnist" else ("x", "y")
    lacking = [key for key in wanted if key not in stored]
    if lacking:
        raise DataError(
            f"{files[0]} holds no array {lacking[0]!r}",
            expected=f"Keras' file with {', '.join(wanted)}",
            hint="delete it and run again with `--allow-download`",
        )
    if name == "mnist":
        return (stored["x_train"], stored["y_train"]), (stored["x_test"], stored["y_test"])
    return _housing_parts(stored["x"], stored["y"])


def _housing_parts(x: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> Parts:
    """Keras' own order and test part: shuffled with seed 113, the last fifth is the test."""
    import numpy as np

    order = np.arange(len(x))
    np.random.RandomState(113).shuffle(order)
    cut = int(len(x) * (1 - 0.2))
    x, y = x[order], y[order]
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])


def _dataset(name: str, parts: Parts, files: tuple[Path, ...], *, with_parts: bool) -> Dataset:
    import numpy as np
    import pandas as pd

    (x_train, y_train), (x_test, y_test) = parts
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test]).reshape(-1)
    test = {"test": np.arange(len(x_train), len(x), dtype=np.int64)} if with_parts else {}
    description = f"keras.datasets.{name}"
    if not KNOWN[name].num_classes:
        columns = pd.DataFrame(x, columns=[f"x{number}" for number in range(x.shape[1])])
        columns["price"] = y
        return Dataset(size=len(x), columns=columns, parts=test, files=files, description=description, target="price")
    return Dataset(
        size=len(x),
        arrays={"image": x if x.ndim == 4 else x[..., None]},
        targets={"label": y},
        classes={"label": CLASSES[name]},
        scale={"image": 1 / 255},
        parts=test,
        files=files,
        description=description,
        target="label",
    )
