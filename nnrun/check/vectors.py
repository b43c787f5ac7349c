"""Files of word vectors that texts name: whether they can be read, and whether an Embedding begins with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nnrun.config.config import Config
from nnrun.config.read_blocks import called_by, steps_of
from nnrun.config.references import Reference, references
from nnrun.config.spec import Spec
from nnrun.data import archives
from nnrun.data.files import Roots
from nnrun.data.vectors import width
from nnrun.errors import DataError, Problem


def look(config: Config, roots: Roots) -> tuple[list[Problem], list[str]]:
    """What is wrong with files of vectors and with the layers that begin with them, and which files are not here."""
    problems, warnings = [], list[str]()
    for target in config.data.targets:
        for step in (step for step in target.steps if _written(step)):
            problems.append(Problem("vectors are for an input, and this text is a target", step.where))
    for name, step in _texts(config):
        readers = list(_readers(config, name))
        if not readers:
            hint = f"`Embedding: {{..., embeddings_initializer: {{Constant: $data.{name}.vectors}}}}`"
            problems.append(Problem(f"no layer begins with the vectors of {name}", step.where, hint=hint))
        try:
            found = archives.locate(roots, _written(step), step.where)
            if found is None or found.path is None:
                told = "is packed away" if found else "is not here"
                warnings.append(f"{step.where}: {_written(step)!r} {told}; whether its vectors fit is not checked")
                continue
            count = width(found.path)
        except DataError as error:
            problems += [replace(problem, where=problem.where or step.where) for problem in error.problems]
            continue
        for layer in readers:
            size = layer.arguments.get("output_dim")
            if isinstance(size, int) and size != count:
                told = f"output_dim of Embedding is {size}, and the vectors in {_written(step)} have {count} numbers"
                problems.append(Problem(told, layer.where, f"output_dim: {count}"))
    return problems, warnings


def _texts(config: Config) -> Iterator[tuple[str, Spec]]:
    """The inputs that are texts with vectors."""
    for name, entries in (config.data.features or {}).items():
        for step in (step for entry in entries for step in entry.steps):
            if _written(step):
                yield name, step


def _written(step: Spec) -> str:
    return str(step.arguments.get("vectors") or "") if step.name == "text" else ""


def _readers(config: Config, name: str) -> Iterator[Spec]:
    """The steps that read the vectors of an input."""
    models = [config.model, *config.models.values()]
    for model in models:
        steps = [*steps_of(model), *(step for block in called_by(model).values() for step in block.layers)]
        for spec in (step.spec for step in steps):
            if any(_reads(found, name) for found in references(spec.arguments)):
                yield spec


def _reads(reference: Reference, name: str) -> bool:
    return ("data", name, "vectors") in reference.names
