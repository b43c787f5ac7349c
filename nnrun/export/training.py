"""How the script compiles, fits, scores and saves, as the run of the same config does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Config
from nnrun.config.counts import in_steps
from nnrun.config.spec import Spec
from nnrun.data.split import Split
from nnrun.errors import ConfigError, Problem
from nnrun.export.code import Call, Code, Script, call, written
from nnrun.export.components import component_of, made
from nnrun.export.pasted import paste
from nnrun.export.weighing import is_weighed
from nnrun.model.logged import named
from nnrun.training.answers import Answer
from nnrun.training.material import Material
from nnrun.training.monitors import direction, monitor, of_the_graph
from nnrun.training.pipeline import steps_of_epoch

TAKE = '''
def take(arrays, rows):
    """Some rows of an array, or of each array of a mapping."""
    return keras.tree.map_structure(lambda array: array[rows], arrays)
'''
BATCHES = '''
class Batches(keras.utils.PyDataset):
    """Batches of some rows; the seed and the number of the epoch give their order."""

    def __init__(self, arrays, rows):
        super().__init__()
        self.arrays, self.rows, self.order = arrays, rows, rows

    def __len__(self):
        return {steps}

    def __getitem__(self, step):
        return take(self.arrays, self.order[step * BATCH_SIZE : (step + 1) * BATCH_SIZE])

    def shuffle(self, epoch, logs=None):
        order = np.random.default_rng([SEED, epoch]).permutation(len(self.rows))
        self.order = self.rows[order]
'''
MEASURING = '''
class WholePart(keras.callbacks.Callback):
    """Metrics of all validation rows at once, at the end of an epoch."""

    def on_epoch_end(self, epoch, logs=None):
        output = self.model.predict(take(x, validation), batch_size=BATCH_SIZE, verbose=0)
        truth = take(y, validation)
        logs.update({f"val_{name}": value for name, value in measured(truth, output).items()})
'''


def write_compile(script: Script, config: Config, material: Material, split: Split) -> None:
    """`model.compile` with what the config says, else its tasks."""
    script.section("How it is trained")
    section, several = config.compile, material.is_several
    steps = steps_of_epoch(len(split.train), config.fit.batch_size, config.fit.others.get("steps_per_epoch"))
    losses: dict[str, Any] = {name: made(script, answer.loss) for name, answer in material.answers.items()}
    for name in material.losses:
        paste(script, "nnrun.model.losses._graph", "mean_loss")
        losses[name] = call("mean_loss", name)
    only = next(iter(losses))

    def by_output(values: Mapping[str, Any]) -> Any:
        return dict(values) if several else values[only]

    given: dict[str, Any] = {"optimizer": _optimizer(script, config, steps), "loss": by_output(losses)}
    weights = section.loss_weights
    if isinstance(weights, Mapping):
        weights = {name: weights.get(name, 1.0) for name in losses} if several else weights.get(only, 1.0)
    if weights is not None:
        given["loss_weights"] = weights
    metrics = {name: _metrics(script, answer.compiled_metrics) for name, answer in material.answers.items()}
    if any(metrics.values()):
        given["metrics"] = by_output(metrics)
    weighted = {name: _metrics(script, answer.weighted_metrics) for name, answer in material.answers.items()}
    if any(weighted.values()):
        given["weighted_metrics"] = by_output(weighted)
    if config.runtime.run_eagerly:
        given["run_eagerly"] = True
    script.do(Call("model.compile", (), {**given, **section.others}))


def _optimizer(script: Script, config: Config, steps: int) -> Any:
    spec = in_steps(config.compile.optimizer, steps)
    optimizer = made(script, spec)
    wanted = config.runtime.precision == "mixed_float16" and config.compile.others.get("auto_scale_loss", True)
    if wanted and spec.name != "LossScaleOptimizer":
        return call("keras.optimizers.LossScaleOptimizer", optimizer)
    return optimizer


def _metrics(script: Script, specs: tuple[Spec, ...]) -> list[Any]:
    """A metric's text stays a text: Keras chooses `accuracy` by the shapes."""
    return [made(script, named(spec)) if spec.arguments or spec.name[:1].isupper() else spec.name for spec in specs]


def write_fit(script: Script, config: Config, material: Material, split: Split, class_weight: Any) -> None:
    """`model.fit` in the order of the run, then the scores of the test part, and the file of the model."""
    section, others = config.fit, dict(config.fit.others)
    script.function("take", TAKE)
    weighed = is_weighed(config, material)
    script.need("import keras", "import numpy as np")
    given: dict[str, Any] = {}
    if section.shuffle:
        most = others.pop("steps_per_epoch", None)
        script.need("import math")
        length = "math.ceil(len(self.rows) / BATCH_SIZE)"
        source = BATCHES.format(steps=f"min({length}, {most})" if most else length)
        arrays = "(x, y, weights)" if weighed else "(x, y)"
        script.function("Batches", source)
        script.set("batches", call("Batches", Code(arrays), Code("train")))
        places: tuple[Any, ...] = (Code("batches"),)
    else:
        places = (call("take", Code("x"), Code("train")), call("take", Code("y"), Code("train")))
        given["batch_size"] = Code("BATCH_SIZE")
        if weighed:
            given["sample_weight"] = Code("weights[train]")
    given["shuffle"] = False
    given["epochs"] = section.epochs
    if class_weight is not None:
        given["class_weight"] = class_weight
    if len(split.validation):
        given["validation_data"] = (
            call("take", Code("x"), Code("validation")), call("take", Code("y"), Code("validation")),
        )  # fmt: skip
        given["validation_batch_size"] = others.pop("validation_batch_size", None) or Code("BATCH_SIZE")
    callbacks = _callbacks(script, config, material, split)
    if callbacks:
        given["callbacks"] = callbacks
    script.set("history", Call("model.fit", places, {**given, **others}))
    if len(split.test):
        script.section("How good it is on rows that it has never seen")
        script.set(
            "scores",
            Call(
                "model.evaluate",
                (call("take", Code("x"), Code("test")), call("take", Code("y"), Code("test"))),
                {"batch_size": Code("BATCH_SIZE"), "return_dict": True, "verbose": 0},
            ),
        )
        script.say("print(scores)")
    script.say(f'model.save("{config.name}.keras")')


def _callbacks(script: Script, config: Config, material: Material, split: Split) -> list[Any]:
    """Those of the config; `keep: best` is Keras' own EarlyStopping with endless patience."""
    late = [f"val_{measure.name}" for answer in material.answers.values() for measure in answer.measures]
    found: list[Any] = []
    if config.fit.shuffle:
        found.append(call("keras.callbacks.LambdaCallback", on_epoch_begin=Code("batches.shuffle")))
    if late and len(split.validation):
        _measuring(script, material)
        found.append(call("WholePart"))
    for spec in config.fit.callbacks:
        watched = str(spec.arguments.get("monitor", ""))
        if watched != _logged(watched, material):
            spec = replace(spec, arguments={**spec.arguments, "monitor": _logged(watched, material)})
        if watched in (*late, *of_the_graph(config)) and spec.arguments.get("mode") not in ("min", "max"):
            spec = replace(spec, arguments={**spec.arguments, "mode": direction(config, watched)})
        found.append(made(script, spec))
    if config.fit.keep == "best":
        told = monitor(config, has_validation=len(split.validation) > 0)
        names = {"monitor": _logged(told["name"], material), "mode": told["mode"], "patience": config.fit.epochs}
        found.append(Call("keras.callbacks.EarlyStopping", (), {**names, "restore_best_weights": True}))
    return found


def _logged(name: str, material: Material) -> str:
    """What Keras calls a number that is watched: a loss of the graph, logged here as `kl`, is `kl_loss` to it."""
    prefix, bare = ("val_", name.removeprefix("val_")) if name.startswith("val_") else ("", name)
    if bare not in material.losses:
        return name
    return f"{prefix}{bare}_loss" if material.is_several else f"{prefix}loss"


def _measuring(script: Script, material: Material) -> None:
    """The metrics that scikit-learn computes of a whole part, in functions of the script."""
    if material.is_several:
        answer = next(answer for answer in material.answers.values() if answer.measures)
        what = f"the metric {answer.measures[0].name} of one of several outputs cannot be written into a script"
        raise ConfigError(
            [Problem(what, answer.metrics[0].where, hint="leave it out, or export a model of one output")]
        )
    answer = next(iter(material.answers.values()))
    script.function("WholePart", MEASURING)
    lines = ["def measured(truth, output):", '    """The metrics by their names."""']
    if any(measure.reads == "classes" for measure in answer.measures):
        lines += _shares(answer)
    names = {measure.name: measure for measure in answer.measures}
    calls = []
    for spec in answer.metrics:
        component = component_of(spec)
        if named(spec).arguments["name"] not in names:
            continue
        ours = catalogue.own_find("metrics", component.name)
        assert ours is not None
        paste(script, ours.module, ours.name)
        arguments = dict(named(spec).arguments)
        compares = "numbers, shares" if names[arguments["name"]].reads == "classes" else "truth, output"
        calls.append(f'        "{arguments["name"]}": {_flat(ours.name, arguments)}.of({compares}),')
    script.function("measured", "\n".join([*lines, "    return {", *calls, "    }"]))


def _flat(name: str, arguments: Mapping[str, Any]) -> str:
    return written(Call(name, (), arguments), indent=8)


def _shares(answer: Answer) -> list[str]:
    """The class number of each row, and a probability for each class."""
    lines = ["    numbers = truth.argmax(axis=-1)" if answer.spec.one_hot else "    numbers = truth.ravel()"]
    lines.append('    shares = output.astype("float64")')
    if answer.task.units == 1:
        if answer.from_logits:
            lines.append("    shares = 1 / (1 + np.exp(-shares))")
        return [*lines, "    shares = np.column_stack([1 - shares, shares])"]
    if answer.from_logits:
        lines += ["    shares = np.exp(shares - shares.max(axis=-1, keepdims=True))",
                  "    shares = shares / shares.sum(axis=-1, keepdims=True)"]  # fmt: skip
    return lines
