"""The network of a config by arithmetic alone: graph, shapes, heads and references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nnrun import tasks
from nnrun.check.data import Seen
from nnrun.config.config import Config
from nnrun.config.spec import Reference, Spec
from nnrun.errors import Problem, did_you_mean, one_of
from nnrun.model.graph import Graph, graph
from nnrun.model.logits import contradiction, scale
from nnrun.model.shapes import Row, walk


@dataclass(frozen=True)
class Network:
    """A row for every layer, and what is wrong with them."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


def look(config: Config, seen: Seen, *, broken: bool) -> Network:
    """Rows of every node; `broken` says that names are wrong already, so that shapes would only repeat it."""
    if not seen.shapes:
        return Network((), ())  # the inputs are not known: nothing can be said about shapes
    heads = _heads(config, seen)
    network = graph(config.model, list(seen.shapes), heads)
    if broken and network.problems:
        return Network((), tuple(network.problems))
    rows, problems = walk(network, seen.shapes, seen.facts)
    found = [*network.problems, *problems]
    if not network.problems:
        found += [*_head_before_head(config, network), *_misread_outputs(config, network)]
    found += _references(config, seen)
    return Network(tuple(rows), tuple(found))


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
    if task is None:
        return Spec("Dense", {"units": None}, slot="layers")
    return tasks.get(task, tasks.Facts(num_classes=seen.peek.num_classes)).head()


def task_of(config: Config, seen: Seen, name: str) -> str | None:
    """The task of a target where the config or the headers tell it."""
    if config.task is not None:
        written = config.task.get(name) if isinstance(config.task, Mapping) else config.task
        return written if written in tasks.names() else None
    count = seen.peek.num_classes
    if count is None or (seen.peek.target is not None and name != seen.peek.target):
        return None
    return "binary" if count == 2 else "multiclass"


def _head_before_head(config: Config, network: Graph) -> list[Problem]:
    """A last step that already is a head, while the task would add its own."""
    if config.model.outputs or not network.nodes:
        return []
    last = next((node for node in network.nodes if node.name == network.last), None)
    if last is None:
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


def references(value: Any) -> Iterator[Reference]:
    """Every reference inside a value."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, Spec):
        for item in value.arguments.values():
            yield from references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from references(item)


def _references(config: Config, seen: Seen) -> list[Problem]:
    specs = [step.spec for step in config.model.layers] + [
        o.step.spec for o in config.model.outputs if o.step is not None
    ]
    problems = []
    for spec in specs:
        for reference in references(spec):
            parts = reference.path[1:]
            known = ["num_classes", *(f"{name}.vocabulary_size" for name in seen.shapes)]
            told = ".".join(parts)
            if told not in known:
                problems.append(
                    Problem(
                        f"{reference} is not known",
                        reference.where,
                        one_of([f"$data.{name}" for name in known]),
                        did_you_mean(str(reference), [f"$data.{name}" for name in known]),
                    )
                )
            elif parts[-1] == "vocabulary_size" and not _has_vocabulary(config, parts[0]):
                problems.append(
                    Problem(
                        f"{reference}: the input {parts[0]!r} has no vocabulary",
                        reference.where,
                        f"`features: {{{parts[0]}: {{index: COLUMN}}}}`",
                    )
                )
    return problems


def _has_vocabulary(config: Config, name: str) -> bool:
    entries = (config.data.features or {}).get(name, ())
    return any(step.name == "index" for entry in entries for step in entry.steps)
