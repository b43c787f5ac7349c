"""The process of `test_devices_tpu.py`: a training on a TPU that is not there, its four entry points replaced.

`on_a_tpu.py CONFIG RUNS REPLICAS` trains with TensorFlow as if a TPU had so many cores: the strategy is a
MirroredStrategy over parts of the CPU, so that what is tried is the way to it, not its arithmetic.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import nnrun
from nnrun.devices import signs
from nnrun.devices.signs import Signs
from nnrun.errors import NnrunError
from nnrun.model import framework

TOLD: list[str] = []


def replace_entries(replicas: int) -> None:
    framework.use("tensorflow")
    tf = framework.tensorflow()
    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * replicas)

    class Resolver:
        def __init__(self, tpu: str) -> None:
            TOLD.append(f"resolver {tpu}")
            if tpu == "silent":
                raise ValueError("no such TPU\nwas found")

    class Strategy(tf.distribute.MirroredStrategy):  # type: ignore[misc, name-defined]
        def __init__(self, resolver: Any) -> None:
            TOLD.append(f"strategy of {type(resolver).__name__}")
            reduction = tf.distribute.ReductionToOneDevice()
            super().__init__([f"CPU:{number}" for number in range(replicas)], cross_device_ops=reduction)

    tf.distribute.cluster_resolver.TPUClusterResolver = Resolver
    tf.config.experimental_connect_to_cluster = lambda _: TOLD.append("connected")
    tf.tpu.experimental.initialize_tpu_system = lambda _: TOLD.append("initialised")
    tf.distribute.TPUStrategy = Strategy
    signs.look = lambda *_: Signs(tpus=("/dev/accel0",), has_tensorflow_tpu=True)


def main(config: str, runs: str, replicas: str) -> None:
    replace_entries(int(replicas))
    told: dict[str, Any] = {"told": TOLD}
    try:
        run = nnrun.train(config, runs=runs)
        told |= {"plan": run.info["plan"], "metrics": run.metrics, "device": run.info["device"]}
    except NnrunError as error:
        told["error"] = str(error)
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
