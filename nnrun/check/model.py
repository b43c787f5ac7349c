"""The network of a config by arithmetic alone: graph, shapes, heads and references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from nnrun import tasks
from nnrun.check import recipes
from nnrun.check.assumed import assumed_inputs
from nnrun.check.data import Seen
from nnrun.check.inputs import tokens
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.errors import Problem
from nnrun.model import losses
from nnrun.model.expansion import expand
from nnrun.model.graph import Graph, Node
from nnrun.model.initializers.filter import problem as filter_problem
from nnrun.model.logits import contradiction, scale
from nnrun.model.shapes import Arithmetic, Row
from nnrun.model.unused import reached

_OF_AMOUNTS = ("Dense", "Conv1D", "LSTM", "GRU", "SimpleRNN", "Bidirectional", "Concatenate")
MOST_NUMBERS = 10**11  # 400 GB of float32


@dataclass(frozen=True)
class Network:
    """A row for every layer, and what is wrong with them."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()
    nodes: tuple[Node, ...] = ()  # empty where the graph is not known
    answer: Any = None  # the shape of the only output's row, where it is known


def look(config: Config, seen: Seen, *, broken: bool) -> Network:
    """Rows of every node; `broken` says that names are wrong already, so that shapes would only repeat it."""
    if config.models:
        found_rows, wrong, calls = recipes.networks(config, seen, broken=broken)
        return Network(found_rows, tuple(wrong), (), tuple(calls))
    shapes: Mapping[str, tuple[int | None, ...] | None] = seen.shapes
    facts: Mapping[str, Any] | None = seen.facts
    if not shapes:  # the data is not here: of the graph is said what holds for any shape and any fact
        inputs = assumed_inputs(config.model)
        if not inputs:
            return Network((), ())
        shapes, facts = dict.fromkeys(inputs), None
    measure = Arithmetic()
    network = expand(config.model, shapes, _heads(config, seen), facts, measure)
    if broken and network.problems:
        return Network((), tuple(network.problems))
    rows = measure.rows(network)
    found = [*network.problems, *measure.problems, *_filters(network), *_too_large(rows)]
    if not network.problems:
        found += [*_head_before_head(config, network), *_misread_outputs(config, network)]
        found += _one_answer_for_many_steps(config, network, rows)
    amounts = () if broken or seen.problems else _read_as_amounts(config, network)
    warnings = () if network.problems else (*_untrained(seen, network, rows), *amounts)
    nodes = () if network.problems else network.nodes
    answer = next((row.shape for row in rows if [row.name] == list(network.outputs.values())), None)
    return Network(rows if seen.shapes else (), tuple(found), warnings, nodes, answer)


def _untrained(seen: Seen, network: Graph, rows: tuple[Row, ...]) -> tuple[str, ...]:
    """Weights of outputs that are only predicted, and that nothing trains."""
    trained = [tensor for name, tensor in network.outputs.items() if name in seen.targets]
    if len(network.outputs) < 2 or not trained or len(trained) < len(seen.targets):
        return ()
    nodes = {node.name: node for node in network.nodes}
    used = reached(nodes, [*trained, *network.losses.values()])
    return tuple(
        f"{row.spec.where}: the step {row.name!r} leads to no target and to no loss: its weights are never trained"
        for row in rows
        if row.parameters and row.name not in used
    )


def _one_answer_for_many_steps(config: Config, network: Graph, rows: tuple[Row, ...]) -> list[Problem]:
    """A token is to follow each step, or to stand there, and the network gives one answer for a row."""
    said = [target for target in config.data.targets if target.following or target.masked is not None]
    following = [target for target in said if target.masked is not None or target.name in tokens(config)]
    if len(following) != 1 or len(network.outputs) != 1:
        return []
    if len(config.data.targets) > 1 and following[0].name not in network.outputs:
        return []  # another model of the file says it
    (tensor,) = network.outputs.values()
    row = next((row for row in rows if row.name == tensor), None)
    if row is None or not isinstance(row.shape, tuple) or len(row.shape) != 1:
        return []
    told = "hidden at any step of" if following[0].masked is not None else "that follows each step of"
    what = f"the target is the token {told} {following[0].name!r}, and the network gives one answer"
    hint = "`return_sequences: true` in the last recurrent layer; no Flatten and no pooling"
    where = row.spec.where if row.spec.where.file else config.model.where
    return [Problem(what, where, "an answer for each step", hint)]


def _read_as_amounts(config: Config, network: Graph) -> tuple[str, ...]:
    """Numbers of words or categories that a layer takes for amounts."""
    numbers = tokens(config)
    return tuple(
        f"{node.where}: {node.spec.name} takes {name!r} for amounts, and it holds numbers of words or categories: "
        f"`Embedding: {{input_dim: $data.{name}.vocabulary_size, output_dim: 16}}` comes before"
        for node in network.nodes
        for name in node.sources
        if name in numbers and node.spec.name in _OF_AMOUNTS
    )


def _filters(network: Graph) -> list[Problem]:
    """Fixed filters that do not fit the kernel which they begin."""
    told = (filter_problem(node.spec) for node in network.nodes)
    return list(dict.fromkeys(problem for problem in told if problem))  # each turn of a step says it again


def _too_large(rows: tuple[Row, ...]) -> list[Problem]:
    """A step whose weights, or whose result for a single row, no machine holds."""
    found = []
    for row in rows:
        shapes = row.shape if isinstance(row.shape, list) else [row.shape or ()]
        given = max((prod(size or 1 for size in shape) for shape in shapes if shape is not None), default=0)
        for count, what in ((row.parameters or 0, "has"), (given, "gives")):
            if count > MOST_NUMBERS:
                of = "parameters" if what == "has" else "numbers for each row"
                found.append(Problem(f"{row.layer} {what} more than {MOST_NUMBERS:,} {of}", row.spec.where))
    return found


def _misread_outputs(config: Config, network: Graph) -> list[Problem]:
    """Logits under a loss that reads probabilities, or the other way round."""
    if not config.model.outputs:
        return []
    found = []
    for name, node in network.outputs.items():
        loss = config.compile.loss_of(name)
        problem = contradiction(name, scale(network, node), loss, loss.where) if loss else None
        if problem:
            found.append(problem)
    return found


def _heads(config: Config, seen: Seen) -> dict[str, Spec]:
    names = seen.targets or ("output",)
    if config.task == "multilabel" and len(names) > 1:
        return {"labels": tasks.get("multilabel", tasks.Facts(width=len(names))).head()}
    return {name: _head(config, seen, name) for name in names}


def _head(config: Config, seen: Seen, name: str) -> Spec:
    task = task_of(config, seen, name)
    units = losses.units(config.compile.loss_of(name))
    if task is None:
        return Spec("Dense", {"units": units}, slot="layers")
    row = (dict(seen.peek.targets) | dict(seen.peek.arrays)).get(name, ())
    width = units or (row[0] if len(row) == 1 else 1)
    return tasks.get(task, tasks.Facts(num_classes=seen.peek.num_classes, width=width)).head()


def task_of(config: Config, seen: Seen, name: str) -> str | None:
    """The task of a target where the config or the headers tell it."""
    if config.task is not None:
        written = config.task.get(name) if isinstance(config.task, Mapping) else config.task
        return written if written in tasks.names() else None
    loss = config.compile.loss_of(name)
    if loss is not None and losses.task(loss) == "embedding":
        return "embedding"
    count = seen.peek.num_classes
    if count is None or (seen.peek.target is not None and name != seen.peek.target):
        return None
    return "binary" if count == 2 else "multiclass"


def _head_before_head(config: Config, network: Graph) -> list[Problem]:
    """A last step that already is a head, while the task would add its own."""
    if config.model.outputs or not network.nodes:
        return []
    last = next((node for node in network.nodes if node.name == network.last), None)
    if last is None or last.spec.slot != "layers":
        return []
    spec = last.spec
    activation = spec.arguments.get("activation")
    named = activation.name if isinstance(activation, Spec) else ""
    final = spec.name == "Softmax" or named in ("softmax", "sigmoid")
    units = spec.arguments.get("units")
    heads = [node for node in network.nodes if node.name in network.outputs.values()]
    same = (
        spec.name == "Dense"
        and named in ("", "linear")
        and units is not None
        and any(units == head.spec.arguments.get("units") for head in heads)
    )
    if not final and not same:
        return []
    if named and units:
        written = f"{{{spec.name}: {{units: {units}, activation: {named}}}}}"
    else:
        written = f"{{{spec.name}: {units}}}" if units else spec.name
    what = f"{spec.name} with {named}" if named else f"{spec.name} with {units} units" if units else spec.name
    return [
        Problem(
            f"the last step is a head already ({what}), and the task adds another",
            last.where,
            hint=f"move it under outputs: `outputs: {written}`, or leave it out",
        )
    ]
