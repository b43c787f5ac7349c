"""The inputs of a model as the config and the headers of the data tell them; None where the data itself decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.config import Config, Features
from nnrun.data.dataset import Peek
from nnrun.data.features import gives_ids, input_shape, with_others
from nnrun.model import augmenting

Shape = tuple[int | None, ...]


def features_of(config: Config, peek: Peek) -> Features | None:
    """The features, with the columns that `others` stands for where the header tells them."""
    if config.data.features is None or peek.columns is None:
        return config.data.features
    taken = {column for target in config.data.targets for column in target.taken}
    return with_others(config.data.features, peek.columns, taken | config.columns_about_rows)


def input_shapes(config: Config, peek: Peek) -> dict[str, Shape | None]:
    """The shape of one row of each input."""
    taken = {column for target in config.data.targets for column in target.taken}
    anomaly = config.predict.anomaly
    taken |= {name for name in (config.group, config.data.weight, anomaly and anomaly.truth) if name}
    features = features_of(config, peek)
    named = {column for entries in (features or {}).values() for entry in entries for column in entry.columns}
    shapes: dict[str, Shape | None] = {
        name: shape for name, shape in peek.arrays.items() if name not in taken | (named - set(peek.columns or ()))
    }
    if features is not None:
        arrays = {name: shape for name, shape in peek.arrays.items() if name not in (peek.columns or ())}
        found = {name: input_shape(entries, arrays) if entries else None for name, entries in features.items()}
        shapes |= {name: _whole(config, shape) for name, shape in found.items()}
    elif peek.columns is not None or (not shapes and peek.is_table):
        shapes["table"] = _whole(config, (None,))
    return shapes


def input_facts(config: Config, shapes: Mapping[str, Shape | None]) -> dict[str, Any]:
    """What `$data.INPUT...` may refer to."""
    return {name: {"shape": shape, **_vocabulary(config, name)} for name, shape in shapes.items()}


def target_facts(config: Config) -> dict[str, Any]:
    """What `$data.target...` may refer to: a target of text has a vocabulary."""
    texts = [step for target in config.data.targets for step in target.steps if step.name == "text"]
    return {"target": {"vocabulary_size": None, "length": None}} if len(texts) == 1 else {}


def tokens(config: Config) -> dict[str, int | None]:
    """Inputs of integers for an `Embedding`; the size of a vocabulary is known with the data."""
    return {name: None for name, entries in (config.data.features or {}).items() if entries and gives_ids(entries[0])}


def _whole(config: Config, shape: Shape | None) -> Shape | None:
    """With the axis of the windows."""
    windows = config.data.windows
    return shape if shape is None or windows is None else (int(windows["length"]), *shape)


def shortened(config: Config, shapes: Mapping[str, Shape | None]) -> dict[str, Shape | None]:
    """Inputs whose following step is a target are without their last step."""
    following = {target.name for target in config.data.targets if target.following}
    return {
        name: (None if shape[0] is None else shape[0] - 1, *shape[1:]) if shape and name in following else shape
        for name, shape in shapes.items()
    }


def cropped(config: Config, shapes: Mapping[str, Shape | None]) -> dict[str, Shape | None]:
    """Pictures of which training sees parts, in the size in which the model gets them."""
    sizes = augmenting.crops(config.data.augment, list(shapes), config.model.inputs or {})
    known = {name: shape for name, shape in shapes.items() if shape is not None and len(shape) == 3}
    return dict(shapes) | {name: (*sizes[name], *shape[2:]) for name, shape in known.items() if name in sizes}


def _vocabulary(config: Config, name: str) -> dict[str, None]:
    """Whether an input has a vocabulary, whose size the data will tell."""
    entries = (config.data.features or {}).get(name, ())
    known = any(step.name in ("index", "text", "hash") for entry in entries for step in entry.steps)
    vectors = any(step.arguments.get("vectors") for entry in entries for step in entry.steps if step.name == "text")
    return {**({"vocabulary_size": None} if known else {}), **({"vectors": None} if vectors else {})}


def may_use_target(config: Config) -> bool:
    """Whether a target's column may be an input: its past is, where the target lies in the future of a window."""
    windows = config.data.windows
    return windows is not None and int(windows.get("horizon", 0)) > 0
