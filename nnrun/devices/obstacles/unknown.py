"""What comes from the person's own files: nnrun cannot see whether it goes by rows."""

from __future__ import annotations

from collections.abc import Sequence

from nnrun import catalogue
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.devices.obstacles.across import written_losses
from nnrun.devices.obstacles.calls import calls, inside
from nnrun.errors import Problem
from nnrun.model.graph import Node


def unknown(config: Config, nodes: Sequence[Node] = ()) -> list[Problem]:
    """Names of one's own files, which `auto` does not take to several replicas."""
    written = (config.compile.optimizer, *written_losses(config))
    specs = [*calls(config, nodes), *(part for spec in written for part in inside(spec))]
    hint = "`strategy: data_parallel` where it looks at each row by itself and draws nothing"
    return list(
        dict.fromkeys(
            Problem(f"{spec.name} is your own, and may look across the rows of a batch", spec.where, hint=hint)
            for spec in specs
            if _is_own(spec)
        )
    )


def _is_own(spec: Spec) -> bool:
    component = catalogue.find(spec.slot, spec.name)
    return component is not None and bool(component.own_file)
