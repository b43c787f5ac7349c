"""An application of Keras in the script: scaled as it was trained, cut where it is read, frozen as the config says."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from nnrun.catalogue import reader
from nnrun.export.code import Code, Script, call, written
from nnrun.export.components import component_of, value
from nnrun.export.variables import Variables
from nnrun.model import backbone
from nnrun.model.graph import Graph, Node


def application(
    script: Script, node: Node, tensor: Code, variables: Variables, graph: Graph, pictures: Set[str]
) -> None:
    """The lines that make the application and call it on a tensor; `pictures` are the inputs of pictures, 0..1."""
    component = component_of(node.spec)
    base = variables.of(f"{node.layer} application", "application")
    if _is_picture(graph, node.sources[0], pictures):
        found = reader.locate("keras.applications", component.name)
        module = found[0].name.rpartition(".")[2] if found else ""
        scaled = f"keras.applications.{module}.preprocess_input({tensor.text} * 255.0)"
        tensor = Code(variables.of(f"{node.name} scaled"))
        script.set(tensor.text, Code(scaled))
    taps = node.taps or ("",)
    if not node.is_shared:
        arguments = {name: value(script, item) for name, item in node.spec.arguments.items() if name != "trainable"}
        script.set(
            base,
            call(f"keras.applications.{component.name}", input_shape=Code(f"{tensor.text}.shape[1:]"), **arguments),
        )
        if taps != ("",):
            ends = [Code(f'{base}.get_layer("{tap}").output' if tap else f"{base}.output") for tap in taps]
            script.set(base, call("keras.Model", Code(f"{base}.inputs"), ends if len(ends) > 1 else ends[0]))
        _freeze(script, base, node.spec.arguments.get("trainable"))
    found_names = [variables.of(f"{node.name}.{tap}".rstrip("."), "step") for tap in taps]
    script.set(", ".join(found_names), call(base, tensor))


def _is_picture(graph: Graph, tensor: str, pictures: Set[str]) -> bool:
    """As the build asks it: an input of pictures, with nothing before it but what keeps it one."""
    nodes = {node.name: node for node in graph.nodes}
    while tensor in nodes and backbone.is_picture(nodes[tensor].spec.name):
        tensor = nodes[tensor].sources[0]
    return tensor in pictures


def _freeze(script: Script, base: str, trainable: Any) -> None:
    if trainable is None or trainable is True:
        return
    if trainable is False:
        script.say(f"{base}.trainable = False")
        return
    kept = trainable.get("except", [])
    kept = [kept] if isinstance(kept, str) else list(kept)
    if "from" in trainable:
        script.say(f'first = [layer.name for layer in {base}.layers].index("{trainable["from"]}")')
    else:
        script.say(f"first = len({base}.layers) - {trainable['last']}")
    script.say(f"for number, layer in enumerate({base}.layers):")
    frozen = f" and type(layer).__name__ not in {written(kept)}" if kept else ""
    script.say(f"    layer.trainable = number >= first{frozen}")
