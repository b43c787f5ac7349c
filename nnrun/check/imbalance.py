"""Classes that are weighed, rows that are sampled, thresholds: of outputs that there are, and that have classes."""

from __future__ import annotations

from nnrun.check.data import Seen
from nnrun.check.model import task_of
from nnrun.config.config import Config, is_by_output
from nnrun.config.loader import Path
from nnrun.config.predict import Maximize
from nnrun.errors import Problem, did_you_mean, one_of


def problems(config: Config, seen: Seen, outputs: list[str], *, has_validation: bool) -> list[Problem]:
    """All of them; `outputs` are those that are trained, where they are known."""
    return [*_classes(config, seen, outputs), *_threshold(config, seen, outputs, has_validation=has_validation)]


def _threshold(config: Config, seen: Seen, outputs: list[str], *, has_validation: bool) -> list[Problem]:
    """What has no validation rows to choose by, or nothing that answers yes or no."""
    wanted, found = config.predict.threshold, []
    where = config.document.value(("predict", "threshold"))
    tasks = [task_of(config, seen, name) for name in outputs]
    if wanted is not None and tasks and not {None, "binary", "multilabel"} & set(tasks):
        what = f"a threshold, and the task is {', '.join(str(task) for task in tasks)}"
        found.append(Problem(what, where, "binary or multilabel", "of several classes the likeliest is answered"))
    if isinstance(wanted, Maximize) and not has_validation:
        what = "a threshold that is chosen on the validation rows, and there is no validation part"
        found.append(Problem(what, where, hint="add `data: {split: {validation: 0.15}}`, or write a number"))
    return found


def _classes(config: Config, seen: Seen, outputs: list[str]) -> list[Problem]:
    weights, sampling = config.fit.class_weight, config.fit.sampling
    several, found = len(outputs) > 1, []
    path: Path = ("fit", "class_weight")
    if weights is not None and not isinstance(weights, str) and is_by_output(weights):
        for name in weights if outputs else ():
            found += _output(config, seen, outputs, "class_weight", str(name), (*path, name))
    elif weights is not None and several:
        expected = f"weights by output: `class_weight: {{{outputs[0]}: balanced}}`"
        found.append(Problem("class_weight with several outputs", config.document.key(path), expected))
    elif weights is not None and outputs:
        found += _output(config, seen, outputs, "class_weight", outputs[0], path)
    path = ("fit", "sampling")
    if sampling is not None and sampling.output is None and several:
        what, expected = "sampling with several outputs", f"one of them: `sampling: {{{sampling.how}: {outputs[0]}}}`"
        found.append(Problem(what, config.document.key(path), expected))
    elif sampling is not None and outputs:
        name = sampling.output or outputs[0]
        path = path if sampling.output is None else (*path, sampling.how)
        found += _output(config, seen, outputs, "sampling", name, path)
    return found


def _output(config: Config, seen: Seen, outputs: list[str], word: str, name: str, path: Path) -> list[Problem]:
    """An output that is none, or that has no classes."""
    where = config.document.value(path) if word == "sampling" else config.document.key(path)
    if name not in outputs:
        what = f"{word} names {name!r}, which is no output that is trained"
        return [Problem(what, where, one_of(outputs), did_you_mean(name, outputs))]
    task = task_of(config, seen, name)
    if task in ("regression", "multilabel") or (word == "sampling" and task == "segmentation"):
        return [Problem(f"{word} for the task {task}", where, "a target of one class for each row")]
    return []
