"""What a network learns by beside the losses that it is compiled with: a teacher's answers, weights of losses."""

from __future__ import annotations

from typing import Any

from nnrun.config.config import Config
from nnrun.config.sections import UNCERTAINTY
from nnrun.errors import ConfigError, Problem
from nnrun.model import earlier, saved
from nnrun.training import objective
from nnrun.training.distilling import Teacher, distil
from nnrun.training.families import Family
from nnrun.training.material import Material
from nnrun.training.recipes import recipe
from nnrun.training.uncertainty import weigh


def learn_by(model: Any, config: Config, material: Material, family: Family) -> None:
    """Puts what a config asks for on its compiled model, and takes away what a phase before this one had put.

    `family` are the models of phases, of which one may be a teacher.
    """
    objective.restore(model)
    how = None if config.recipe is None else recipe(config.recipe).distils
    if how is not None:
        (answer,) = material.answers.values()
        distil(model, _teacher(config, family), how, gives_logits=answer.from_logits)
    elif config.compile.loss_weights == UNCERTAINTY:
        if len(material.answers) < 2:
            what = "loss_weights: uncertainty weighs the losses of several targets"
            raise ConfigError([Problem(what, config.document.value(("compile", "loss_weights")), hint="leave it out")])
        weigh(model, material.answers)


def _teacher(config: Config, family: Family) -> Teacher:
    """The trained network that the recipe names: a model of an earlier phase, else an earlier run or a file."""
    assert config.recipe is not None
    spec = earlier.teacher(config.recipe)
    if spec is None:
        member = family[config.recipe.arguments["teacher"]]
        (answer,) = member.answers.values()
        return Teacher(member.model, gives_logits=answer.from_logits)
    path = earlier.find(spec)
    return Teacher(saved.load(path, spec), gives_logits=saved.saved(path, spec).gives == "logits")
