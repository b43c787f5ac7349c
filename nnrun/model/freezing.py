"""Which layers of a built model learn, said by path or pattern; what is not said stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod
from typing import Any

from nnrun import catalogue
from nnrun.errors import ConfigError, Problem, Where, nearest
from nnrun.model import framework


def freeze(model: Any, rules: Mapping[str, Any], where: Callable[[str], Where] | None = None) -> None:
    """Sets what learns: a layer for each key, by its path (`base`, `base.block5_conv1`) or a pattern (`base.block5_*`).

    A rule is true, false, {from: LAYER} or {last: N} of what the key names, with `except: BatchNormalization` for
    layers that stay frozen all the same. A later rule wins. `where` gives the place of a key. A frozen
    BatchNormalization is in inference mode, as Keras has it. Raises ConfigError for a name that fits no layer.
    """
    leaves = list(_leaves(model, ""))
    wanted = learning(model)
    for key, rule in rules.items():
        place = where(key) if where is not None else None
        found = _named(leaves, key, place)
        for leaf, learns in zip(found, _ruled(found, key, rule, place), strict=True):
            wanted[id(leaf.layer)] = learns
    _set(model, wanted)


def learning(model: Any) -> dict[int, bool]:
    """Whether each layer learns now, by the layer's identity."""
    return {id(leaf.layer): bool(leaf.layer.trainable and leaf.learns) for leaf in _leaves(model, "")}


def set_learning(model: Any, wanted: Mapping[int, bool]) -> None:
    """Puts back what `learning` gave."""
    _set(model, wanted)


def counts(model: Any) -> tuple[int, int]:
    """How many parameters learn, and how many do not; the moving statistics of a normalization never learn."""
    learn, rest = (
        sum(prod(weight.shape) for weight in weights)
        for weights in (model.trainable_weights, model.non_trainable_weights)
    )
    return learn, rest


@dataclass(frozen=True)
class _Leaf:
    """A layer that is no model itself; `learns` says whether the models around it do."""

    path: str
    layer: Any
    learns: bool


def _leaves(model: Any, path: str, learns: bool = True) -> Iterator[_Leaf]:
    keras = framework.keras()
    learns = learns and bool(model.trainable)
    for layer in model.layers:
        inner = f"{path}.{layer.name}" if path else layer.name
        if isinstance(layer, keras.Model):
            yield from _leaves(layer, inner, learns)
        else:
            yield _Leaf(inner, layer, learns)


def _named(leaves: Sequence[_Leaf], key: str, where: Where | None) -> list[_Leaf]:
    """The layers that a key names: one, all inside of a network or a block, or those that fit a pattern."""
    inside = [leaf for leaf in leaves if leaf.path == key or leaf.path.startswith(f"{key}.")]
    found = inside or [leaf for leaf in leaves if fnmatchcase(leaf.path, key)]
    if found:
        return found
    paths = [leaf.path for leaf in leaves]
    above = list(dict.fromkeys(path.rpartition(".")[0] for path in paths if "." in path))
    deeper = next((f"{path}.{key}" for path in above if _fits_any(f"{path}.{key}", paths)), None)
    meant = deeper or nearest(key, [*paths, *above])
    hint = f"did you mean {meant!r}?" if meant else f"layers are {', '.join(_tops(paths)[:12])}"
    raise ConfigError([Problem(f"trainable names {key!r}, and no layer of the model is called so", where, hint=hint)])


def _fits_any(key: str, paths: Sequence[str]) -> bool:
    return any(path == key or fnmatchcase(path, key) for path in paths)


def _tops(paths: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(path.partition(".")[0] for path in paths))


def _ruled(found: Sequence[_Leaf], key: str, rule: Any, where: Where | None) -> list[bool]:
    """Of each layer that a key names, whether it learns."""
    if isinstance(rule, bool):
        return [rule] * len(found)
    first = _first(found, key, rule, where)
    kept = rule.get("except", [])
    kept = [kept] if isinstance(kept, str) else list(kept)
    for name in kept:
        if catalogue.find("layers", name) is None and not any(_is(leaf, name) for leaf in found):
            meant = nearest(name, [*catalogue.names("layers"), *(leaf.path for leaf in found)])
            hint = f"did you mean {meant!r}?" if meant else ""
            raise ConfigError([Problem(f"except names {name!r}, and that is no layer", where, hint=hint)])
    return [
        index >= first and not any(_is(leaf, name) or type(leaf.layer).__name__ == name for name in kept)
        for index, leaf in enumerate(found)
    ]


def _first(found: Sequence[_Leaf], key: str, rule: Mapping[str, Any], where: Where | None) -> int:
    """From which of the layers on they learn."""
    if "from" not in rule:
        return len(found) - int(rule["last"]) if "last" in rule else 0
    for index, leaf in enumerate(found):
        if _is(leaf, rule["from"]):
            return index
    meant = nearest(rule["from"], [leaf.path.rpartition(".")[2] for leaf in found])
    hint = f"did you mean {meant!r}?" if meant else ""
    raise ConfigError([Problem(f"{key} has no layer {rule['from']!r} to train from", where, hint=hint)])


def _is(leaf: _Leaf, name: str) -> bool:
    """Whether a layer has a name, or a path that ends with it, or a pattern that fits one of them."""
    return leaf.path == name or leaf.path.endswith(f".{name}") or fnmatchcase(leaf.layer.name, name)


def _set(model: Any, wanted: Mapping[int, bool]) -> None:
    """Sets layers, and the models around them: one in which nothing learns is frozen as a whole."""
    keras = framework.keras()
    learns = any(_wanted(model, wanted))
    if bool(model.trainable) != learns:
        model.trainable = learns  # and with it all that is inside, which is set below
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _set(layer, wanted)
        elif bool(layer.trainable) != wanted[id(layer)]:
            layer.trainable = wanted[id(layer)]


def _wanted(model: Any, wanted: Mapping[int, bool]) -> Iterator[bool]:
    for leaf in _leaves(model, ""):
        yield wanted[id(leaf.layer)]
