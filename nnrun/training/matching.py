"""Which columns are targets, which output learns which, and as what task: what the config says, else the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nnrun import tasks
from nnrun.config.config import Config, Output, TargetSpec
from nnrun.config.family import learned
from nnrun.data.dataset import Dataset
from nnrun.data.maps import classes_everywhere, counts_from_zero
from nnrun.data.rows import in_memory
from nnrun.data.target import Kind, kind_of
from nnrun.errors import ConfigError, DataError, Problem, did_you_mean, listing
from nnrun.model import losses
from nnrun.tasks import Facts

if TYPE_CHECKING:
    import numpy as np


def target_specs(config: Config, dataset: Dataset) -> tuple[TargetSpec, ...]:
    """The targets that the config names, else the source's own; several columns of one task are one target."""
    written = config.data.targets
    if config.models:
        return ()  # a recipe's networks learn from each other
    if not written:
        own = [dataset.target] if dataset.target else list(dataset.targets)
        if config.model.losses:
            outputs = {output.name for output in config.model.outputs}
            if outputs and None not in outputs:
                own = [name for name in own if name in outputs]  # the others are what nobody asks for
            if not own:
                return ()  # trained by the losses of its graph alone
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
            values = dataset.columns[column].to_numpy()
            found.append(values if dataset.windows is None else dataset.windows.targets(values))
        elif column in dataset.arrays:
            found.append(in_memory(dataset.arrays[column]))
        else:
            raise DataError(
                f"the target {column!r} does not exist",
                where=spec.where,
                expected=f"one of {listing(known, 30)}",
                hint=did_you_mean(column, known),
            )
    return found[0] if len(found) == 1 else np.stack(found, axis=-1)


def match(config: Config, specs: tuple[TargetSpec, ...]) -> dict[str, tuple[TargetSpec, Output | None]]:
    """Outputs and targets belong together by name; a single one of each needs none."""
    outputs = config.model.outputs
    wanted = learned(config, [str(spec.name) for spec in specs])
    specs = tuple(spec for spec in specs if str(spec.name) in wanted)
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


def infer(
    config: Config, output: str, values: Any, name: str, spec: TargetSpec, *, named: bool = False
) -> tuple[str | None, Kind, str]:
    """The task's name where it is written, the kind of the target, and the reason.

    `named` says that the source names the classes of the target, which are many at times.
    """
    written = config.task.get(output) if isinstance(config.task, Mapping) else config.task
    if written is not None:
        return written, tasks.get(written, Facts(num_classes=2)).kind, "as written"
    if spec.masked is not None:
        return "masked_token", "classes", f"the tokens that are hidden in {name}"
    loss = config.compile.loss_of(output)
    if loss is not None and losses.task(loss) == "embedding":
        return "embedding", "classes", f"the loss is {loss.name}"
    if spec.copy:
        return "regression", "number", f"it is a copy of {name}"
    if spec.following:
        return "regression", "number", f"it is what follows in {name}"
    is_tokens = bool(spec.steps) and getattr(values, "dtype", None) == "int32"
    if is_tokens and values.ndim == 2 and (loss is None or losses.reads_class_numbers(loss)):
        return "segmentation", "classes", f"{name} is tokens, one behind the other"
    if spec.steps and not is_tokens:
        return "regression", "number", f"{name} goes through {', '.join(step.name for step in spec.steps)}"
    if spec.one_hot:
        return None, "classes", f"{name} is one-hot"
    if loss is not None and losses.task(loss) == "regression":
        return "regression", "number", f"the loss is {loss.name}"
    rank, sparse = getattr(values, "ndim", 1), loss is not None and losses.reads_class_numbers(loss)
    # Two axes alone may be several numbers a row, unless the loss reads class numbers, and these are 0, 1, 2, ...
    if (rank > 2 and (loss is None or sparse)) or (rank == 2 and sparse and counts_from_zero(values)):
        told = classes_everywhere(values)
        if told:
            return "segmentation", "classes", f"{name} has {told}"
    if getattr(values, "ndim", 1) > 1:
        return "regression", "number", f"{name} has {values.shape[1:]} numbers a row"
    if loss is not None and losses.reads_class_numbers(loss):
        return None, "classes", f"the loss is {loss.name}"
    if named:
        return None, "classes", f"the data names the classes of {name}"
    kind, reason = kind_of(values, name)
    return None, kind, reason


def kind(config: Config, dataset: Dataset, spec: TargetSpec, values: Any) -> str:
    """Whether a target is classes or numbers, before anything is fitted."""
    name = spec.columns[0]
    output = next(
        (output for output, (matched, _) in match(config, target_specs(config, dataset)).items() if matched == spec),
        "",
    )
    return infer(config, output, values, name, spec, named=name in dataset.classes)[1]
