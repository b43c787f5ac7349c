"""resolved.yaml: the config with every default, inference and override filled in, itself a config of the same run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Block, Config, Model, Output, Sources, Step, TargetSpec, Turns
from nnrun.config.dump import dump
from nnrun.config.predict import Predict
from nnrun.config.read_blocks import called_by, read_by, steps_of
from nnrun.config.references import references
from nnrun.config.sections import SplitSection
from nnrun.config.spec import Spec, plain
from nnrun.data.preparation import Preparation
from nnrun.model import earlier, saved
from nnrun.training.answers import Answer


def resolved(config: Config, answers: Mapping[str, Answer], preparation: Preparation, split: SplitSection) -> str:
    """The YAML text."""
    return dump(
        {
            "name": config.name,
            "seed": config.seed,
            "data": _data(config, answers, preparation, split),
            **_task(config, answers),
            **({"plugins": [file.name for file in config.plugins]} if config.plugins else {}),
            **_names(config),
            **({} if config.recipe is None else {"recipe": _recipe(config.recipe)}),
            **(_models(config) if config.models or config.family else _model(config, answers)),
            "compile": _as_written(config, "compile") if config.family else _compile(config, answers),
            "fit": {
                "epochs": config.fit.epochs,
                "batch_size": config.fit.batch_size,
                "shuffle": config.fit.shuffle,
                **({"class_weight": plain(config.fit.class_weight)} if config.fit.class_weight is not None else {}),
                **_sampling(config),
                "callbacks": [spec.to_data() for spec in config.fit.callbacks],
                "keep": config.fit.keep,
                **config.fit.others,
            },
            **({"phases": plain(config.document.data["phases"])} if config.phases else {}),
            **({} if config.predict == Predict() else {"predict": config.predict.to_data()}),
            "cv": config.cv.model_dump(exclude_none=True),
            "runtime": config.runtime.model_dump(exclude_none=True),
            "report": config.report.model_dump(exclude_none=True),
        }
    )


def _model(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    written = config.document.data["model"]
    return {
        "model": {
            **({"inputs": written["inputs"]} if "inputs" in written else {}),
            "layers": [step_data(step) for step in config.model.layers],
            "outputs": _outputs(config, answers),
            **({"losses": _losses(config)} if config.model.losses else {}),
        }
    }


def _models(config: Config) -> dict[str, Any]:
    """The networks of a recipe, or those of which each phase trains one."""
    return {"models": {name: _network(model) for name, model in (config.models or config.family).items()}}


def _network(model: Model) -> dict[str, Any]:
    named = {output.name: _output(output) for output in model.outputs}
    return {
        **({"inputs": list(model.takes)} if model.takes else {}),
        "layers": [step_data(step) for step in model.layers],
        **({"outputs": named.get(None, named)} if named else {}),
        **({"losses": {str(loss.name): _output(loss) for loss in model.losses}} if model.losses else {}),
    }


def _as_written(config: Config, section: str) -> Any:
    return plain(config.document.data.get(section) or {})


def _data(
    config: Config, answers: Mapping[str, Answer], preparation: Preparation, split: SplitSection
) -> dict[str, Any]:
    data = config.data
    targets: list[Any] = []
    for answer in answers.values():
        spec = answer.spec
        renamed = len(spec.columns) == 1 and spec.name != spec.columns[0]
        if spec.steps or spec.following or spec.masked is not None or renamed:
            targets.append(_target(spec))
            continue
        names = answer.spec.columns if len(answer.spec.columns) > 1 else (answer.spec.columns[0],)
        word = "one_hot" if answer.spec.one_hot else "copy" if answer.spec.copy else ""
        targets += [{word: name} if word else name for name in names]
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
    if config.models and data.targets:
        result["target"] = data.targets[0].columns[0]
    if targets:
        result["target"] = targets if len(targets) > 1 else targets[0]
    if config.family and "target" in config.document.data["data"]:  # the last model may not learn all of them
        result["target"] = config.document.data["data"]["target"]
    if data.weight is not None:
        result["weight"] = data.weight
    if data.windows is not None:
        result["windows"] = dict(data.windows)
    result["split"] = split.model_dump(exclude_none=True)
    result["missing"] = plain(data.missing)
    result["on_bad"] = data.on_bad
    if data.augment:
        augment = {name: [spec.to_data() for spec in specs] for name, specs in data.augment.items()}
        result["augment"] = augment.get("", augment)
    return result


def _target(spec: TargetSpec) -> Any:
    """A target that is more than a column."""
    if spec.following:
        return {"next": spec.name}
    if spec.masked is not None:
        return {"masked": spec.masked.to_data(spec.name)}
    steps = {"steps": [step.to_data() for step in spec.steps]} if spec.steps else {}
    unit = {"unit": spec.unit} if spec.unit is not None else {}
    one_hot = {"one_hot": True} if spec.one_hot else {}
    return {"columns": list(spec.columns), **steps, **one_hot, **unit, "name": spec.name}


def _task(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    named = {name: answer.task.name for name, answer in answers.items()}
    if config.family:  # the outputs of other phases may have other tasks
        return {"task": named} if named else {}
    return {"task": named if len(named) > 1 else next(iter(named.values()))} if named else {}


def _sampling(config: Config) -> dict[str, Any]:
    wanted = config.fit.sampling
    return {} if wanted is None else {"sampling": wanted.how if wanted.output is None else {wanted.how: wanted.output}}


def _names(config: Config) -> dict[str, Any]:
    """The variables and blocks that the model uses, those that nnrun ships too: the file stands alone."""
    models = tuple((config.models or config.family).values()) or (config.model,)
    called = {name: block for model in models for name, block in called_by(model).items()}
    model, blocks = models[0], {name: block for name, block in called.items() if not block.is_model}
    used = {name[0] for model in models for step in steps_of(model) for name in read_by(step)}
    used |= {name[0] for block in blocks.values() for step in block.layers for name in read_by(step)}
    used |= {name[0] for block in blocks.values() for ref in references(block.parameters) for name in ref.names}
    found: dict[str, Any] = {}
    variables = {name: value for name, value in model.variables.items() if name in used}
    if variables:
        found["variables"] = variables
    if blocks:
        found["blocks"] = {name: block_data(block) for name, block in blocks.items()}
    return found


def block_data(block: Block) -> Any:
    """A block in the one resolved form."""
    layers = [step_data(step) for step in block.layers]
    if not block.parameters and block.inputs == ("input",):
        return layers
    parameters = [
        name if name in block.required else {name: plain(default)} for name, default in block.parameters.items()
    ]
    return {
        **({"parameters": parameters} if parameters else {}),
        **({"inputs": list(block.inputs)} if block.inputs != ("input",) else {}),
        "layers": layers,
    }


def step_data(step: Step) -> Any:
    """A step in the one resolved form."""
    arguments = {key: plain(value) for key, value in step.spec.arguments.items()}
    if earlier.is_earlier(step.spec) and not any(True for _ in references(step.spec.arguments)):
        arguments = _earlier(step.spec)
    if step.name is not None:
        arguments["name"] = step.name
    if step.trainable is not None:
        arguments["trainable"] = step.trainable
    if step.sources is not None:
        arguments["from"] = _sources(step.sources)
    for word, turns in (("repeat", step.repeat), ("each", step.each)):
        if turns is not None:
            arguments[word] = _turns(turns)
    if step.condition is not True:
        arguments["if"] = plain(step.condition)
    return {step.spec.name: arguments} if arguments else step.spec.name


def _recipe(recipe: Spec) -> Any:
    """A recipe in the one resolved form: a teacher is the copy that the run keeps of it."""
    teacher = earlier.teacher(recipe)
    if teacher is None:
        return recipe.to_data()
    return {recipe.name: {**recipe.arguments, "teacher": _copy(teacher)}}


def _earlier(spec: Spec) -> dict[str, Any]:
    """The copy that the run keeps of a network that was trained before, cut as it is."""
    return {**_copy(spec), "until": saved.saved(earlier.find(spec), spec).cut(spec)}


def _copy(spec: Spec) -> dict[str, Any]:
    return {"file": earlier.copy_name(spec), "sha256": earlier.sha256(earlier.find(spec))}


def _sources(sources: Sources) -> Any:
    if sources.by_parameter is not None:
        return {name: _sources(inner) for name, inner in sources.by_parameter.items()}
    names = [str(name) for name in sources.names]
    return names if sources.several else names[0]


def _turns(turns: Turns) -> Any:
    if not turns.arguments and turns.sources is None:
        return plain(turns.count)
    return {
        **({"from": _sources(turns.sources)} if turns.sources is not None else {}),
        **{name: plain(values) for name, values in turns.arguments.items()},
    }


def _output(output: Output) -> Any:
    return str(output.of) if output.step is None else step_data(output.step)


def _outputs(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    if not config.model.outputs:
        return {name: answer.task.head().to_data() for name, answer in answers.items()}
    only = next(iter(answers), None)
    return {output.name or str(only): _output(output) for output in config.model.outputs}


def _losses(config: Config) -> dict[str, Any]:
    return {str(loss.name): _output(loss) for loss in config.model.losses}


def _compile(config: Config, answers: Mapping[str, Answer]) -> dict[str, Any]:
    if config.models and not config.compile.others:
        return {name: {"optimizer": found.optimizer.to_data()} for name, found in config.compiles.items()}
    several = len(config.model.outputs) + len(config.model.losses) > 1 or len(answers) > 1

    def by_output(values: Mapping[str, Any]) -> Any:
        return dict(values) if several else next(iter(values.values()))

    result: dict[str, Any] = {"optimizer": config.compile.optimizer.to_data()}
    if answers:
        result["loss"] = by_output({name: answer.loss.to_data() for name, answer in answers.items()})
        result["metrics"] = by_output({name: _specs(answer.metrics) for name, answer in answers.items()})
    if config.compile.loss_weights is not None:
        result["loss_weights"] = config.compile.loss_weights
    if config.compile.weighted_metrics is not None:
        result["weighted_metrics"] = by_output(
            {name: _specs(answer.weighted_metrics) for name, answer in answers.items()}
        )
    return {**result, **config.compile.others}


def _specs(specs: tuple[Spec, ...]) -> list[Any]:
    return [spec.to_data() for spec in specs]
