"""A training that is over, opened from its folder: what it was fitted to, and its network with the weights it kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.target import Target
from nnrun.devices import begin
from nnrun.errors import RunError
from nnrun.model.backbone import weights_elsewhere
from nnrun.model.shapes import Arithmetic
from nnrun.runs.run import Run, place
from nnrun.storage import arrays
from nnrun.training.answers import Answer, remembered
from nnrun.training.initial import take_weights
from nnrun.training.material import Material, applied, unfilled
from nnrun.training.network import Network, built_of, plan_of
from nnrun.training.sequences import fed_back
from nnrun.training.threshold import saved, written

PREPARATION = Path("preparation") / "preparation.json"


@dataclass(frozen=True)
class Trained:
    """One trained network with everything that stands between it and raw rows; `config` is the resolved one."""

    path: Path
    config: Config
    preparation: Preparation
    answers: Mapping[str, Answer]
    columns: Mapping[str, str]  # that inputs and targets read: "numbers" or "text"

    @classmethod
    def of_run(cls, path: Path, config: Config) -> Trained:
        """What the run folder `path` holds; RunError where it has no preparation yet, or a damaged one."""
        file = path / PREPARATION
        try:
            told = json.loads(file.read_bytes())
            preparation = Preparation.load(told["inputs"], arrays.read(file.with_suffix(".npz")))
            targets = {name: Target.load(data) for name, data in told["targets"].items()}
            widths, columns = told["widths"], told["columns"]
        except FileNotFoundError:
            raise RunError(
                f"{place(path)} has no {PREPARATION}: it ended before its training began", hint="train it again"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
            raise RunError(
                f"{place(file)} cannot be read: {type(error).__name__} {error}",
                expected="what this version of nnrun writes",
                hint="train the run again",
            ) from None
        found = remembered(config, targets, widths, list(preparation.facts))
        return cls(path, config, preparation, found, columns)

    @property
    def inputs(self) -> frozenset[str]:
        """The columns that any input is made of, but for what was said so far."""
        said = fed_back(self.config, list(self.preparation.facts))
        features = self.preparation.features.items()
        known = [entry for name, entries in features if name not in said for entry in entries]
        return frozenset(column for entry in known for column in entry.columns)

    @property
    def facts(self) -> dict[str, Any]:
        """What `$data...` refers to."""
        return unfilled(self.config, self.preparation, self.answers).facts

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """From which probability on an output answers yes; of one that is not named, above one half."""
        found = {name: threshold.value for name, threshold in written(self.config, self.answers).items()}
        return {**found, **saved(Run(self.path).metrics)}

    @cached_property
    def network(self) -> Network:
        """The model with the weights that the run kept, on one device; it is not compiled."""
        begin.answer_on(self.config)
        material = unfilled(self.config, self.preparation, self.answers)
        plan = plan_of(self.config, material, Arithmetic())
        with weights_elsewhere():
            model = built_of(self.config, plan, material).model
        take_weights(model, self.path)
        return Network(model, material.outputs, {})

    @property
    def material_of_no_rows(self) -> Material:
        """What is known of inputs and outputs without a row."""
        return unfilled(self.config, self.preparation, self.answers)

    def material(self, dataset: Dataset, *, truths: bool) -> Material:
        """Rows as the network takes them; without `truths` the dataset needs no targets."""
        if not truths and dataset.columns is not None:
            missing = [column for column in self.columns if column not in self.inputs and column not in dataset.columns]
            dataset = replace(dataset, columns=dataset.columns.assign(**dict.fromkeys(missing)))
        return applied(self.config, dataset, self.preparation, self.answers, truths=truths)
