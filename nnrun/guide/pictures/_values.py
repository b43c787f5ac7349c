"""Keras' own values of a component with its usual arguments, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from nnrun.config.loader import load_text
from nnrun.config.names import Names
from nnrun.config.spec import Spec
from nnrun.guide.topics import Topic
from nnrun.model import build, framework

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def made(topic: Topic, arguments: Mapping[str, Any] | None = None) -> Any:
    """The Keras object of a topic; specs among the arguments are made too."""
    return build.make(spec(topic, arguments or {}), {})


def spec(topic: Topic, arguments: Mapping[str, Any]) -> Spec:
    """A topic with arguments as a config would write them."""
    names = Names(load_text("", topic.name))
    read = names.spec({topic.name: dict(arguments)} if arguments else topic.name, (), topic.family)
    assert read is not None
    return read


def function(topic: Topic) -> Callable[[Array], Array]:
    """An activation as a function of arrays."""
    import numpy as np

    keras = framework.keras()
    called = getattr(keras.activations, topic.name)

    def values(x: Array) -> Array:
        answer = called(keras.ops.convert_to_tensor(x))
        return np.asarray(keras.ops.convert_to_numpy(answer), np.float64)

    return values
