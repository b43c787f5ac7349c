"""Several devices under one Keras model: TensorFlow's strategy, or the distribution of Keras on JAX, that is in force.

What is on this page is the edge of both: how a model is built for them, what of a variable lies where, and how batches
are parted. `devices.begin` puts one in force; without one, everything here is that of a single device.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from nnrun.model import framework

_force: dict[str, Any] = {"strategy": None}


def put(found: Any) -> None:
    """Puts a `tf.distribute.Strategy` or a `keras.distribution.Distribution` in force; None takes it away."""
    if framework.backend() == "jax":
        framework.distribute(found)
    else:
        _force["strategy"] = found


def strategy() -> Any:
    """TensorFlow's strategy in force, else its own for one device."""
    return _force["strategy"] or framework.tensorflow().distribute.get_strategy()


def scope() -> Any:
    """Where a model and all of its variables are made."""
    found = _force["strategy"]
    return contextlib.nullcontext() if found is None else found.scope()


def share(loss: Any) -> Any:
    """The mean of a replica's rows as its share of the mean of all rows: Keras adds the replicas' gradients up."""
    if framework.backend() == "jax":
        return loss
    replicas = framework.tensorflow().distribute.get_strategy().num_replicas_in_sync
    return loss / replicas if replicas > 1 else loss


def tensors(arrays: Any) -> Any:
    """A structure of arrays in the memory of the backend; where JAX has several devices, whole on each of them."""
    if framework.backend() == "tensorflow":
        convert: Callable[[Any], Any] = framework.tensorflow().convert_to_tensor
    else:
        mesh = _mesh()
        jax = framework.jax()
        convert = jax.numpy.asarray
        if mesh is not None:
            whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())

            def convert(array: Any) -> Any:
                return jax.device_put(array, whole)

    return framework.keras().tree.map_structure(convert, arrays)


def parted(batch: Any) -> Any:
    """A batch inside a program of JAX, its rows parted among the devices where they can be parted evenly."""
    mesh = _mesh()
    if mesh is None:
        return batch
    jax = framework.jax()
    axis = framework.distribution().batch_dim_name

    def part(tensor: Any) -> Any:
        if tensor.ndim == 0 or tensor.shape[0] % mesh.shape[axis]:
            return tensor  # the program computes the same, each device with all of the rows
        spec = jax.sharding.PartitionSpec(axis, *(None for _ in tensor.shape[1:]))
        return jax.lax.with_sharding_constraint(tensor, jax.sharding.NamedSharding(mesh, spec))

    return jax.tree.map(part, batch)


def layouts(state: Any) -> Any:
    """How the arrays of a state lie on JAX's devices, for a program to give them back in the same way."""
    return None if _mesh() is None else framework.jax().tree.map(lambda array: array.sharding, state)


def value(variable: Any) -> Any:
    """A variable as a numpy array: where each replica counts by itself, their parts on top of each other.

    The parts, not their sum: a sum that is parted again has other bits.
    """
    import numpy as np

    copied = framework.keras().ops.convert_to_numpy
    parts = _parts(variable)
    return copied(variable) if parts is None else np.stack([part.numpy() for part in parts])


def read(variable: Any) -> Any:
    """The same inside a program of TensorFlow, as a tensor."""
    tf = framework.tensorflow()
    parts = _parts(variable)
    return tf.convert_to_tensor(variable.value if parts is None else tf.stack([tf.identity(part) for part in parts]))


def assign(variable: Any, given: Any) -> None:
    """Gives a variable what `value` gave."""
    import numpy as np

    parts = _parts(variable)
    if parts is None:
        variable.assign(np.array(given))
        return
    for part, found in zip(parts, given, strict=True):
        part.assign(found)


def _parts(variable: Any) -> Any:
    """The variables of the replicas, where each counts by itself (`SyncOnRead`, as metrics do)."""
    if _force["strategy"] is None:
        return None
    held: Any = getattr(variable, "_value", None)
    return held.values if type(held).__name__ == "SyncOnReadVariable" else None


def _mesh() -> Any:
    """JAX's devices in their order, where there are several."""
    found = framework.distribution() if framework.backend() == "jax" else None
    return None if found is None else found.device_mesh.backend_mesh
