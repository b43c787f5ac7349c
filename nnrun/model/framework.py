"""The only door to Keras and TensorFlow: how they are imported, and everything that leans on a version's edge."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from nnrun.errors import MissingError

# `import keras` imports these inside `try: ... except ImportError`, only to recognise their objects as data.
# nnrun hands numpy arrays to Keras, and imports what it needs of them itself, later.
_OPTIONAL = ("sklearn", "matplotlib", "pandas", "scipy")

_settings = {"lean": False, "loud": False}


def configure(*, lean: bool = False, loud: bool = False) -> None:
    """Called by the command line, which owns its process: `lean` import, and `loud` start-up messages."""
    _settings.update(lean=lean, loud=loud)


@cache
def keras() -> Any:
    """Keras on TensorFlow, imported once, with `~/.keras/keras.json` set aside."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _quiet(), _without(_OPTIONAL) if _settings["lean"] else contextlib.nullcontext():
        try:
            module = import_module("keras")
            backend = import_module("tensorflow")
            backend.config.list_physical_devices()  # the drivers speak up here, once
        except ImportError as error:
            raise MissingError(
                f"Keras cannot be imported: {error}", hint="install nnrun again in a clean environment"
            ) from error
    if not _settings["loud"]:
        backend.get_logger().setLevel("ERROR")  # five folds are five traces, which it takes for a mistake
    module.config.set_floatx("float32")
    module.config.set_image_data_format("channels_last")
    module.config.set_epsilon(1e-7)
    return module


@cache
def tensorflow() -> Any:
    """TensorFlow, after Keras has loaded it."""
    keras()
    return import_module("tensorflow")


class _Unimportable:
    """A finder that refuses some packages."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)

    def find_spec(self, fullname: str, path: Any = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self.names:
            raise ImportError(f"{fullname} is set aside while Keras is imported")
        return None


@contextlib.contextmanager
def _without(names: Sequence[str]) -> Iterator[None]:
    """Makes packages unimportable for a moment; one that is loaded already stays as it is."""
    finder = _Unimportable([name for name in names if name not in sys.modules])
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Holds back what TensorFlow's C++ prints at import; it is shown when the import fails."""
    if _settings["loud"]:
        yield
        return
    try:
        stderr = os.dup(2)
    except OSError:
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(stderr, 2)
            held.seek(0)
            os.write(2, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)


def start(seed: int, threads: int | None = None) -> None:
    """A clean session: Keras' global state cleared and every generator seeded."""
    keras().utils.clear_session(free_memory=False)
    keras().utils.set_random_seed(seed)
    if threads is not None:
        with contextlib.suppress(RuntimeError):  # the threads of a process are fixed once it has computed
            tensorflow().config.threading.set_intra_op_parallelism_threads(threads)


def smoke(on: bool) -> None:
    """Keras' own switches for a rehearsal: two steps an epoch, two epochs."""
    if on:  # Keras warns of each cut, and of a part with fewer steps: both are as asked for
        warnings.filterwarnings("ignore", message="Limiting|Your input ran out of data", category=UserWarning)
    keras().config.set_max_epochs(2 if on else None)
    keras().config.set_max_steps_per_epoch(2 if on else None)


def is_smoke() -> bool:
    """Whether the rehearsal is on, which counts single steps."""
    return keras().config.max_steps_per_epoch() is not None


def at_most_epochs(epochs: int) -> int:
    """The epochs that Keras will run, fewer in a rehearsal."""
    return min(epochs, keras().config.max_epochs() or epochs)


def make_variables(model: Any, batch: Any) -> None:
    """Creates the variables of metrics and optimizer, which Keras would make at the first step, inside our loop."""
    symbols = tensorflow().nest.map_structure(lambda tensor: tensor[:1], batch)
    model._symbolic_build(data_batch=symbols)


def values_in_force() -> dict[str, Any]:
    """What keras.json could have changed, for the record."""
    config = keras().config
    return {
        "backend": config.backend(),
        "floatx": config.floatx(),
        "image_data_format": config.image_data_format(),
        "epsilon": config.epsilon(),
        "dtype_policy": config.dtype_policy().name,
    }


def device() -> str:
    """The device that computes, as a person would call it."""
    gpus = tensorflow().config.list_physical_devices("GPU")
    return f"{len(gpus)} GPU" if gpus else "CPU"


def penalty(model: Any, x: Any, batch_size: int = 256) -> float:
    """The model's regularization losses: of its weights, and where activities are punished, of those on `x` by rows."""
    if not any(getattr(layer, "activity_regularizer", None) for layer in model._flatten_layers()):
        return float(sum(float(loss) for loss in model.losses))
    tree = keras().tree
    rows = len(tree.flatten(x)[0])
    total = 0.0
    for start in range(0, rows, batch_size):
        batch = tree.map_structure(lambda array, start=start: array[start : start + batch_size], x)
        model(batch, training=False)  # Keras divides an activity's loss by the rows of the batch
        total += sum(float(loss) for loss in model.losses) * min(batch_size, rows - start)
    return total / rows


def learning_rate(model: Any) -> float:
    """The rate at the optimizer's present step."""
    return float(f"{float(model.optimizer.learning_rate):.7g}")  # Keras holds it as float32


def metric_by_text(name: str, truth_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> Any:
    """The metric that `Model.compile` chooses for a text: `accuracy` depends on the shapes."""
    metrics = keras().metrics
    if name.lower() in ("accuracy", "acc"):
        if output_shape[-1] == 1:
            return metrics.BinaryAccuracy(name=name)
        if truth_shape == output_shape:
            return metrics.CategoricalAccuracy(name=name)
        return metrics.SparseCategoricalAccuracy(name=name)
    found = metrics.get(name)
    if not isinstance(found, metrics.Metric):
        return metrics.MeanMetricWrapper(found, name=name)
    found.name = name  # `mae` is logged as `mae`
    return found


def download(name: str) -> Any:
    """A public data set through Keras' own loader, which fetches it over the network."""
    return getattr(keras().datasets, name).load_data()
