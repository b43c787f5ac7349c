"""The only door to Keras and TensorFlow: how they are imported, and everything that leans on a version's edge."""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from nnrun.errors import MissingError, UsageError
from nnrun.model.importing import hide_gpus_from_tensorflow, lean, quiet, without

# `import keras` imports these inside `try: ... except ImportError`, only to recognise their objects as data.
# nnrun hands numpy arrays to Keras, and imports what it needs of them itself, later. JAX needs scipy.
_OPTIONAL = {
    "tensorflow": ("sklearn", "matplotlib", "pandas", "scipy", "jax"),
    "jax": ("sklearn", "matplotlib", "pandas"),
}
BACKENDS = tuple(_OPTIONAL)

_settings: dict[str, Any] = {"lean": False, "loud": False, "backend": "tensorflow", "download": False}


def configure(*, lean: bool = False, loud: bool = False) -> None:
    """Called by the command line, which owns its process: `lean` import, and `loud` start-up messages."""
    _settings.update(lean=lean, loud=loud)


def allow_download(allowed: bool) -> None:
    """Whether the weights of applications may come from the network."""
    _settings["download"] = allowed


def may_download() -> bool:
    """What `allow_download` was told."""
    return bool(_settings["download"])


def use(backend: str) -> None:
    """Chooses what Keras computes with, before it is loaded; a process has one backend for its whole life."""
    if keras.cache_info().currsize and backend != _settings["backend"]:
        raise UsageError(
            f"this process has loaded Keras on {_settings['backend']}, and the config wants {backend}",
            expected="one backend in a process",
            hint="train it in a process of its own, for example with the command nnrun",
        )
    if importlib.util.find_spec(backend) is None:
        hint = f"`pip install 'nnrun[{backend}]'`" if backend != "tensorflow" else "install nnrun again"
        raise MissingError(f"the backend {backend} is not installed", hint=hint)
    _settings["backend"] = backend


def backend() -> str:
    """What Keras computes with, or will once it is loaded."""
    return str(_settings["backend"])


@cache
def keras() -> Any:
    """Keras on the chosen backend, imported once, with `~/.keras/keras.json` set aside."""
    os.environ["KERAS_BACKEND"] = backend()
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if backend() == "jax":
        hide_gpus_from_tensorflow(_settings["loud"])
    with quiet(_settings["loud"]), lean(_OPTIONAL[backend()]) if _settings["lean"] else contextlib.nullcontext():
        try:
            module = import_module("keras")
            loaded = import_module(backend())
            if backend() == "tensorflow":
                loaded.config.list_physical_devices()  # the drivers speak up here, once
        except ImportError as error:
            raise MissingError(
                f"Keras cannot be imported: {error}", hint="install nnrun again in a clean environment"
            ) from error
    if not _settings["loud"] and backend() == "tensorflow":
        loaded.get_logger().setLevel("ERROR")  # several traces in one process, which it takes for a mistake
    if _settings["lean"]:
        gc.enable()  # the command line turns it off while it starts
    module.config.set_floatx("float32")
    module.config.set_image_data_format("channels_last")
    module.config.set_epsilon(1e-7)
    return module


@cache
def tensorflow() -> Any:
    """TensorFlow, after Keras has loaded it."""
    keras()
    return import_module("tensorflow")


@cache
def jax() -> Any:
    """JAX, after Keras has loaded it."""
    keras()
    return import_module("jax")


@contextlib.contextmanager
def without_tensorflow() -> Iterator[None]:
    """Keras on JAX asks whether TensorFlow is there when it seeds and saves; asking loads it, which takes seconds."""
    if backend() == "tensorflow" or not _settings["lean"] or "tensorflow" in sys.modules:
        yield
        return
    try:
        with without(("tensorflow",)):
            yield
    finally:  # it remembers the answer; a layer that needs TensorFlow (TextVectorization) shall find it all the same
        import_module("keras.src.utils.module_utils").tensorflow._available = None


def start(seed: int) -> None:
    """A clean session: Keras' global state cleared and every generator seeded."""
    keras().utils.clear_session(free_memory=False)
    distribute(distribution())  # Keras forgets it when it is cleared
    seed_generators(seed)


def distribute(found: Any) -> None:
    """Puts a distribution of Keras in force, which only JAX obeys; None takes it away."""
    if found is not None or distribution() is not None:
        keras().distribution.set_distribution(found)
    _settings["distribution"] = found


def distribution() -> Any:
    """What `distribute` was told."""
    return _settings.get("distribution")


def seed_generators(seed: int) -> None:
    """Seeds every generator that Keras may draw from."""
    with without_tensorflow():
        keras().utils.set_random_seed(seed)


def smoke(on: bool) -> None:
    """Keras' own switches for a rehearsal: two steps an epoch, two epochs."""
    if on:  # Keras warns of each cut, and of a part with fewer steps: both are as asked for
        warnings.filterwarnings("ignore", message="Limiting|Your input ran out of data", category=UserWarning)
    keras().config.set_max_steps_per_epoch(2 if on else None)


def is_smoke() -> bool:
    """Whether the rehearsal is on, which counts single steps."""
    return keras().config.max_steps_per_epoch() is not None


def at_most_epochs(epochs: int) -> int:
    """The epochs that Keras will run, fewer in a rehearsal."""
    return min(epochs, 2) if is_smoke() else epochs


def calls(count: int) -> Any:
    """A data set of so many calls of the loop, which is all that `Model.fit` is given."""
    adapter = import_module("keras.src.trainers.data_adapters.data_adapter").DataAdapter

    class Calls(adapter):  # type: ignore[misc, valid-type]  # Keras has no types
        """Plain numbers: an iterator of `tf.data` would cost more than the steps of a small epoch."""

        num_batches, batch_size = count, None
        has_partial_batch, partial_batch_size = False, None

        def get_tf_dataset(self) -> Any:
            return range(count)

        get_numpy_iterator = get_jax_iterator = get_tf_dataset

    return Calls()


@contextlib.contextmanager
def handed_over(model: Any, train: Any, test: Any, reset: Any) -> Iterator[None]:
    """`Model.fit` calls these: `train` and `test` for calls of a loop, `reset` for the metrics.

    Keras would set every metric to zero and read its result in single operations, twice an epoch, which together cost
    more than a small epoch itself; the logs that our programs return are those results already.
    """
    model.train_function, model.test_function = train, test
    model.reset_metrics, model._get_metrics_result_or_logs = reset, _same
    strategy = getattr(model, "_distribute_strategy", None)  # our programs go around it, Keras would part the calls
    if strategy is not None:
        model._distribute_strategy = None
    try:
        yield
    finally:
        if strategy is not None:
            model._distribute_strategy = strategy
        model.train_function = model.test_function = None
        del model.reset_metrics, model._get_metrics_result_or_logs


def _same(logs: Any) -> Any:
    return logs


def make_variables(model: Any, batch: Any, losses: Sequence[str] = ()) -> None:
    """Creates the variables of metrics and optimizer, which Keras would make at the first step, inside our loop.

    `losses` are outputs that are losses themselves: Keras logs `kl_loss` for the output `kl`, which is `kl`.
    """
    model._symbolic_build(data_batch=keras().tree.map_structure(lambda tensor: tensor[:1], batch))
    for metric in model._compile_loss.metrics if losses else ():
        if metric.name.removesuffix("_loss") in losses:
            metric.name = metric.name.removesuffix("_loss")


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


def mask_of(tensor: Any) -> Any:
    """Which values of a loss count, where Keras' own loss says it; None where all do."""
    return import_module("keras.src.backend").get_keras_mask(tensor)


def convolves(model: Any) -> bool:
    """Whether any layer is a convolution, of whatever kind."""
    return any("Conv" in type(layer).__name__ for layer in model._flatten_layers())


def values_of(model: Any, layers: Sequence[Any], x: Any) -> list[Any]:
    """What some layers of a model give for a batch, as numpy arrays."""
    inputs = {tensor.name: tensor for tensor in model.inputs} if isinstance(x, dict) else model.inputs[0]
    found = keras().Model(inputs, [_given_in(model, layer) for layer in layers])(x, training=False)
    return [keras().ops.convert_to_numpy(values) for values in (found if len(layers) > 1 else [found])]


def _given_in(model: Any, layer: Any) -> Any:
    """What a layer gives when it is first called in a model; another model may share it."""
    network = getattr(model, "_functional", None) or model
    own = {id(node) for nodes in network._nodes_by_depth.values() for node in nodes}
    return next((node.outputs[0] for node in layer._inbound_nodes if id(node) in own), layer.output)


def learning_rate(model: Any) -> float:
    """The rate at the optimizer's present step."""
    rate = keras().ops.convert_to_numpy(model.optimizer.learning_rate)
    return float(f"{float(rate):.7g}")  # Keras holds it as float32


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
