"""Whether a teacher and its student agree, from the teacher's file, the model and the data's headers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnrun.check.data import Seen
from nnrun.check.model import Network, task_of
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, NnrunError, Problem, did_you_mean, one_of
from nnrun.model import earlier, saved
from nnrun.model.shapes import shape_text
from nnrun.training.recipes import recipe

Shape = tuple[int | None, ...]
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
        return [*found, Problem(what, spec.where, f"the task {one_of(TASKS)}")]
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
        found.append(_other_answers(name, answered, own, spec))
    return found


def _other_answers(teacher: str, answered: Shape, own: Shape, spec: Spec) -> Problem:
    what = f"the teacher {teacher} gives rows of {shape_text(answered)}, and its student {shape_text(own)}"
    return Problem(what, spec.where, "a number for each of the same classes")


def _classes(shape: object) -> Shape | None:
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
    teacher = spec.arguments.get("teacher")
    if isinstance(teacher, str) and not config.family:
        what = f"the teacher is {teacher!r}, and the config has no models"
        found.append(Problem(what, spec.where, f"`teacher: {{run: {teacher}}}`, an earlier run"))
    return found


def of_phases(config: Config, looked: Sequence[tuple[Config, Seen, Network]]) -> list[Problem]:
    """Teachers that are models of the file: each is trained by a phase before, and answers as its student does."""
    found: list[Problem] = []
    answers = dict[str, Any]()
    for phase, (fit, _, network) in zip(config.phases, looked, strict=False):
        spec = fit.recipe if fit.recipe is not None and fit.recipe.name == "distillation" else None
        teacher = spec.arguments.get("teacher") if spec is not None else None
        if spec is not None and isinstance(teacher, str) and config.family:
            found += _of_model(teacher, spec, phase.model, answers, network, list(config.family))
        answers[phase.model] = network.answer
    return found


def _of_model(
    teacher: str, spec: Spec, student: str, answers: Mapping[str, Any], network: Network, known: list[str]
) -> list[Problem]:
    if teacher not in known:
        hint = did_you_mean(teacher, known)
        what = f"the teacher is {teacher!r}, and no model is called so"
        return [Problem(what, spec.where, one_of(known, hint), hint)]
    if teacher == student:
        return [Problem(f"the model {student!r} is its own teacher", spec.where, "another model, trained before")]
    if teacher not in answers:
        what = f"the teacher {teacher!r} is not trained yet in this phase"
        return [Problem(what, spec.where, f"a phase before it with `model: {teacher}`")]
    answered, own = _classes(answers[teacher]), _classes(network.answer)
    if answered is not None and own is not None and saved.differ(answered, own):
        return [_other_answers(teacher, answered, own, spec)]
    return []
