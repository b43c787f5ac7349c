"""The model that a training would begin with, looked at and not trained."""

from __future__ import annotations

from nnrun.config.config import Config
from nnrun.data.dataset import Dataset
from nnrun.devices import begin
from nnrun.errors import ConfigError, Problem
from nnrun.model.built_rows import filled
from nnrun.model.overview import Overview, overview
from nnrun.model.shapes import Arithmetic
from nnrun.training.division import divide
from nnrun.training.material import prepared
from nnrun.training.network import built_of, plan_of


def inspect(config: Config, dataset: Dataset) -> Overview:
    """A model in numbers, what the arithmetic leaves open from the layers that Keras builds on the data."""
    if config.models:
        where = config.document.key(("models",))
        what = "--build looks at one model, and the config has several"
        raise ConfigError([Problem(what, where, hint="leave it out: arithmetic knows their layers")])
    material = prepared(config, dataset, divide(config, dataset).train)
    begin.answer_on(config)
    measure = Arithmetic()
    plan = plan_of(config, material, measure)
    built = built_of(config, plan, material)
    return overview(config, material.shapes, filled(measure.rows(plan), built))
