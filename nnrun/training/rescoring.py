"""A trained network on rows again: what it answers, and the scores of rows whose targets are known, piece by piece."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nnrun.data.dataset import Dataset
from nnrun.errors import UsageError
from nnrun.model import framework
from nnrun.runs.run import place
from nnrun.training.feeds import validation_batch_size
from nnrun.training.filling import filled
from nnrun.training.predicting import BATCH, at_once, masks, predict
from nnrun.training.readings import Reading, mean, read
from nnrun.training.score import score
from nnrun.training.sequences import Said, compared, joined, scores, texts
from nnrun.training.trained import Trained

Array = np.ndarray[Any, Any]


def answer(members: Sequence[Trained], dataset: Dataset, batch_size: int = BATCH) -> dict[str, Reading]:
    """What the outputs say of all rows, by name; of several networks the mean."""
    found: dict[str, list[Reading]] = {}
    for trained in members:
        material = trained.material(dataset, truths=False)
        rows = np.arange(dataset.size)
        outputs = predict(trained.network, material, material.x(rows), dataset.size, batch_size)
        whole = texts(trained.config, trained.network, material, rows, outputs)
        if whole and len(members) > 1:
            raise _no_mean(members)
        for name, output in outputs.items():
            if name not in material.losses:
                known = trained.answers.get(name)
                reading = (
                    read(known, output, trained.thresholds.get(name)) if known else Reading((), None, None, output)
                )
                columns = filled(material, known, dataset, output) if known and known.spec.masked else {}
                found.setdefault(name, []).append(replace(reading, texts=whole.get(name), columns=columns))
    if len(members) > 1 and any(reading.columns for readings in found.values() for reading in readings):
        raise _no_mean(members)
    return {name: mean(readings) for name, readings in found.items()}


def _no_mean(members: Sequence[Trained]) -> UsageError:
    what = "the folds of a cross validation read sequences of their own, of which there is no mean"
    return UsageError(what, expected=f"one of them, such as {place(members[0].path)}")


class Rescoring:
    """The scores of one trained network, as its training gave them for its own parts; rows may come in pieces."""

    def __init__(self, trained: Trained) -> None:
        self.trained = trained
        self._outputs: list[Mapping[str, Array]] = []
        self._truths: list[Mapping[str, Array]] = []
        self._masks: list[Mapping[str, Array]] = []
        self._said: dict[str, list[Said]] = {}
        self._penalty = self.rows = 0.0

    def add(self, dataset: Dataset, rows: Array | None = None) -> None:
        """Some rows of a dataset that has the targets, all for None."""
        material, network = self.trained.material(dataset, truths=True), self.trained.network
        rows = np.arange(dataset.size) if rows is None else rows
        x = material.x(rows)
        outputs = predict(network, material, x, len(rows), at_once(self.trained.config))
        truths = material.y(rows)
        self._outputs.append(outputs)
        self._masks.append(masks(network, material, rows))
        self._truths.append(truths)
        for name, said in compared(self.trained.config, network, material, rows, truths, outputs).items():
            self._said.setdefault(name, []).append(said)
        self._penalty += framework.penalty(network.model, x) * len(rows)
        self.rows += len(rows)

    def scores(self) -> dict[str, float]:
        """Loss and metrics by Keras' names, of all rows that were added."""
        trained, config = self.trained, self.trained.config
        whole = {name: joined(parts) for name, parts in self._said.items()}
        found = score(
            trained.answers,
            _joined(self._truths),
            _joined(self._outputs),
            trained.facts,
            loss_weights=config.compile.loss_weights,
            batch_size=validation_batch_size(config),
            extra_loss=self._penalty / max(self.rows, 1),
            graph_losses=[str(loss.name) for loss in config.model.losses],
            thresholds=trained.thresholds,
            masks=_joined(self._masks),
        )
        return found | scores(whole, several=len(self._outputs[0]) > 1)


def _joined(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
