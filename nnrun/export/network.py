"""The graph of a model as the code that a person would write: a list where it is a chain, calls where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from typing import Any

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.export.application import application
from nnrun.export.code import Call, Code, Script, assign, call
from nnrun.export.components import component_of, function_of, made, value
from nnrun.export.variables import TAKEN, Variables
from nnrun.model.graph import Graph, Node
from nnrun.model.sources import SOURCES


@dataclass(frozen=True)
class Inputs:
    """Of every input how its shape is written, its dtype, and which of them are pictures."""

    shapes: Mapping[str, Any]
    dtypes: Mapping[str, str]
    pictures: Set[str]


def write_network(script: Script, graph: Graph, given: Inputs, precision: str) -> None:
    """The section that builds `model`."""
    script.need("import keras", "from keras import layers")
    ends = {node.name for tensor in _ends(graph).values() if (node := graph.node_of(tensor)) is not None}
    last = ends if precision != "float32" else set[str]()
    inputs = {name: _input(name, given, named=len(graph.inputs) > 1) for name in graph.inputs}
    if graph.is_chain:
        steps = [*inputs.values(), *(made(script, _constructor(node, ends, last)) for node in graph.nodes)]
        script.set("model", call("keras.Sequential", steps))
        return
    _Functional(script, graph, ends, last, given.pictures).write(inputs)


def _block_of(node: Node) -> str:
    """The outermost block that a call stands in, with its turn: `encoder.0`."""
    first, *others = node.name.split(".")[:-1] if node.inside else [""]
    return f"{first}.{others[0]}" if others and others[0].isdigit() else first


def _ends(graph: Graph) -> dict[str, str]:
    return {**graph.outputs, **graph.losses}


def _input(name: str, given: Inputs, *, named: bool) -> Call:
    told: dict[str, Any] = {"shape": given.shapes[name]}
    if given.dtypes.get(name, "float32") != "float32":
        told["dtype"] = given.dtypes[name]
    if named:
        told["name"] = name
    return Call("keras.Input", (), told)


def _constructor(node: Node, ends: set[str], last: set[str]) -> Spec:
    """What the layer is made with; it has a name where a person gave it one."""
    component = component_of(node.spec)
    taken = {name: item for name, item in node.spec.arguments.items() if component.parameter(name)}
    alike = component.module.startswith("nnrun.")  # ours have one name each, where Keras numbers its own
    if (node.named or node.name in ends or alike) and component.parameter("name"):
        taken["name"] = node.name
    if node.name in last and component.parameter("dtype"):
        taken["dtype"] = "float32"
    return replace(node.spec, arguments=taken)


class _Functional:
    def __init__(self, script: Script, graph: Graph, ends: set[str], last: set[str], pictures: Set[str]) -> None:
        self.script, self.graph, self.ends, self.last, self.pictures = script, graph, ends, last, pictures
        self.variables = Variables(TAKEN)
        self.shared = {node.layer for node in graph.nodes if node.is_shared}
        self.made: dict[str, str] = {}  # the layers that are called again, and their variables

    def write(self, inputs: Mapping[str, Call]) -> None:
        for name, given in inputs.items():
            self.script.set(self.variables.of(name, "input"), given)
        block = ""
        for node in self.graph.nodes:
            inside = _block_of(node)
            if inside != block and (inside or block):
                self.script.say("", *([f"# {inside}"] if inside else []))
            block = inside
            self.node(node)
        ends = {name: Code(self.tensor(tensor)) for name, tensor in _ends(self.graph).items()}
        tensors = {name: Code(self.variables.of(name)) for name in inputs}
        x = next(iter(tensors.values())) if len(tensors) == 1 else tensors
        y = next(iter(ends.values())) if len(ends) == 1 else ends
        self.script.say("")
        self.script.set("model", call("keras.Model", x, y))

    def tensor(self, name: str) -> str:
        """The variable of a tensor: `pair[1]` where a call gives several."""
        node = self.graph.node_of(name)
        if node is None or node.name == name:
            return self.variables.of(name, "step")
        rest = name[len(node.name) + 1 :]
        if node.spec.slot == "applications":
            return self.variables.of(name)
        return f"{self.variables.of(node.name)}[{rest}]"

    def node(self, node: Node) -> None:
        if node.spec.slot == "applications":
            application(
                self.script, node, Code(self.tensor(node.sources[0])), self.variables, self.graph, self.pictures
            )
            return
        called = self.function(node) if node.spec.slot == "ops" else self.layer(node)
        self.script.say(*assign(self.variables.of(node.name, "step"), called))

    def layer(self, node: Node) -> Call:
        """The layer on its tensors, with the arguments of its call."""
        if node.spec.name in SOURCES:
            first = Code(self.variables.of(self.graph.inputs[0]))
            return Call(self.of(node), (first,))
        component = catalogue.find("layers", node.spec.name)
        others = {n: item for n, item in node.spec.arguments.items() if component and not component.parameter(n)}
        places, names = self.tensors(node)
        return Call(self.of(node), tuple(places), {**names, **{n: value(self.script, v) for n, v in others.items()}})

    def of(self, node: Node) -> Any:
        """The layer itself; by its variable where it is called more than once."""
        if node.layer not in self.shared:
            return made(self.script, _constructor(node, self.ends, self.last))
        if node.layer not in self.made:
            variable = self.variables.of(f"{node.layer} layer", "layer")
            self.made[node.layer] = variable
            self.script.set(variable, made(self.script, _constructor(node, self.ends, self.last)))
        return self.made[node.layer]

    def tensors(self, node: Node) -> tuple[list[Any], dict[str, Any]]:
        places: list[Any] = []
        names: dict[str, Any] = {}
        for given in node.given:
            found = [Code(self.tensor(tensor)) for tensor in given.tensors]
            read = found if given.several else found[0]
            if given.parameter:
                names[given.parameter] = read
            else:
                places.append(read)
        return places, names

    def function(self, node: Node) -> Call:
        """A function of ops: tensors in the first places where they belong there, else by name."""
        component = component_of(node.spec)
        arguments = {name: value(self.script, item) for name, item in node.spec.arguments.items()}
        places, names = self.tensors(node)
        if component.variadic:  # einsum: what is written stands before the tensors
            first = [arguments.pop(parameter.name) for parameter in component.parameters if parameter.name in arguments]
            places = [*first, *(places[0] if node.given[0].several else places)]
        else:
            both = {**names, **arguments}
            for parameter in component.parameters:
                if parameter.name not in both or not (parameter.required or parameter.name in names):
                    break
                places.append(both.pop(parameter.name))
            names, arguments = {n: v for n, v in both.items() if n in names}, {
                n: v for n, v in both.items() if n not in names
            }  # fmt: skip
        return Call(function_of(self.script, component), tuple(places), {**names, **arguments})
