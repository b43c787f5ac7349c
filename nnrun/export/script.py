"""The whole script of a config: what nnrun would do with it, said in plain Keras."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnrun.config.config import Config
from nnrun.config.references import references
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.errors import ConfigError
from nnrun.export.code import Code, Script
from nnrun.export.components import of_the_data
from nnrun.export.data import Place, raw, write_reading, write_split
from nnrun.export.inputs import facts, write_inputs, write_targets
from nnrun.export.network import Inputs, write_network
from nnrun.export.refusals import refuse
from nnrun.export.training import write_compile, write_fit
from nnrun.export.weighing import write_weights
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph
from nnrun.model.shapes import Arithmetic
from nnrun.storage import atomic
from nnrun.training.division import divide, labels
from nnrun.training.matching import raw as raw_values
from nnrun.training.matching import target_specs
from nnrun.training.material import Material, prepared


def python(config: Config, dataset: Dataset, place: Place) -> str:
    """The script. The data is read before, since task, head and sizes follow from it."""
    script = Script()
    split = divide(config, dataset)
    material = prepared(config, dataset, split.train)
    refuse(config, dataset, material)
    found = write_reading(script, config, dataset, place)
    column = _stratified_by(config, dataset) if split.how.startswith("stratified") else None
    if column is not None:
        script.say(f"labels = {raw(found, column)}")
    write_split(script, config, dataset, split, found, "labels" if column is not None else "")
    several = len(material.inputs) > 1
    write_inputs(script, material.preparation, found, several)
    write_targets(script, material, found)
    class_weight = write_weights(script, config, material, split, found)
    script.section("The model")
    script.say("keras.utils.set_random_seed(SEED)")
    if config.runtime.precision != "float32":
        script.say(f'keras.config.set_dtype_policy("{config.runtime.precision}")')
    shapes = {name: Code(f'x["{name}"].shape[1:]' if several else "x.shape[1:]") for name in material.preparation.facts}
    pictures = {name for name, shape in material.shapes.items() if len(shape) == 3}
    write_network(
        script, graph_of(config, material), Inputs(shapes, material.dtypes, pictures), config.runtime.precision
    )
    script.say("model.summary()")
    write_compile(script, config, material, split)
    write_fit(script, config, material, split, class_weight)
    return _finished(script, config)


def write(path: Path, text: str) -> None:
    """The script as a file, whole or not at all."""
    atomic.write_bytes(path, text.encode())


def graph_of(config: Config, material: Material) -> Graph:
    """The graph as it is built; numbers that the data gave are written as the script's variables where they can be."""
    heads = {name: answer.task.head() for name, answer in material.answers.items()}
    measure = Arithmetic()
    plan = expand(config.model, material.shapes, heads, material.facts, measure)
    if plan.problems:
        raise ConfigError(plan.problems)
    unknown = any(row.shape is None for row in measure.rows(plan))
    if unknown and (any(True for node in plan.nodes for _ in references(node.spec))):
        from nnrun.model import build

        built = build.build(
            plan, config.model, material.shapes, material.dtypes, heads, material.facts, config.name, "float32"
        )
        plan = built.graph
    names = facts(material)
    loose = expand(config.model, material.shapes, _open(heads, material), None, Arithmetic())
    written = {node.name: node.spec for node in loose.nodes}
    nodes = tuple(
        replace(node, spec=_with_variables(node.spec, written[node.name], names)) if node.name in written else node
        for node in plan.nodes
    )
    return replace(plan, nodes=nodes)


def _open(heads: Mapping[str, Spec], material: Material) -> dict[str, Spec]:
    """The heads that tasks add, with the number of classes as a reference."""
    from nnrun.config.references import parse

    counted = ("data", "num_classes") in facts(material)
    found = {}
    for name, head in heads.items():
        count = material.answers[name].target.num_classes
        asked = counted and count is not None and head.arguments.get("units") == count
        found[name] = (
            replace(head, arguments={**head.arguments, "units": parse("$data.num_classes")}) if asked else head
        )
    return found


def _with_variables(known: Any, written: Any, names: Mapping[tuple[str, ...], str]) -> Any:
    """A spec with every argument known, but for what is a variable of the script."""
    code = of_the_data(written, names)
    if code is not None:
        return code
    if isinstance(known, Spec) and isinstance(written, Spec):
        arguments = {
            name: _with_variables(item, written.arguments.get(name), names) for name, item in known.arguments.items()
        }
        return replace(known, arguments=arguments)
    return known


def _stratified_by(config: Config, dataset: Dataset) -> str | None:
    """The column whose classes every part has in the same shares."""
    wanted = labels(config, dataset)
    for spec in target_specs(config, dataset):
        if len(spec.columns) == 1 and wanted is not None:
            values = raw_values(dataset, spec)
            if values.shape == wanted.shape and bool((values == wanted).all()):
                return spec.columns[0]
    return None


def _finished(script: Script, config: Config) -> str:
    """The sections below the constants, with the backend before any import."""
    source = Path(config.document.file).name
    opening = [
        f'"""{config.name}, in plain Keras.',
        "",
        f"Written by `nnrun export {source} --python`; it needs no nnrun.",
        '"""',
    ]
    first = []
    if config.runtime.backend != "tensorflow":
        first = ["import os", "", f'os.environ["KERAS_BACKEND"] = "{config.runtime.backend}"  # before Keras', ""]
    constants = [f"SEED = {config.seed}", f"BATCH_SIZE = {config.fit.batch_size}"]
    if any("HERE /" in line for _, body in script.sections for line in body):
        constants.insert(0, "HERE = Path(__file__).resolve().parent")
    return script.text(opening, first, constants)
