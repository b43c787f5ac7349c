"""A run as one Keras file that takes raw columns: the fitted preparation, the network, and the way back to its unit.

The file opens in plain Keras without nnrun, unless the network itself uses a layer of the person's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.data.features import preparation_module
from nnrun.data.joining import joined
from nnrun.errors import DataError
from nnrun.model import framework
from nnrun.storage import atomic

if TYPE_CHECKING:
    from nnrun.training.answers import Answer
    from nnrun.training.trained import Trained


def write(trained: Trained, path: Path) -> None:
    """Saves the joined model; DataError where a preparation has no counterpart in Keras."""
    model = joined_model(trained)
    with atomic.staged(path) as temporary, framework.without_tensorflow():
        model.save(temporary)


def joined_model(trained: Trained) -> Any:
    """A Keras model from a mapping of raw columns to what `nnrun predict` answers, an output each."""
    if trained.config.data.windows is not None:
        raise DataError("the rows of the run are windows of a series, which no single row of raw columns is")
    _refuse_texts(trained.columns, trained.inputs)
    keras, network = framework.keras(), trained.network  # first: building it begins to count names anew
    found = joined(keras, trained.preparation, trained.columns)
    prepared = found.prepared if len(found.prepared) > 1 else next(iter(found.prepared.values()))
    outputs = network.model(prepared)
    named = outputs if isinstance(outputs, Mapping) else {network.outputs[0]: outputs}
    answers = trained.answers
    told = {name: _told(keras, answers[name], tensor) if name in answers else tensor for name, tensor in named.items()}
    losses = {str(loss.name) for loss in trained.config.model.losses}
    ends = {name: tensor for name, tensor in told.items() if name not in losses}
    return keras.Model(found.raw, ends if len(ends) > 1 else next(iter(ends.values())), name=trained.config.name)


def _told(keras: Any, answer: Answer, output: Any) -> Any:
    """An output as it is read: probabilities of classes, numbers in the unit of the data."""
    if answer.task.kind == "classes" and not answer.task.places and answer.from_logits:
        one = output.shape[-1] == 1
        return keras.ops.sigmoid(output) if one else keras.ops.softmax(output, axis=-1)
    transform = answer.target.transform
    if transform is None or transform.unit is not None or answer.target.kind != "number":
        return output
    steps = list(zip(transform.entry.steps, transform.states, strict=True))
    for step, _ in steps:
        if not hasattr(preparation_module(step), "unjoin"):
            raise DataError(f"Keras cannot undo {step.name}, through which the target of {answer.output!r} went")
    for step, state in reversed(steps):
        output = preparation_module(step).unjoin(keras, output, state)
    return output


def _refuse_texts(columns: Mapping[str, str], inputs: frozenset[str]) -> None:
    texts = [name for name, kind in columns.items() if kind == "text" and name in inputs]
    if texts and framework.backend() != "tensorflow":
        raise DataError(
            f"the column {texts[0]!r} holds texts, and Keras on {framework.backend()} computes with numbers only",
            expected="runtime: {backend: tensorflow}",
        )
