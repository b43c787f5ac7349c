"""Every check that needs more than one room, before TensorFlow is loaded and without the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nnrun.check import (
    anomalies,
    augmentation,
    data,
    devices,
    distillation,
    phases,
    recipes,
    schedules,
    self_normalizing,
    sequences,
    tape,
    training,
)
from nnrun.config import Config, read_config
from nnrun.data.files import Roots
from nnrun.devices.obstacles import unfrozen
from nnrun.errors import ConfigError, DataError, Problem
from nnrun.model.shapes import Row

__all__ = ["Examination", "examine", "examine_file"]


@dataclass(frozen=True)
class Examination:
    """What a config is, as far as it can be known without data and without Keras."""

    config: Config | None
    problems: tuple[Problem, ...]
    data_problems: frozenset[Problem] = frozenset()  # those of them that are the data's fault, not the config's
    warnings: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    inputs: tuple[tuple[str, tuple[int | None, ...] | None], ...] = ()

    def checked(self) -> Config:
        """The config; raises all that is wrong at once, as a DataError where nothing but the data is wrong."""
        if self.config is None or self.problems:
            kind = DataError if self.data_problems.issuperset(self.problems) else ConfigError
            raise kind.of(self.problems)
        return self.config


def examine_file(
    path: Path | str, overrides: Sequence[str], roots: Roots, *, cross_validation: bool = False
) -> Examination:
    """All problems of a file at once: its text, its names and arguments, its shapes, what does not go together."""
    config, problems = read_config(path, overrides)
    if config is None:
        return Examination(None, tuple(problems))
    found = examine(config, roots, cross_validation=cross_validation, broken=bool(problems))
    others = [problem for problem in found.problems if not any(_follows(problem, first) for first in problems)]
    return replace(found, problems=(*problems, *others))


def _follows(problem: Problem, first: Problem) -> bool:
    """Whether a problem is only the consequence of another: it stands at the same place, around it or inside it."""
    outer, inner = sorted((_path(problem), _path(first)), key=len)
    return bool(outer) and (inner == outer or inner.startswith((f"{outer}.", f"{outer}[")))


def _path(problem: Problem) -> str:
    return problem.where.path if problem.where else ""


def examine(config: Config, roots: Roots, *, cross_validation: bool = False, broken: bool = False) -> Examination:
    """The checks of a config that was read; `broken` says that names in it are wrong already."""
    with config.names():
        return _examine(config, roots, cross_validation=cross_validation, broken=broken)


def _examine(config: Config, roots: Roots, *, cross_validation: bool, broken: bool) -> Examination:
    seen = data.look(config, roots)
    looked = phases.look(config, seen, broken=broken)
    problems = [*seen.problems, *seen.data_problems, *augmentation.problems(config, seen)]
    warnings = [*seen.warnings]
    for fit, told, own in looked:
        calls = unfrozen(config, own.nodes)
        problems += [*own.problems, *schedules.problems(fit.compile.optimizer, fit.fit.callbacks)]
        warnings += [*own.warnings, *self_normalizing.warnings(own.nodes)]
        problems += tape.problems(fit)
        problems += distillation.problems(fit, told, own)
        problems += training.problems(fit, told, cross_validation=cross_validation)
        problems += devices.problems(fit, calls)
        warnings += devices.warnings(fit, calls)
        problems += recipes.problems(fit, told, cross_validation=cross_validation)
    problems += phases.problems(config, looked)
    problems += distillation.of_phases(config, looked)
    problems += [*sequences.problems(config, seen), *anomalies.problems(config, seen)]
    data_problems, inputs = frozenset(seen.data_problems), tuple(seen.shapes.items())
    found, said = tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(warnings))  # of several phases once
    return Examination(config, found, data_problems, said, phases.rows(config, looked), inputs)
