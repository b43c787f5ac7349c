"""TensorFlow on a TPU: found, connected to, initialised, and its strategy."""

from __future__ import annotations

import os
from typing import Any

from nnrun.errors import MissingError
from nnrun.model import framework


def tpu_strategy() -> Any:
    """The strategy of the TPU that `TPU_NAME` names, else of the one in this machine.

    Only called where the config asks for a TPU: to connect to one that does not answer takes minutes.
    """
    tf = framework.tensorflow()
    name = os.environ.get("TPU_NAME", "local")
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name)
        if name != "local":
            tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)
    except Exception as error:  # whatever TensorFlow raises, from whichever of its layers
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise MissingError(
            f"TensorFlow cannot use the TPU {name!r}: {told}",
            expected="a TPU that answers, and a TensorFlow that is built for it (the package tensorflow-tpu)",
            hint="JAX needs neither: `runtime: {backend: jax, device: tpu}`",
        ) from None
