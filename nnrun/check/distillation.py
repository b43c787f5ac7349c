"""Whether a teacher and its student agree, from the teacher's file, the model and the data's headers alone."""

from __future__ import annotations

from nnrun.check.data import Seen
from nnrun.check.model import Network, task_of
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, NnrunError, Problem, did_you_mean, listing, one_of
from nnrun.model import earlier, saved
from nnrun.model.shapes import shape_text
from nnrun.training.recipes import recipe

TASKS = ("binary", "multiclass")


def problems(config: Config, seen: Seen, network: Network) -> list[Problem]:
    """Of one fit: what of its teacher cannot be, and what does not go with the recipe."""
    spec = config.recipe
    if spec is None or spec.name != "distillation":
        return []
    try:
        recipe(spec)
    except (NnrunError, TypeError):  # which is told with the recipe
        return []
    found = _without_effect(config, spec)
    several = max(len(config.model.outputs) + len(config.model.losses), len(seen.targets)) > 1
    if several or len(seen.shapes) > 1:
        what = f"the student has several {'outputs' if several else 'inputs'}, and a teacher answers one row by one"
        return [*found, Problem(what, spec.where, f"a model with one {'output' if several else 'input'}")]
    task = task_of(config, seen, seen.targets[0]) if seen.targets else None
    if task is not None and task not in TASKS:
        what = f"the task is {task}, and a teacher tells the probabilities of classes"
        found.append(Problem(what, spec.where, f"the task {one_of(TASKS)}"))
    known = earlier.teacher(spec)
    if known is None:
        return found
    try:
        return [*found, *_of_file(known, seen, network)]
    except ConfigError as error:
        return [*found, *error.problems]


def _of_file(spec: Spec, seen: Seen, network: Network) -> list[Problem]:
    """A teacher that is an earlier run or a file."""
    teacher = saved.saved(earlier.find(spec), spec)
    name, found = earlier.written(spec.arguments), []
    given = next(iter(seen.shapes.values()), None)
    if given is not None and teacher.shape is not None and saved.differ(teacher.shape, given):
        what = f"the teacher {name} was trained on rows of {shape_text(teacher.shape)}, and the data gives"
        hint = "a teacher sees the very rows that its student sees"
        found.append(Problem(f"{what} {shape_text(given)}", spec.where, hint=hint))
    if teacher.gives is None:
        what = f"it is not known whether the teacher {name} gives probabilities or logits"
        hint = f"it ends with {teacher.layer(teacher.output).kind}"
        found.append(Problem(what, spec.where, "a network that ends with Dense, or with its activation", hint))
    answered = _classes(teacher.layer(teacher.output).shape)
    own = _classes(network.answer)
    if answered is not None and own is not None and saved.differ(answered, own):
        what = f"the teacher {name} gives rows of {shape_text(answered)}, and its student {shape_text(own)}"
        found.append(Problem(what, spec.where, "a number for each of the same classes"))
    return found


def _classes(shape: object) -> tuple[int | None, ...] | None:
    """The shape of an answer with a number for each class: one number for two classes says both."""
    if not isinstance(shape, tuple):
        return None
    return (*shape[:-1], 2) if shape[-1:] == (1,) else shape


def _without_effect(config: Config, spec: Spec) -> list[Problem]:
    """What a recipe that looks at whole batches has no place for."""
    found = []
    if config.runtime.remainder == "pad":
        where = config.document.value(("runtime", "remainder"))
        what = "remainder: pad, and the loss of a teacher knows of no rows that count nothing"
        found.append(Problem(what, where, hint="leave it out: the last batch stays short"))
    teacher, phases = spec.arguments.get("teacher"), list(config.family)
    if isinstance(teacher, str) and not phases:
        what = f"the teacher is {teacher!r}, and the config has no models"
        found.append(Problem(what, spec.where, f"`teacher: {{run: {teacher}}}`, an earlier run"))
    elif isinstance(teacher, str) and teacher not in phases:
        hint = did_you_mean(teacher, phases)
        expected = "" if hint else listing(phases)
        found.append(Problem(f"the teacher is {teacher!r}, and no model is called so", spec.where, expected, hint))
    return found
