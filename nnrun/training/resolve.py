"""resolved.yaml: the config with every default, inference and override filled in, itself a config of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Config, Output, Step
from nnrun.config.dump import dump
from nnrun.config.sections import SplitSection
from nnrun.config.spec import Spec, plain
from nnrun.data.preparation import Preparation
from nnrun.training.answers import Answer


def resolved(config: Config, answers: Mapping[str, Answer], preparation: Preparation, split: SplitSection) -> str:
    """The YAML text."""
    written = config.document.data
    return dump(
        {
            "name": config.name,
            "seed": config.seed,
            "data": _data(config, answers, preparation, split),
            "task": {name: answer.task.name for name, answer in answers.items()}
            if len(answers) > 1
            else next(iter(answers.values())).task.name,
            "model": {
                **({"inputs": written["model"]["inputs"]} if "inputs" in written["model"] else {}),
                "layers": [step_data(step) for step in config.model.layers],
                "outputs": _outputs(config, answers),
            },
            "compile": _compile(config, answers),
            "fit": {
                "epochs": config.fit.epochs,
                "batch_size": config.fit.batch_size,
                "shuffle": config.fit.shuffle,
                **({"class_weight": plain(config.fit.class_weight)} if config.fit.class_weight is not None else {}),
                "callbacks": [spec.to_data() for spec in config.fit.callbacks],
                "keep": config.fit.keep,
                **config.fit.others,
            },
            "cv": config.cv.model_dump(exclude_none=True),
            "runtime": config.runtime.model_dump(exclude_none=True),
            "report": config.report.model_dump(exclude_none=True),
        }
    )


def _data(
    config: Config, answers: Mapping[str, Answer], preparation: Preparation, split: SplitSection
) -> dict[str, Any]:
    data = config.data
    targets: list[Any] = []
    for answer in answers.values():
        names = answer.spec.columns if len(answer.spec.columns) > 1 else (answer.spec.columns[0],)
        targets += [{"one_hot": name} if answer.spec.one_hot else name for name in names]
    result: dict[str, Any] = {"source": data.source.to_data()}
    for part in ("test", "validation"):
        spec = getattr(data, part)
        if spec is not None:
            result[part] = spec.to_data()
    if preparation.features:
        result["features"] = {
            name: [
                {"columns": list(entry.columns), "steps": [step.to_data() for step in entry.steps]} for entry in entries
            ]
            for name, entries in preparation.features.items()
        }
    result["target"] = targets if len(targets) > 1 else targets[0]
    result["split"] = split.model_dump(exclude_none=True)
    result["missing"] = plain(data.missing)
    return result


def step_data(step: Step) -> Any:
    """A step in the one resolved form."""
    arguments = {key: plain(value) for key, value in step.spec.arguments.items()}
    if step.name is not None:
        arguments["name"] = step.name
    if step.sources is not None:
        arguments["from"] = list(step.sources) if step.several else step.sources[0]
    if step.repeat is not None:
        arguments["repeat"] = plain(step.repeat)
    return {step.spec.name: arguments} if arguments else step.spec.name


def _outputs(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    if not config.model.outputs:
        return {name: answer.task.head().to_data() for name, answer in answers.items()}

    def one(output: Output) -> Any:
        return output.of if output.step is None else step_data(output.step)

    only = next(iter(answers))
    return {output.name or only: one(output) for output in config.model.outputs}


def _compile(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    several = len(answers) > 1

    def by_output(values: Mapping[str, Any]) -> Any:
        return dict(values) if several else next(iter(values.values()))

    result: dict[str, Any] = {
        "optimizer": config.compile.optimizer.to_data(),
        "loss": by_output({name: answer.loss.to_data() for name, answer in answers.items()}),
        "metrics": by_output({name: _specs(answer.metrics) for name, answer in answers.items()}),
    }
    if config.compile.loss_weights is not None:
        result["loss_weights"] = config.compile.loss_weights
    if config.compile.weighted_metrics is not None:
        result["weighted_metrics"] = by_output(
            {name: _specs(answer.weighted_metrics) for name, answer in answers.items()}
        )
    return {**result, **config.compile.others}


def _specs(specs: tuple[Spec, ...]) -> list[Any]:
    return [spec.to_data() for spec in specs]
