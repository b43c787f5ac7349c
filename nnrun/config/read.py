"""A document to a `Config`: the sections' schemas, then every spec; all problems of the file at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from nnrun.catalogue import joined
from nnrun.config.config import Config
from nnrun.config.loader import Document
from nnrun.config.mistakes import schema_problems, without_mistakes
from nnrun.config.names import Names
from nnrun.config.own import source
from nnrun.config.plugins import plugins
from nnrun.config.read_data import DataReader
from nnrun.config.read_model import ModelReader
from nnrun.config.read_phases import read_phases
from nnrun.config.read_predict import read_predict
from nnrun.config.read_recipe import missing, read_networks, read_recipe
from nnrun.config.read_split import check_split
from nnrun.config.read_training import TrainingReader
from nnrun.config.sections import Sections
from nnrun.config.variables import substitute, unused
from nnrun.errors import Problem, Where
from nnrun.run_name import EXPECTED, fault, run_name


def read(
    document: Document, *, folder: FilePath, written: bytes, overrides: tuple[str, ...] = ()
) -> tuple[Config | None, list[Problem]]:
    """The config, as far as it could be read, and every problem found on the way."""
    if not isinstance(document.data, dict):
        what = "the file is empty" if document.data is None else "a config is a mapping"
        return None, [Problem(what, Where(document.file, 1, 1), "`data:` and `model:` at the left margin")]
    names = Names(document)
    idle = unused(document, overridden=bool(overrides))
    variables, wrong = substitute(document)
    names.problems += wrong
    own_files, problems = plugins(document, folder)
    if problems:  # without their names nothing else could be said
        return None, problems
    with joined(own_files):
        config = _read(names, variables, folder=folder, written=written, overrides=overrides)
    found = _once(names.problems, wrong) or idle  # what another mistake has left without use is no mistake by itself
    return None if config is None else replace(config, plugins=own_files), found


def _read(
    names: Names, variables: dict[str, Any], *, folder: FilePath, written: bytes, overrides: tuple[str, ...]
) -> Config | None:
    document = names.document
    try:
        sections = Sections.model_validate(document.data)
    except ValidationError as error:
        names.problems += schema_problems(document, error)
        mended = without_mistakes(document, error)
        if mended is None:
            _rest(names, document)
            return None
        sections = mended
    if sections.name is not None and fault(sections.name):
        names.problem(("name",), fault(sections.name), EXPECTED)
    check_split(names, sections)
    training = TrainingReader(names)
    networks = read_networks(names, sections, variables, training)
    if networks is None:
        _rest(names, document)
        return None
    config = Config(
        name=run_name(FilePath(document.file).stem) if sections.name is None else sections.name,
        seed=sections.seed,
        data=DataReader(names).data(sections.data),
        task=sections.task,
        model=networks.model,
        compile=networks.compile,
        fit=training.fit(sections.fit),
        predict=read_predict(names, sections.predict),
        cv=sections.cv,
        runtime=sections.runtime,
        report=sections.report,
        document=document,
        written=written,
        folder=folder,
        overrides=overrides,
        recipe=read_recipe(names, sections.recipe),
        models=networks.models,
        compiles=networks.compiles,
        family=networks.family,
    )
    if config.models:
        return config
    phases = read_phases(names, config, sections.phases)
    return replace(config, phases=phases, model=phases[-1].config.model if phases else config.model)


def _once(problems: list[Problem], wrong: list[Problem]) -> list[Problem]:
    """Problems without those that only follow from a reference that is wrong: it has left nothing in its place."""
    paths = {problem.where.path for problem in wrong if problem.where}
    return [one for one in problems if one in wrong or not one.where or one.where.path not in paths]


def _rest(names: Names, document: Document) -> None:
    """Where a section's own keys are wrong, what can still be read is read, so that all is said at once."""
    if "model" not in document.data and not any("belongs under `model`" in one.hint for one in names.problems):
        missing(names)
    model, blocks = document.data.get("model"), document.data.get("blocks")
    if isinstance(model, dict):
        reader = ModelReader(names, blocks if isinstance(blocks, dict) else {}, {})
        if isinstance(model.get("layers"), list):
            reader.reader.steps(model["layers"], ("model", "layers"))
        if "outputs" in model:
            reader.outputs(model["outputs"])
    data = document.data.get("data")
    if isinstance(data, dict) and "source" in data:
        source(names, data["source"], ("data", "source"))
    training = TrainingReader(names)
    for section, read_section in (("compile", training.compile), ("fit", training.fit)):
        value = document.data.get(section)
        if isinstance(value, dict):
            read_section(value)
