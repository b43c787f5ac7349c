"""Steps to a graph of named nodes: turns of `repeat` written out, `from` resolved, nothing left unused.

Needs no Keras: the check walks the same graph that the build turns into layers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nnrun.config.config import Model, Output, Step
from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where, did_you_mean, listing, one_of

RESERVED = ("previous", "input", "turn", "data")
MAX_LAYERS = 10_000


@dataclass(frozen=True)
class Node:
    """One call of one layer; `sources` are names of nodes or inputs."""

    name: str
    spec: Spec
    sources: tuple[str, ...]
    several: bool = False  # the sources are handed over as a list

    @property
    def where(self) -> Where:
        return self.spec.where


@dataclass(frozen=True)
class Graph:
    """A model's nodes in order; `outputs` maps the output's name to a node."""

    inputs: tuple[str, ...]
    nodes: tuple[Node, ...]
    outputs: Mapping[str, str]
    last: str
    problems: tuple[Problem, ...] = field(default=())

    @property
    def is_chain(self) -> bool:
        """Whether each node is called on the one above it, so that `Sequential` says it all."""
        above = self.inputs[0] if len(self.inputs) == 1 else ""
        for node in self.nodes:
            if node.sources != (above,) or node.several:
                return False
            above = node.name
        return list(self.outputs.values()) == [above]


def graph(model: Model, inputs: Sequence[str], heads: Mapping[str, Spec]) -> Graph:
    """The graph of a model on named inputs; `heads` are added where the config writes no outputs."""
    builder = _Builder(tuple(inputs), tuple(step.name for step in model.layers if step.name))
    for step in model.layers:
        builder.step(step)
    last = builder.previous
    outputs: dict[str, str] = {}
    if model.outputs:
        for output in model.outputs:
            name = output.name or (next(iter(heads)) if len(heads) == 1 else "output")
            outputs[name] = builder.output(output, name, last)
    else:
        for name, head in heads.items():
            node_name = name if name not in builder.known else f"{name}_head"
            outputs[name] = builder.add(replace(head, where=model.where), node_name, (last,))
    builder.unused(outputs, model)
    return Graph(builder.inputs, tuple(builder.nodes), outputs, last, tuple(builder.problems))


class _Builder:
    def __init__(self, inputs: tuple[str, ...], written: tuple[str, ...]) -> None:
        self.inputs, self.written = inputs, written
        self.nodes: list[Node] = []
        self.problems: list[Problem] = []
        self.aliases: dict[str, str] = {}  # a step's name with turns stands for its last turn
        self.known: set[str] = set(inputs)
        self.counts: dict[str, int] = {}
        self.previous = inputs[0] if len(inputs) == 1 else ""

    def problem(self, where: Where, what: str, expected: str = "", hint: str = "") -> None:
        self.problems.append(Problem(what, where, expected, hint))

    def step(self, step: Step) -> None:
        turns = self._turns(step)
        if step.name is not None:
            self._check_name(step)
        for index, spec in enumerate(turns):
            sources = self._sources(step) if index == 0 else (self.previous,)
            if step.name is None:
                name = self._automatic(spec.name)
            elif step.repeat is None:
                name = step.name
            else:
                name = f"{step.name}.{index}"
            self.previous = self.add(spec, name, sources, step.several and index == 0)
        if step.name is not None and step.repeat is not None:
            self.aliases[step.name] = self.previous  # no turn at all: the name stays what came before

    def output(self, output: Output, name: str, last: str) -> str:
        if output.of is not None:
            return self.resolve(output.of, output.where, "outputs")
        assert output.step is not None
        self.previous = last
        step = output.step
        if step.repeat is not None:
            self.problem(step.where, "an output is one layer; repeat has no place here")
        node_name = step.name or (name if name not in self.known else f"{name}_output")
        return self.add(step.spec, node_name, self._sources(step), step.several)

    def add(self, spec: Spec, name: str, sources: tuple[str, ...], several: bool = False) -> str:
        self.nodes.append(Node(name, spec, sources, several))
        self.known.add(name)
        return name

    def resolve(self, name: str, where: Where, word: str = "from") -> str:
        if name == "previous":
            if not self.previous:
                self.problem(where, f"{word}: there is no step above this one", one_of(self.inputs))
            return self.previous
        found = self.aliases.get(name, name)
        if found not in self.known:
            names = [*self.inputs, *self.aliases, *(n.name for n in self.nodes)]
            if name in self.written:
                hint = "it stands further below; move it above its use"
            else:
                hint = did_you_mean(name, names) or "a step is named by `name:` inside it, above its use"
            self.problem(where, f"{word}: there is no step or input {name!r} above", one_of(names), hint)
            return self.previous
        return found

    def _sources(self, step: Step) -> tuple[str, ...]:
        if step.sources is not None:
            return tuple(self.resolve(name, step.place("from")) for name in step.sources)
        if not self.previous:
            self.problem(
                step.where,
                f"{step.spec.name} does not say on which of the {len(self.inputs)} inputs it is called",
                f"`from:` with one of {listing(self.inputs)}",
            )
            return (self.inputs[0],) if self.inputs else ()
        return (self.previous,)

    def _turns(self, step: Step) -> list[Spec]:
        if step.repeat is None:
            return [step.spec]
        count = step.repeat if isinstance(step.repeat, int) else len(next(iter(step.repeat.values())))
        if len(self.nodes) + count > MAX_LAYERS:
            self.problem(step.place("repeat"), f"repeat makes more than {MAX_LAYERS:,} layers", "fewer turns")
            return [step.spec]
        if isinstance(step.repeat, int):
            return [step.spec] * count
        turns = [{key: values[turn] for key, values in step.repeat.items()} for turn in range(count)]
        return [replace(step.spec, arguments={**step.spec.arguments, **turn}) for turn in turns]

    def _check_name(self, step: Step) -> None:
        name = step.name or ""
        if name in RESERVED:
            self.problem(
                step.place("name"),
                f"a step may not be named {name!r}",
                hint=f"{listing(RESERVED)} have a meaning of their own",
            )
        elif name in self.known or name in self.aliases:
            what = "an input" if name in self.inputs else "a step above"
            self.problem(step.place("name"), f"{what} is named {name!r} already", hint="give this step another name")

    def _automatic(self, layer: str) -> str:
        """`conv2d`, `conv2d_1`, ...: as Keras names layers in a fresh session."""
        base = snake_case(layer)
        while True:
            count = self.counts.get(base, 0)
            self.counts[base] = count + 1
            name = f"{base}_{count}" if count else base
            if name not in self.known:
                return name

    def unused(self, outputs: Mapping[str, str], model: Model) -> None:
        """Nothing is ignored: every step and every input leads to an output."""
        if self.problems:
            return
        sources = {node.name: node.sources for node in self.nodes}
        reached: set[str] = set()
        waiting = list(outputs.values())
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached.add(name)
                waiting += sources.get(name, ())
        for node in self.nodes:
            if node.name not in reached:
                self.problem(
                    node.where,
                    f"the step {node.name!r} leads to no output",
                    hint="use its name in a later `from`, make it an output, or delete it",
                )
        for name in self.inputs:
            if name not in reached:
                self.problem(
                    model.where,
                    f"the input {name!r} is used by no step",
                    hint=f"begin a step with `from: {name}`, or leave its columns out of data.features",
                )


def snake_case(name: str) -> str:
    """Keras' own rule for a layer's automatic name (keras/src/utils/naming.py)."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
