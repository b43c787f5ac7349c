"""What each output answers: its fitted target, its task, by which loss and metrics it is trained and scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnrun import tasks
from nnrun.config.config import Config, Output, TargetSpec
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.maps import chunks
from nnrun.data.target import Kind, Target
from nnrun.data.transform import Transform
from nnrun.errors import ConfigError, DataError, Problem, RunError, listing
from nnrun.model import losses
from nnrun.model.expansion import expand
from nnrun.model.logits import Scale, contradiction, reads_logits, scale
from nnrun.model.metrics import Measure, Scored, is_ours, measure
from nnrun.model.metrics import problem as metric_problem
from nnrun.tasks import Facts, Task
from nnrun.training.matching import infer, match, raw, target_specs

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Answer:
    """One trained output: its fitted target, its task, and why that task."""

    output: str
    target: Target
    task: Task
    loss: Spec
    metrics: tuple[Spec, ...]
    weighted_metrics: tuple[Spec, ...]
    from_logits: bool
    spec: TargetSpec
    reason: str
    width: int | None  # numbers of the output for a row, where the target is numbers

    @property
    def scored(self) -> Scored:
        """What the metrics compare."""
        return Scored(
            of_classes=self.task.kind == "classes",
            one_hot=self.spec.one_hot,
            num_classes=self.target.num_classes,
            units=self.task.units,
            from_logits=self.from_logits,
            estimates=losses.units(self.loss) is None and not self.task.places,
        )

    @property
    def compiled_metrics(self) -> tuple[Spec, ...]:
        """The metrics that Keras computes, batch by batch."""
        return tuple(spec for spec in self.metrics if not is_ours(spec, self.scored))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The metrics that are computed at the end of an epoch, of all held-out rows."""
        return tuple(measure(spec) for spec in self.metrics if is_ours(spec, self.scored))

    @property
    def choice(self) -> str:
        """The sentence that is shown when the task was not written."""
        return f"{self.output}: {self.task.name} ({self.reason})"

    def class_numbers(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The classes of target values as whole numbers (rows,), however the target is encoded."""
        numbers = values.argmax(axis=-1) if self.spec.one_hot else values
        return numbers.astype(int).ravel()

    def counts(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """How often each class stands in target values."""
        import numpy as np

        many = len(self.target.classes)
        if not self.task.everywhere:
            return np.bincount(self.class_numbers(values), minlength=many)
        found = np.zeros(many, np.int64)
        for chunk in chunks(values):
            found += np.bincount(chunk, minlength=many)
        return found


def answers(
    config: Config,
    dataset: Dataset,
    train_rows: np.ndarray[Any, Any],
    inputs: Sequence[str],
    vocabularies: Mapping[str, int | None] | None = None,
) -> dict[str, Answer]:
    """An answer for every target, by the name of its output; fitted on the training rows.

    `vocabularies` are the sizes of those inputs that are tokens, None where a size is not known yet.
    """
    matched = match(config, target_specs(config, dataset))
    given = _scales(config, inputs, list(matched))
    found = {}
    for name, (spec, output) in matched.items():
        transform = Transform.fit(dataset, train_rows, spec) if spec.steps else None
        values = None if spec.of_input else transform.apply(dataset) if transform else raw(dataset, spec)
        column = spec.columns[0] if len(spec.columns) == 1 else str(spec.name)
        named = column in dataset.classes
        task_name, kind, reason = infer(config, name, values, column, spec, named=named)
        if spec.following and spec.name in (vocabularies or {}) and task_name == "regression":
            task_name, kind, reason = "next_token", "classes", f"the token that follows in {column}"
        everywhere = task_name is not None and tasks.get(task_name, Facts(num_classes=2)).everywhere
        names = dataset.classes.get(column)
        if everywhere and values is not None and values.ndim < 2:
            _refuse_one_class_a_row(config, column)
        tokens = transform.facts.get("vocabulary_size") if transform and everywhere else None
        if spec.of_input or tokens:
            size = (vocabularies or {}).get(column) if spec.of_input else tokens
            if spec.masked is not None and spec.masked.mask is not None:
                size = spec.masked.mask + 1  # of an array, whose numbers are known by nothing else
            target = _of_tokens(column, kind, size, transform)
        else:
            target = Target.fit(column, values, train_rows, kind, spec.one_hot, names, dataset.target_lines, everywhere)
            target = replace(target, transform=transform)
        if task_name is None:
            task_name = "regression" if kind == "number" else "binary" if target.num_classes == 2 else "multiclass"
        if task_name == "binary" and (target.num_classes or 2) > 2:
            raise DataError(
                f"the task binary wants two classes; {column!r} has {target.num_classes}: {listing(target.classes)}",
                where=config.document.value(("task",)),
                expected="task: multiclass",
            )
        loss = _named_loss(config.compile.loss_of(name), task_name)
        width = _width(values, loss) if kind == "number" and values is not None else None
        if kind == "number" and values is not None and width is None and output is None:
            _refuse_array(column, values, spec)
        found[name] = _answer(config, name, (spec, output), target, task_name, given.get(name), width, reason)
        _refuse_metrics(found[name])
    return found


def _of_tokens(column: str, kind: Kind, vocabulary_size: int | None, transform: Transform | None) -> Target:
    """The target that is numbers, or the numbers of a vocabulary's tokens as classes."""
    if kind == "number":
        return Target(column, kind)
    classes = tuple(str(number) for number in range(vocabulary_size or 0))
    return Target(column, kind, classes=classes, labels=classes, everywhere=True, transform=transform)


def remembered(
    config: Config, targets: Mapping[str, Target], widths: Mapping[str, int | None], inputs: Sequence[str]
) -> dict[str, Answer]:
    """The answers of a run that is over, from its resolved config and the targets that it saved; nothing is fitted."""
    matched = match(config, target_specs(config, Dataset(0)))
    given = _scales(config, inputs, list(matched))
    found = {}
    for name, pair in matched.items():
        task = config.task.get(name) if isinstance(config.task, Mapping) else config.task
        if name not in targets or task is None:
            raise RunError(f"the run has not saved what its output {name!r} learned", hint="train it again")
        known = targets[name], task, given.get(name), widths.get(name)
        found[name] = _answer(config, name, pair, *known, "as the run has saved it")
    return found


def _answer(
    config: Config,
    name: str,
    matched: tuple[TargetSpec, Output | None],
    target: Target,
    task_name: str,
    given: Scale | None,
    width: int | None,
    reason: str,
) -> Answer:
    """What follows from the target and the name of the task."""
    spec, output = matched
    loss = _named_loss(config.compile.loss_of(name), task_name)
    logits = _from_logits(config, name, output, given, task_name)
    facts = Facts(num_classes=target.num_classes, width=width, one_hot=spec.one_hot, from_logits=logits)
    task = _task(task_name, facts, output)
    if loss is not None and spec.masked is not None and loss.name != "Masked":  # what is not hidden would count
        loss = Spec("Masked", {"loss": loss, "ignore": 0}, loss.where, "losses")
    return Answer(
        output=name,
        target=target,
        task=task,
        loss=loss or task.loss,
        metrics=_metrics(config.compile.metrics, name, losses.usual_metrics(loss, task.metrics, task.kind)),
        weighted_metrics=_metrics(config.compile.weighted_metrics, name, ()),
        from_logits=logits,
        spec=spec,
        reason=reason,
        width=width,
    )


def _named_loss(loss: Spec | None, task: str) -> Spec | None:
    """The loss that was written; `crossentropy` is the one of the task, which knows its kind."""
    if loss is None or loss.name != "crossentropy":
        return loss
    if tasks.get(task, Facts(num_classes=2)).loss.name.endswith("Crossentropy"):
        return None
    what = f"the loss crossentropy compares classes, and the task is {task}"
    raise ConfigError([Problem(what, loss.where, hint="leave it out, and the task chooses")])


def _refuse_one_class_a_row(config: Config, column: str) -> None:
    what = f"the task segmentation wants a class at every pixel or step; {column!r} has one for each row"
    raise DataError(what, where=config.document.value(("task",)), expected="task: multiclass, or an array of classes")


def _refuse_array(column: str, values: np.ndarray[Any, Any], spec: TargetSpec) -> None:
    """No head of ours gives more than a row of numbers."""
    shape = " x ".join(str(size) for size in values.shape[1:])
    raise DataError(
        f"the target {column!r} has {shape} numbers in each row, and the task cannot know the layers that give them",
        where=spec.where if spec.where.file else None,
        expected="`outputs:` under model, with a last step of this shape",
        hint=f"for example `Dense: {values[0].size}` and under `outputs` a `Reshape: {list(values.shape[1:])}`",
    )


def _width(values: np.ndarray[Any, Any], loss: Spec | None) -> int | None:
    """How many numbers the output gives for a row; None where the target is more than a column or several."""
    width = 1 if values.ndim == 1 else values.shape[1] if values.ndim == 2 else None
    several = losses.units(loss)
    if loss is None or several is None:
        return width
    if width != 1:
        what = f"{loss.name} has {several} units for one number, and the target has {width or 'an array'} in each row"
        raise ConfigError([Problem(what, loss.where, "a target of one column")])
    return several


def _refuse_metrics(answer: Answer) -> None:
    """What a metric cannot be computed of, now that everything is known."""
    pairs = [*((spec, False) for spec in answer.metrics), *((spec, True) for spec in answer.weighted_metrics)]
    found = [metric_problem(spec, answer.scored, weighted=weighted) for spec, weighted in pairs]
    if any(found):
        raise ConfigError([problem for problem in found if problem is not None])


def _task(name: str, facts: Facts, output: Output | None) -> Task:
    """The task's rules; the head gives what the loss reads, and two classes may be two units."""
    task = tasks.get(name, facts)
    if output is None:
        return replace(task, activation="linear") if facts.from_logits else task
    units = output.step.spec.arguments.get("units") if output.step else None
    if task.everywhere and (units or (output.step.spec.arguments.get("filters") if output.step else None)) == 1:
        return replace(task, units=1, loss=tasks.get("binary", facts).loss)
    if name == "binary" and not facts.one_hot and units == 2:
        return replace(tasks.get("multiclass", facts), name="binary", units=2)
    return task


def _scales(config: Config, inputs: Sequence[str], names: Sequence[str]) -> dict[str, Scale | None]:
    """What each written output gives."""
    if not config.model.outputs:
        return {}
    heads = dict.fromkeys(names, Spec("Dense"))
    plan = expand(config.model, dict.fromkeys(inputs), heads, None, lambda node, shapes: None)  # noqa: ARG005
    return {name: scale(plan, node) for name, node in plan.outputs.items()}


def _from_logits(config: Config, name: str, output: Output | None, given: Scale | None, task: str) -> bool:
    """Whether the output's numbers are logits, for the loss and for the probabilities that are written down."""
    loss = config.compile.loss_of(name)
    if output is None:
        return bool(loss is not None and reads_logits(loss))
    if loss is not None:
        problem = contradiction(name, given, loss, loss.where)
        if problem:
            raise ConfigError([problem])
        reads = reads_logits(loss)
        return given == "logits" if reads is None else reads
    if given is None and reads_logits(tasks.get(task, Facts(num_classes=2)).loss) is not None:
        what = f"it cannot be told whether the output {name!r} gives probabilities or logits"
        expected = "a loss that says it, such as `loss: {BinaryCrossentropy: {from_logits: false}}`"
        raise ConfigError([Problem(what, output.where, expected, "or a last layer with softmax or sigmoid")])
    return given == "logits"


def _metrics(written: Any, name: str, default: tuple[Spec, ...]) -> tuple[Spec, ...]:
    if written is None:
        return default
    return tuple(written.get(name, ())) if isinstance(written, Mapping) else tuple(written)
