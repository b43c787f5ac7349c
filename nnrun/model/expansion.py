"""Steps written out: turns, blocks and references become a graph of single calls, nothing left unused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nnrun.config.config import Block, Model, Output, Step
from nnrun.config.expressions import UNKNOWN
from nnrun.config.spec import Spec
from nnrun.errors import one_of
from nnrun.model import calling, earlier, saved
from nnrun.model.calling import Group
from nnrun.model.facts import Facts
from nnrun.model.graph import Given, Graph, Node, own_name, snake_case
from nnrun.model.initializers.filter import fitted
from nnrun.model.reading import evaluated
from nnrun.model.scope import Bound, Scope
from nnrun.model.sources import groups_of, tensors_of, turns_of
from nnrun.model.telling import Ended, Telling
from nnrun.model.unused import unused

MAX_LAYERS = 10_000

Shapes = Mapping[str, Any]


class Measure(Protocol):
    """What tells the shape of a call's rows: a list where it gives several tensors, None where it is not known."""

    def __call__(self, node: Node, shapes: Shapes) -> Any: ...


def expand(model: Model, inputs: Shapes, heads: Mapping[str, Spec], facts: Facts | None, measure: Measure) -> Graph:
    """The graph of a model on inputs of these shapes; `heads` are added where the config writes no outputs."""
    expansion = _Expansion(model, inputs, facts, measure)
    try:
        return expansion.graph(model, heads)
    except Ended:
        return Graph(expansion.inputs, (), {}, "", tuple(expansion.problems))


class _Expansion(Telling):
    def __init__(self, model: Model, inputs: Shapes, facts: Facts | None, measure: Measure) -> None:
        super().__init__()
        self.model, self.inputs, self.measure = model, tuple(inputs), measure
        self.nodes: dict[str, Node] = {}
        self.shapes: dict[str, Any] = dict(inputs)
        self.shared: dict[str, str] = {}  # names under which a step or a model is called again, to its own
        self.models: set[str] = set()  # those that were called
        names = {name: Bound((name,)) for name in inputs}
        only = self.inputs if len(self.inputs) == 1 else ()
        written = _names(model.layers)
        self.scope = Scope(
            "", names, {}, model.variables, facts, only, shapes=self.shapes, inputs=self.inputs, written=written
        )

    def graph(self, model: Model, heads: Mapping[str, Spec]) -> Graph:
        scope = self.scope
        self.steps(model.layers, scope)
        above = scope.previous
        outputs: dict[str, str] = {}
        for output in model.outputs:
            name = output.name or (next(iter(heads)) if len(heads) == 1 else "output")
            outputs[name] = self.output(output, name, above)
        losses = {str(loss.name): self.output(loss, str(loss.name), above, "losses") for loss in model.losses}
        if not model.outputs:
            for name, head in heads.items():
                local = name if name not in scope.names else f"{name}_output"
                spec = replace(head, where=model.where)
                if not above:
                    hint = f"begin with a step on one: `from: {self.inputs[0]}`" if self.inputs else ""
                    self.say(model.where, "no step stands on the inputs, and the task adds a head to a step", hint=hint)
                    continue
                if len(above) != 1:
                    what = f"the last step gives {len(above)} tensors, and the task adds a head to one"
                    self.say(model.where, what, hint=f"join them, or end with a step on one: `from: {above[0]}`")
                outputs[name] = self.node(spec, local, (Given(above[:1]),), scope).tensors[0]
        for loss in model.losses:
            if loss.name in outputs:
                self.say(loss.where, f"the loss {loss.name!r} has the name of an output", hint="give it another name")
        last = above[0] if len(above) == 1 else ""
        return unused(self, model, outputs, losses, last)

    def steps(self, steps: Sequence[Step], scope: Scope) -> None:
        """One step after another."""
        for step in steps:
            self.counted(step)
            self.step(step, scope)

    def step(self, step: Step, scope: Scope) -> None:
        if step.name is not None and step.name in scope.names:
            what = "an input" if step.name in self.inputs and not scope.path else "a step above"
            hint = "give this step another name"
            self.say(step.place("name"), f"{what} is named {step.name!r} already", hint=hint)
            return
        if step.spec.slot == "steps":
            step = self.again(step, scope)
        if step.repeat is None and step.each is None:
            made = self.call(step, step.name, scope) if self.wanted(step, scope) else None
        else:
            made = self.turns(step, scope)
        if made is None:
            made = Bound(scope.previous)  # passed over: what came before
        scope.previous = made.tensors
        if step.name is not None:
            scope.names[step.name] = replace(made, step=step)

    def again(self, step: Step, scope: Scope) -> Step:
        """The step that is called again, with the tensors of this one."""
        bound = scope.names.get(step.spec.name)
        if bound is None or bound.step is None:
            self.say(step.where, f"{step.spec.name!r} is no step, and cannot be called again")
            return step
        name = step.name or self.automatic(step.spec.name, scope)
        self.shared[scope.full(name)] = scope.full(step.spec.name)
        spec = replace(bound.step.spec, where=step.where)
        called = replace(bound.step, spec=spec, name=name, sources=step.sources)
        return replace(called, condition=step.condition, places=step.places)

    def wanted(self, step: Step, scope: Scope) -> bool:
        """Whether `if` holds; a condition that only the built layers tell is taken to hold."""
        if isinstance(step.condition, bool):
            return step.condition
        found = self.value(step.condition, scope, step.place("if"))
        return bool(found) if found is not UNKNOWN else True

    def turns(self, step: Step, scope: Scope) -> Bound | None:
        """Every turn of `repeat`, on what the turn before gave, or of `each`, on the same tensors."""
        repeats = step.repeat is not None
        before, outer, made = scope.previous, scope.turn, list[Bound]()
        for index, turn in enumerate(turns_of(step, scope, self)):
            self.counted(step)
            scope.turn = index
            if not repeats:
                scope.previous = before
            if not self.wanted(step, scope):
                continue
            spec = replace(step.spec, arguments={**step.spec.arguments, **turn.arguments})
            first = made[-1].tensors if repeats and made else None
            local = f"{step.name}.{index}" if step.name else None
            made.append(self.call(replace(step, spec=spec), local, scope, first, turn.group))
            scope.previous = made[-1].tensors
        scope.turn, scope.previous = outer, before
        if not made:
            return None
        whole = made[-1].tensors if repeats else tuple(name for bound in made for name in bound.tensors)
        return Bound(whole, turns=tuple(made))

    def call(
        self,
        step: Step,
        local: str | None,
        scope: Scope,
        first: tuple[str, ...] | None = None,
        own: Group | None = None,
    ) -> Bound:
        """One call: of a block with a scope of its own, or of a node."""
        told = len(self.problems)
        groups = [own] if own is not None else groups_of(step, scope, self, first)
        named = local is not None
        local = local or self.automatic(step.spec.name, scope)
        if step.spec.slot == "blocks":
            return self.block(step, local, scope, groups)
        spec, problems = evaluated(step.spec, scope)
        for found in problems:
            self.say(found.where or step.where, found.what, found.expected, found.hint)
        if spec.slot == "applications" and step.trainable is not None:
            spec = replace(spec, arguments={**spec.arguments, "trainable": step.trainable})
        given, wrong = calling.given(spec, groups)
        if wrong is not None:
            self.say(step.place("from"), wrong.what, wrong.expected, wrong.hint)
        return self.node(spec, local, given, scope, named=named, is_doubtful=len(self.problems) > told)

    def block(self, step: Step, local: str, scope: Scope, groups: list[Group]) -> Bound:
        block = self.model.blocks[step.spec.name]
        path = self.place(block, scope.full(local))
        bound, wrong = calling.block_inputs(block, groups)
        if wrong is not None:
            self.say(step.place("from"), wrong.what, wrong.expected, wrong.hint)
            return Bound(scope.previous)
        names = {name: Bound(tensors) for name, tensors in bound.items()}
        written = _names(block.layers)
        inside = Scope(
            path,
            names,
            {},
            scope.variables,
            scope.facts,
            bound[block.inputs[0]],
            None,
            {},
            self.shapes,
            written=written,
        )
        for name, default in block.parameters.items():
            given = name in step.spec.arguments
            # What is given is read where it was written, a default inside of the block.
            value = step.spec.arguments[name] if given else default
            inside.values[name] = self.value(value, scope if given else inside, step.where if given else block.where)
            if not given and name in block.required:
                inside.values[name] = UNKNOWN  # it is missing, which is told
        with self.calling(f"{'model' if block.is_model else 'block'} {block.name!r}", step.where):
            self.steps(block.layers, inside)
        return Bound(inside.previous, inside=inside)

    def place(self, block: Block, path: str) -> str:
        """Where the steps of a block stand; those of a model under its own name, whoever calls it."""
        if not block.is_model:
            return path
        if block.name not in self.models:
            self.models.add(block.name)
            return block.name
        self.shared[path] = block.name
        return path

    def node(
        self,
        spec: Spec,
        local: str,
        given: tuple[Given, ...],
        scope: Scope,
        *,
        named: bool = False,
        is_doubtful: bool = False,
    ) -> Bound:
        """One call as a node of the graph, and the tensors that it gives."""
        name = scope.full(local)
        layer = own_name(name, self.shared)
        if layer in self.nodes:
            layer = self.nodes[layer].layer
            spec = replace(self.nodes[layer].spec, where=spec.where)
        else:
            layer = name
            spec = fitted(spec, self.shapes.get(given[0].tensors[0]) if given and given[0].tensors else None)
        caller = f"{self.caller()}, as {scope.path!r}" if scope.path else ""
        node = Node(name, spec, given, layer, caller, named, is_doubtful=is_doubtful)
        if len(self.nodes) >= MAX_LAYERS:
            self.too_large(spec.where, f"the model has more than {MAX_LAYERS:,} layers")
        self.nodes[name] = node
        shape = self.measure(node, self.shapes)
        self.shapes[name] = shape
        if earlier.is_earlier(spec) and not is_doubtful and shape is not None:
            self.shapes.update({f"{name}.{inner}": told for inner, told in saved.inside(spec).items()})
        tensors: tuple[str, ...] = (name,)
        if isinstance(shape, list):
            tensors = tuple(f"{name}.{index}" for index in range(len(shape)))
            self.shapes.update(zip(tensors, shape, strict=True))
        bound = Bound(tensors, node=name, opens=spec.slot == "applications")
        scope.names.setdefault(local, bound)
        return bound

    def output(self, output: Output, name: str, above: tuple[str, ...], section: str = "outputs") -> str:
        """The tensor of an output or a loss: of the step on top of the last one, or of the step that is named."""
        scope = self.scope
        if output.of is not None:
            found = tensors_of(output.of, scope, self, output.where, section)
        else:
            assert output.step is not None
            step = output.step
            for word, turns in (("repeat", step.repeat), ("each", step.each)):
                if turns is not None:
                    self.say(step.place(word), f"an output is one step; {word} has no place here")
            scope.previous = above
            local = step.name or (name if name not in scope.names else f"{name}_output")
            if step.spec.slot == "steps":
                step = self.again(replace(step, name=local), scope)
            bound = self.call(replace(step, repeat=None, each=None), local, scope)
            found = bound.tensors
        if len(found) != 1:
            what = f"the {'loss' if section == 'losses' else 'output'} {name!r} stands for {len(found)} tensors"
            self.say(output.where, what, one_of(found))
        return found[0] if found else ""

    def automatic(self, called: str, scope: Scope) -> str:
        """`conv2d`, `conv2d_1`, ...: as Keras names layers in a fresh session."""
        base = snake_case(called.rpartition(".")[2]) or "step"
        while True:
            count = scope.counts.get(base, 0)
            scope.counts[base] = count + 1
            name = f"{base}_{count}" if count else base
            taken = (*scope.names, *scope.written)
            if name not in taken and scope.full(name) not in self.nodes and scope.full(name) not in self.models:
                return name


def _names(steps: Sequence[Step]) -> tuple[str, ...]:
    """The names that the steps of a list give themselves, those further below too."""
    return tuple(step.name for step in steps if step.name)
