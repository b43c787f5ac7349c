"""Which target each output learns, as what task, by which loss: what the config says, else the textbook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nnrun import tasks
from nnrun.config.config import Config, Output, TargetSpec
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.target import Kind, Target, kind_of
from nnrun.errors import ConfigError, DataError, Problem, did_you_mean, listing
from nnrun.tasks import Facts, Task

if TYPE_CHECKING:
    import numpy as np

_REGRESSION_LOSSES = frozenset(
    {
        "MeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "Huber",
        "LogCosh",
    }
)


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
    width: int | None  # numbers a row, where the target is numbers

    @property
    def choice(self) -> str:
        """The sentence that is shown when the task was not written."""
        return f"{self.output}: {self.task.name} ({self.reason})"


def target_specs(config: Config, dataset: Dataset) -> tuple[TargetSpec, ...]:
    """The targets that the config names, else the source's own; several columns of one task are one target."""
    written = config.data.targets
    if not written:
        own = [dataset.target] if dataset.target else list(dataset.targets)
        if not own:
            columns = list(dataset.columns.columns) if dataset.columns is not None else []
            raise DataError(
                "the data has no target of its own",
                where=config.document.key(("data",)),
                expected="`target: COLUMN` under `data`",
                hint=f"columns: {listing(columns, 30)}" if columns else "",
            )
        written = tuple(TargetSpec(name, (name,)) for name in own)
    if config.task == "multilabel" and len(written) > 1:
        columns = [column for spec in written for column in spec.columns]
        return (TargetSpec("labels", tuple(columns), where=written[0].where),)
    return written


def raw(dataset: Dataset, spec: TargetSpec) -> np.ndarray[Any, Any]:
    """The values of a target as they were read, rows on axis 0."""
    import numpy as np

    known = [
        *dataset.targets,
        *(str(c) for c in (dataset.columns.columns if dataset.columns is not None else ())),
    ]
    found = []
    for column in spec.columns:
        if column in dataset.targets:
            found.append(np.asarray(dataset.targets[column]))
        elif dataset.columns is not None and column in dataset.columns:
            found.append(dataset.columns[column].to_numpy())
        elif column in dataset.arrays:
            found.append(np.asarray(dataset.arrays[column]))
        else:
            raise DataError(
                f"the target {column!r} does not exist",
                where=spec.where,
                expected=f"one of {listing(known, 30)}",
                hint=did_you_mean(column, known),
            )
    return found[0] if len(found) == 1 else np.column_stack(found)


def answers(config: Config, dataset: Dataset, train_rows: np.ndarray[Any, Any]) -> dict[str, Answer]:
    """An answer for every target, by the name of its output; fitted on the training rows."""
    specs = target_specs(config, dataset)
    outputs = _match(config, specs)
    found = {}
    for output_name, (spec, output) in outputs.items():
        values = raw(dataset, spec)
        name = spec.columns[0] if len(spec.columns) == 1 else str(spec.name)
        task_name, kind, reason = _task(config, output_name, values, name, spec)
        target = Target.fit(name, values, train_rows, kind, spec.one_hot, dataset.classes.get(name), dataset.lines)
        if task_name is None:
            task_name = "regression" if kind == "number" else "binary" if target.num_classes == 2 else "multiclass"
        if task_name == "binary" and (target.num_classes or 2) > 2:
            raise DataError(
                f"the task binary wants two classes; {name!r} has {target.num_classes}: "
                f"{listing([str(c) for c in target.classes or ()])}",
                where=config.document.value(("task",)),
                expected="task: multiclass",
            )
        width = (1 if values.ndim == 1 else values.shape[1] if values.ndim == 2 else None) if kind == "number" else None
        found[output_name] = _answer(config, output_name, output, target, task_name, spec, reason, width)
    return found


def kind(config: Config, dataset: Dataset, spec: TargetSpec, values: Any) -> str:
    """Whether a target is classes or numbers, before anything is fitted."""
    name = spec.columns[0]
    output = next(
        (output for output, (matched, _) in _match(config, target_specs(config, dataset)).items() if matched == spec),
        "",
    )
    return _task(config, output, values, name, spec)[1]


def _answer(
    config: Config,
    name: str,
    output: Output | None,
    target: Target,
    task_name: str,
    spec: TargetSpec,
    reason: str,
    width: int | None,
) -> Answer:
    units = _units(output)
    logits = _is_logits(config, output)
    facts = Facts(num_classes=target.num_classes, width=width, one_hot=spec.one_hot, from_logits=logits)
    task = tasks.get(task_name, facts)
    if task_name == "binary" and not spec.one_hot and isinstance(units, int) and units == 2:
        task = replace(tasks.get("multiclass", facts), name="binary", units=2)  # two classes as two units
    compile_ = config.compile
    loss = compile_.loss.get(name) if isinstance(compile_.loss, Mapping) else compile_.loss
    metrics = _by_output(compile_.metrics, name, task.metrics)
    return Answer(
        name,
        target,
        task,
        loss or task.loss,
        metrics,
        _by_output(compile_.weighted_metrics, name, ()),
        logits,
        spec,
        reason,
        width,
    )


def _by_output(written: Any, name: str, default: tuple[Spec, ...]) -> tuple[Spec, ...]:
    if written is None:
        return default
    if isinstance(written, Mapping):
        return tuple(written.get(name, ()))
    return tuple(written)


def _match(config: Config, specs: tuple[TargetSpec, ...]) -> dict[str, tuple[TargetSpec, Output | None]]:
    """Outputs and targets belong together by name; a single one of each needs none."""
    outputs = config.model.outputs
    if not outputs:
        return {str(spec.name): (spec, None) for spec in specs}
    if len(outputs) == 1 and len(specs) == 1:
        return {outputs[0].name or str(specs[0].name): (specs[0], outputs[0])}
    by_name = {output.name: output for output in outputs}
    matched: dict[str, tuple[TargetSpec, Output | None]] = {}
    for spec in specs:
        if spec.name not in by_name:
            raise ConfigError(
                [
                    Problem(
                        f"the target {spec.name!r} has no output of its name",
                        spec.where or config.model.where,
                        f"outputs: {{{spec.name}: {{Dense: 1}}, ...}}",
                        f"the outputs are {listing([str(n) for n in by_name])}",
                    )
                ]
            )
        matched[str(spec.name)] = (spec, by_name[spec.name])
    return matched


def _task(config: Config, output: str, values: Any, name: str, spec: TargetSpec) -> tuple[str | None, Kind, str]:
    """The task's name where it is written, the kind of the target, and the reason."""
    written = config.task.get(output) if isinstance(config.task, Mapping) else config.task
    if written is not None:
        return written, tasks.get(written, Facts(num_classes=2)).kind, "as written"
    loss = config.compile.loss.get(output) if isinstance(config.compile.loss, Mapping) else config.compile.loss
    if spec.one_hot:
        return None, "classes", f"{name} is one-hot"
    if loss is not None and loss.name in _REGRESSION_LOSSES:
        return "regression", "number", f"the loss is {loss.name}"
    if getattr(values, "ndim", 1) > 1:
        return "regression", "number", f"{name} has {values.shape[1:]} numbers a row"
    kind, reason = kind_of(values, name)
    return None, kind, reason


def _units(output: Output | None) -> Any:
    if output is None or output.step is None:
        return None
    return output.step.spec.arguments.get("units")


def _is_logits(config: Config, output: Output | None) -> bool:
    """Whether a written output ends without an activation, so that its numbers are logits."""
    if output is None:
        return False
    spec = output.step.spec if output.step else None
    if spec is None:
        steps = [step.spec for step in config.model.layers if step.name == output.of]
        spec = steps[-1] if steps else None
    if spec is None or spec.name in ("Activation", "Softmax"):
        return False
    activation = spec.arguments.get("activation")
    return activation is None or (isinstance(activation, Spec) and activation.name == "linear")
