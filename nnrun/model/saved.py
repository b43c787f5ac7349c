"""A network in a `.keras` file, known from the JSON in it: its layers, their shapes and parameters, where it is cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from nnrun.config.spec import Spec
from nnrun.errors import ConfigError, DataError, Problem, did_you_mean, listing
from nnrun.model import arithmetic, earlier, framework
from nnrun.model.archive import model_of
from nnrun.model.arithmetic import ShapeError
from nnrun.model.logits import PASSING, Scale, of_layer
from nnrun.model.vetting import MODELS, vet


@dataclass(frozen=True)
class SavedLayer:
    """One layer: the shape of its rows, all parameters, those that never learn, and what it is called on."""

    name: str
    kind: str
    shape: Any
    parameters: int | None
    statistics: int | None
    sources: tuple[str, ...]
    draws: bool = False
    gives: Scale | None = None


@dataclass(frozen=True)
class Saved:
    """A network with one input and one output; its layers in order, the inputs left out."""

    path: Path
    shape: tuple[int | None, ...] | None  # of a row of its input
    layers: tuple[SavedLayer, ...]
    output: str

    @property
    def names(self) -> list[str]:
        return [layer.name for layer in self.layers]

    def layer(self, name: str) -> SavedLayer:
        """A layer by its name."""
        return next(layer for layer in self.layers if layer.name == name)

    @property
    def gives(self) -> Scale | None:
        """Whether the output is probabilities or logits; None where it cannot be told."""
        layer = self.layer(self.output)
        while layer.kind in PASSING and self._above(layer):
            layer = self.layer(self._above(layer))
        return layer.gives

    def cut(self, spec: Spec) -> str:
        """The layer whose output a step gives: `until`, else the one before the head. Raises ConfigError."""
        until = spec.arguments.get("until")
        if until is None:
            return self._before_the_head(spec)
        self.require(str(until), spec)
        return str(until)

    def require(self, name: str, spec: Spec) -> None:
        """Raises ConfigError where there is no layer of this name."""
        if name not in self.names:
            hint = did_you_mean(name, self.names)
            expected = "" if hint else f"one of {listing(self.names)}"
            raise ConfigError([Problem(f"the trained network has no layer {name!r}", spec.where, expected, hint)])

    def _before_the_head(self, spec: Spec) -> str:
        """Below the last layer with weights, and below what stands on it: Dense, or Dense and Activation."""
        layer = self.layer(self.output)
        while not layer.parameters and layer.parameters is not None and self._above(layer):
            layer = self.layer(self._above(layer))
        below = self._above(layer)
        if not below:
            what = "it is not known which layers of the trained network are its head"
            hint = f"write until: one of {listing(self.names)}"
            raise ConfigError([Problem(what, spec.where, hint=hint)])
        return below

    def _above(self, layer: SavedLayer) -> str:
        """The one layer that a layer is called on; nothing where they are several, or it is the input."""
        return layer.sources[0] if len(layer.sources) == 1 and layer.sources[0] in self.names else ""

    def until(self, taps: Sequence[str]) -> list[SavedLayer]:
        """The layers that some of them need, themselves too."""
        by_name = {layer.name: layer for layer in self.layers}
        wanted, waiting = set[str](), list(taps)
        while waiting:
            name = waiting.pop()
            if name in by_name and name not in wanted:
                wanted.add(name)
                waiting += by_name[name].sources
        return [layer for layer in self.layers if layer.name in wanted]


def saved(path: Path, spec: Spec) -> Saved:
    """What the file of a step `trained` holds. Raises ConfigError, at the step, for what cannot be a layer."""
    try:
        return _saved(path, path.stat().st_mtime_ns)
    except DataError as error:
        raise ConfigError(error.at(spec.where).problems) from None
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        what = f"{path.name} describes no network that is understood ({type(error).__name__}: {error})"
        raise ConfigError([Problem(what, spec.where, "what `model.save` of Keras 3 writes")]) from None


@lru_cache(maxsize=32)
def _saved(path: Path, _changed: int) -> Saved:
    data = model_of(path)
    vet(data, path)
    config = data["config"]
    if data.get("class_name") not in MODELS or "layers" not in config:
        raise DataError(f"{path.name} holds a {data.get('class_name')}", expected="a Sequential or a functional model")
    layers = _functional(config) if "output_layers" in config else _sequential(config)
    inputs = [layer for layer in config["layers"] if layer["class_name"] == "InputLayer"]
    if len(inputs) > 1:
        names = listing([layer["config"]["name"] for layer in inputs])
        raise DataError(f"the trained network has {len(inputs)} inputs ({names})", expected="a network with one input")
    shape = inputs[0]["config"].get("batch_shape") if inputs else config.get("build_input_shape")
    return Saved(path, _row(shape), layers, _output(config, layers))


def _output(config: Mapping[str, Any], layers: Sequence[SavedLayer]) -> str:
    """The layer that gives the output; "" where there are several."""
    ends = config.get("output_layers")
    if ends is None:
        return layers[-1].name
    if isinstance(ends, Mapping):
        ends = list(ends.values())
    if len(ends) == 3 and isinstance(ends[0], str):
        return str(ends[0])
    return str(ends[0][0]) if len(ends) == 1 else layers[-1].name


def _sequential(config: Mapping[str, Any]) -> tuple[SavedLayer, ...]:
    found: list[SavedLayer] = []
    layers = [layer for layer in config["layers"] if layer["class_name"] != "InputLayer"]
    first = next((layer for layer in config["layers"] if layer["class_name"] == "InputLayer"), None)
    shape = _row(first["config"].get("batch_shape") if first else config.get("build_input_shape"))
    above: tuple[str, ...] = ()
    for index, layer in enumerate(layers):
        follows = layers[index + 1].get("build_config", {}).get("input_shape") if index + 1 < len(layers) else None
        made = _layer(layer, [shape], _row(follows), above)
        found.append(made)
        shape, above = made.shape, (made.name,)
    return tuple(found)


def _functional(config: Mapping[str, Any]) -> tuple[SavedLayer, ...]:
    shapes: dict[str, Any] = {}
    for layer in config["layers"]:
        for name, index, shape in _tensors(layer.get("inbound_nodes", [])):
            if index == 0:
                shapes.setdefault(name, _row(shape))
    found: dict[str, SavedLayer] = {}
    for layer in config["layers"]:
        if layer["class_name"] == "InputLayer":
            continue
        calls = layer.get("inbound_nodes", [])
        given = list(_tensors(calls[:1]))
        told = [_row(shape) for _, _, shape in given]
        made = _layer(layer, told, shapes.get(str(layer["name"])), tuple(name for name, _, _ in _tensors(calls)))
        found[made.name] = made
    return tuple(found.values())


def _tensors(value: Any) -> Iterator[tuple[str, int, Any]]:
    """The tensors in the arguments of calls: the layer that gives each, which of its tensors, and the shape."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            name, _, index = value["config"]["keras_history"]
            yield str(name), int(index), value["config"]["shape"]
            return
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _tensors(item)


def _layer(layer: Mapping[str, Any], given: list[Any], told: Any, sources: tuple[str, ...]) -> SavedLayer:
    """One layer, its shape as the file tells it, else by arithmetic."""
    kind, config = str(layer["class_name"]), layer["config"]
    name = str(layer.get("name") or config["name"])
    if kind in MODELS:
        inner = _functional(config) if "output_layers" in config else _sequential(config)
        shape = told or (inner[-1].shape if inner else None)
        counts = [part.parameters for part in inner]
        kept = [part.statistics for part in inner]
        draws = any(part.draws for part in inner)
        gives = inner[-1].gives if inner else None
        return SavedLayer(name, kind, shape, arithmetic.total(*counts), arithmetic.total(*kept), sources, draws, gives)
    if str(layer.get("module", "")).startswith("keras.src.ops"):
        return SavedLayer(name, f"ops.{kind}", told, 0, 0, sources)
    arguments = {key: _argument(value) for key, value in config.items() if key not in ("name", "dtype", "trainable")}
    shape, parameters, statistics = told, None, None
    try:
        shape = told or arithmetic.output_shape(kind, arguments, given)
        parameters = arithmetic.parameters(kind, arguments, given)
        statistics = arithmetic.fixed(kind, arguments, given) if parameters else parameters
    except ShapeError:
        pass  # it was built, so that the arithmetic is what is wrong: it is not known
    gives = of_layer(Spec(kind, arguments))
    return SavedLayer(name, kind, shape, parameters, statistics, sources, _draws(arguments), gives)


def _draws(arguments: Mapping[str, Any]) -> bool:
    """Whether a layer draws while it is trained."""
    amounts = [arguments[name] for name in ("rate", "stddev", "dropout", "recurrent_dropout") if name in arguments]
    return any(amounts) if amounts else "seed" in arguments


def _argument(value: Any) -> Any:
    """A serialized layer inside of another as a spec; all else as it is."""
    if isinstance(value, Mapping) and {"class_name", "config"} <= set(value) and isinstance(value["config"], Mapping):
        inner = {key: _argument(item) for key, item in value["config"].items() if key not in ("name", "dtype")}
        return Spec(str(value["class_name"]), inner)
    return value


def _row(shape: Any) -> Any:
    """The shape of a row from that of a batch."""
    return None if not isinstance(shape, list | tuple) or not shape else tuple(shape[1:])


def inside(spec: Spec) -> dict[str, Any]:
    """The shapes of the layers of the network that a step `trained` calls, by their names."""
    return {layer.name: layer.shape for layer in saved(earlier.find(spec), spec).layers}


def holds(spec: Spec, asked: Callable[[SavedLayer], bool]) -> bool:
    """Whether the part of the network that a step `trained` calls holds such a layer; False where it is not there."""
    try:
        network = saved(earlier.find(spec), spec)
        return any(map(asked, network.until([network.cut(spec)])))
    except ConfigError:
        return False  # which is told with the step


def counts(spec: Spec, taps: Sequence[str]) -> tuple[int | None, int | None]:
    """All parameters of the part of a network that is read, and those that do not learn."""
    network = saved(earlier.find(spec), spec)
    layers = network.until([tap or network.cut(spec) for tap in taps or ("",)])
    learn = _learning(layers, spec.arguments.get("trainable", True))
    fixed = [layer.statistics if own else layer.parameters for layer, own in zip(layers, learn, strict=True)]
    return arithmetic.total(*(layer.parameters for layer in layers)), arithmetic.total(*fixed)


def _learning(layers: Sequence[SavedLayer], rule: Any) -> list[bool]:
    """Of each layer whether it learns, as `freezing` sets it when the network is there."""
    if not isinstance(rule, Mapping):
        return [rule is not False] * len(layers)
    names = [layer.name for layer in layers]
    first = names.index(rule["from"]) if rule.get("from") in names else len(layers) - int(rule.get("last", len(layers)))
    kept = rule.get("except", [])
    kept = [kept] if isinstance(kept, str) else kept
    return [at >= first and not {layer.kind, layer.name} & set(kept) for at, layer in enumerate(layers)]


def differ(told: Sequence[int | None], given: Sequence[int | None]) -> bool:
    """Whether rows of one shape cannot be those of another; an axis that is not known fits any."""
    pairs = zip(told, given, strict=False)
    return len(told) != len(given) or any(None not in pair and pair[0] != pair[1] for pair in pairs)


def other_rows(spec: Spec, told: Sequence[int | None], given: Sequence[int | None]) -> Problem:
    """That a network is called on rows of another shape than those that it was trained on."""
    what = f"the network was trained on rows of the shape {tuple(told)}, and is called on {tuple(given)}"
    return Problem(what, spec.where, hint="bring the rows to that shape before it: Resizing, Reshape")


def load(path: Path, spec: Spec) -> Any:
    """The network as Keras makes it, not compiled. No code of the file is run: what it holds was looked at before."""
    saved(path, spec)
    return framework.keras().saving.load_model(path, compile=False, safe_mode=True)
