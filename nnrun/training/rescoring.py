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
from nnrun.training import anomalies
from nnrun.training.feeds import validation_batch_size
from nnrun.training.filling import filled
from nnrun.training.material import Material, truth
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
                reading = replace(reading, texts=whole.get(name), columns=columns)
                found.setdefault(name, []).append(_judged(trained, dataset, material, reading, output, name))
    if len(members) > 1 and any(
        reading.columns and reading.errors is None for readings in found.values() for reading in readings
    ):
        raise _no_mean(members)
    return {name: mean(readings) for name, readings in found.items()}


def _judged(
    trained: Trained, dataset: Dataset, material: Material, reading: Reading, output: Array, name: str
) -> Reading:
    """A reading with the error of each row and whether that is an anomaly, where the run looks for them."""
    wanted, known = trained.config.predict.anomaly, trained.answers.get(name)
    if wanted is None or known is None or not known.spec.of_input:
        return reading
    true = truth(known, dataset, material.preparation, material.inputs)
    errors, threshold = anomalies.errors(wanted, true, output), anomalies.told_by(trained.path)
    return replace(reading, errors=errors, threshold=threshold).with_verdict()


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
        self._errors: list[Array] = []
        self._anomalies: list[Array] = []

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
        self._look(dataset, rows, truths, outputs)
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
        found |= scores(whole, several=len(self._outputs[0]) > 1)
        if self._errors:
            known = np.concatenate(self._anomalies) if self._anomalies else None
            found |= anomalies.scored(np.concatenate(self._errors), anomalies.told_by(trained.path), known)
        return found

    def _look(self, dataset: Dataset, rows: Array, truths: Mapping[str, Array], outputs: Mapping[str, Array]) -> None:
        """The errors of some rows, and which of them are anomalies where that is told."""
        wanted = self.trained.config.predict.anomaly
        if wanted is None:
            return
        output = anomalies.looked_at(self.trained.answers).output
        self._errors.append(anomalies.errors(wanted, truths[output], outputs[output]))
        known = anomalies.truth(wanted, dataset, some=False) if anomalies.named(wanted, dataset) else None
        if known is not None:
            self._anomalies.append(known[rows])


def _joined(parts: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    if len(parts) == 1:
        return dict(parts[0])
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
