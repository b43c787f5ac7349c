"""What the phases name of the model, and what they say of each other."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from nnrun.config.config import Config
from nnrun.errors import Problem, did_you_mean, one_of
from nnrun.model.graph import Node


def problems(config: Config, nodes: Sequence[Node]) -> list[Problem]:
    """Layers that are frozen or trained by name and are not there; `nodes` are the calls, as far as they are known.

    What lies inside an application is known when it is built.
    """
    names = list(dict.fromkeys(node.layer or node.name for node in nodes))
    found = []
    for number, phase in enumerate(config.phases):
        for path in phase.trainable if names else ():
            if not any(_meant(path, name) for name in names):
                where = config.document.key(("phases", number, "trainable", path))
                hint = did_you_mean(path, names)
                what = f"trainable names {path!r}, and no layer of the model is called so"
                found.append(Problem(what, where, one_of(names, hint), hint))
    return found


def _meant(path: str, name: str) -> bool:
    """Whether a path or pattern may mean a layer, or something inside of it."""
    return fnmatchcase(name, path) or path.startswith(f"{name}.")
