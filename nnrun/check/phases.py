"""The networks of the phases, what the phases name of them, and what they say of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from nnrun.check import model
from nnrun.check.data import Seen
from nnrun.check.model import Network
from nnrun.config.config import Config
from nnrun.config.family import learned
from nnrun.errors import Problem, did_you_mean, one_of
from nnrun.model.graph import Node
from nnrun.model.shapes import Row


class Looked(NamedTuple):
    """One fit: its config, what it sees of the data, and its network by arithmetic."""

    fit: Config
    seen: Seen
    network: Network


def look(config: Config, seen: Seen, *, broken: bool) -> list[Looked]:
    """Every fit; the network of a plain config is looked at once, as its last phase has it."""
    if not config.family:
        network = model.look(config.fits[-1], seen, broken=broken)
        return [Looked(fit, seen, network) for fit in config.fits]
    found: dict[str, Looked] = {}
    for phase in config.phases:
        own = replace(seen, targets=learned(phase.config, seen.targets))
        found.setdefault(phase.model, Looked(phase.config, own, model.look(phase.config, own, broken=broken)))
    return [found[phase.model]._replace(fit=phase.config) for phase in config.phases]


def rows(config: Config, looked: Sequence[Looked]) -> tuple[Row, ...]:
    """A row for each call; of several models named behind the model that a phase trains."""
    if not config.family:
        return looked[-1].network.rows
    found: list[Row] = []
    counted: set[str] = set()
    for name, own in {phase.model: each.network for phase, each in zip(config.phases, looked, strict=True)}.items():
        inside = {row.name for row in own.rows}
        for row in own.rows:
            if row.name in counted:  # a layer of a model that was told above
                row = replace(row, parameters=0, fixed=0, shared=row.name)
            found.append(replace(row, name=f"{name}: {row.name}", sources=_inside(name, row, inside)))
        counted |= {row for row in inside if row.partition(".")[0] in config.family}
    return tuple(found)


def _inside(name: str, row: Row, inside: set[str]) -> tuple[str, ...]:
    return tuple(f"{name}: {source}" if source.partition(".")[0] in inside else source for source in row.sources)


def problems(config: Config, looked: Sequence[Looked]) -> list[Problem]:
    """Models that learn nothing; layers that are frozen or trained by name and are not there.

    What lies inside an application is known when it is built.
    """
    found = []
    for number, phase in enumerate(config.phases):
        own = looked[number]
        if phase.model and not own.seen.targets and looked[0].seen.shapes and not phase.config.model.losses:
            what = f"the model {phase.model!r} has no output for a target, and no losses: there is nothing to learn"
            found.append(Problem(what, config.document.key(("models", phase.model)), "`outputs: {TARGET: {Dense: 1}}`"))
        names = _names(own.network.nodes)
        for path in phase.trainable if names else ():
            if not any(_meant(path, name) for name in names):
                where = config.document.key(("phases", number, "trainable", path))
                hint = did_you_mean(path, names)
                what = f"trainable names {path!r}, and no layer of the model is called so"
                found.append(Problem(what, where, one_of(names, hint), hint))
    return found


def _names(nodes: Sequence[Node]) -> list[str]:
    return list(dict.fromkeys(node.layer or node.name for node in nodes))


def _meant(path: str, name: str) -> bool:
    """Whether a path or pattern may mean a layer, or something inside of it."""
    return fnmatchcase(name, path) or path.startswith(f"{name}.") or name.startswith(f"{path}.")
