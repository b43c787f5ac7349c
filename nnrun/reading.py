"""From a config to its rows: sources read, rows that cannot be used left out, parts behind each other, windows made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from nnrun.config import Config
from nnrun.config.spec import Spec
from nnrun.data import archives, bad, sources
from nnrun.data.combine import combine
from nnrun.data.dataset import Dataset
from nnrun.data.features import file_settings
from nnrun.data.files import Roots
from nnrun.data.own_source import own_source
from nnrun.data.windows import windowed
from nnrun.errors import DataError
from nnrun.model import own_files
from nnrun.training.progress import Progress


def read_rows(
    config: Config, roots: Roots, progress: Progress, download: Callable[[str], Any] | None = None
) -> Dataset:
    """All rows of the config's sources; parts that are files of their own are put behind the source's.

    `download` fetches a public data set, where downloads are allowed.
    """
    from nnrun.training.usable import usable

    def read(spec: Spec) -> Dataset:
        found = usable(config, _source(config, spec, roots, download))
        for note in found.notes:
            progress.say(note)
        if found.bad:
            progress.say(f"{spec.name}: {bad.sentence(found.bad, found.size)}")
        return found

    data = config.data
    given = {"test": data.test, "validation": data.validation}
    dataset = combine(read(data.source), {part: read(spec) for part, spec in given.items() if spec is not None})
    if dataset.size == 0:
        raise DataError("the source has no rows", where=data.source.where)
    dataset = _with_files(config, dataset, roots)
    if data.windows is not None:
        return windowed(dataset, data.windows, config.document.value(("data", "windows")))
    return dataset


def _with_files(config: Config, dataset: Dataset, roots: Roots) -> Dataset:
    """A dataset that knows the files which preparations of the features name; one that is not there is told when it is
    read, since a network that was trained needs it no more.
    """
    named: dict[str, Path | DataError] = {}
    entries = (entry for entries in (config.data.features or {}).values() for entry in entries)
    for step in (step for entry in entries for step in entry.steps):
        for written in (str(step.arguments[key]) for key in file_settings(step) if step.arguments.get(key)):
            try:
                named[written] = cast(Path, archives.find(roots, written, step.where).path)
            except DataError as error:
                named[written] = error
    return replace(dataset, named=named) if named else dataset


def _source(config: Config, spec: Spec, roots: Roots, download: Callable[[str], Any] | None) -> Dataset:
    with config.names():
        own = own_files.source(spec)
    if own is not None:
        return own_source(spec.name, own[0], spec.arguments, own[1], roots, spec.where)
    stream, on_bad = config.runtime.stream, config.data.on_bad
    return sources.read(spec.name, spec.arguments, roots, spec.where, download, stream, on_bad)
