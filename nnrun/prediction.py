"""The verbs on a run that is over: answers to rows that nobody has labelled, and its scores again or on new rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from statistics import fmean
from typing import IO, TYPE_CHECKING, Any

from nnrun import experiment, resumption
from nnrun.config import Config, load_config
from nnrun.config.spec import Spec
from nnrun.data import sources
from nnrun.data.class_numbers import renumbered
from nnrun.data.dataset import Dataset
from nnrun.data.files import Roots, fingerprint
from nnrun.data.later import Piece, Reader
from nnrun.data.own_source import own_source
from nnrun.data.strangers import Strangers
from nnrun.errors import DataError, RunError, UsageError, listing
from nnrun.experiment import Options
from nnrun.model import framework, own_files
from nnrun.runs.run import Run, place

if TYPE_CHECKING:
    from nnrun.training.readings import Reading
    from nnrun.training.trained import Trained

RESOLVED = "resolved.yaml"
PARTS = ("test", "validation", "train")
HELD_OUT = "held_out"
MOST_COLUMNS = 1_000  # of one output; more of them are an array


@dataclass
class Predictions:
    """The answers to new rows, made while `blocks` are taken; a block has a row of `columns` for each row and output.

    `notes` say what was unlike the training; they and the number of `rows` are whole after the last block.
    """

    columns: list[str] = field(default_factory=list)
    blocks: Iterator[list[list[Any]]] = field(default_factory=lambda: iter(()))
    notes: list[str] = field(default_factory=list)
    rows: int = 0


def predict(
    path: Path | str, data: Path | IO[bytes], options: Options | None = None, *, batch_size: int | None = None
) -> Predictions:
    """What a run answers to the rows of a file, a folder or a stream, in the words of its training data.

    The rows are read as the run's source reads its own, and prepared with what was fitted on its training rows; they
    need no target. Of a cross validation it is the mean of the folds.
    """
    members = _members(Run.open(Path(path)), options or Options())
    found = Predictions()
    blocks = _cells(members, _answered(members, data, found, batch_size), found)
    first = next(blocks)  # what is wrong with the file is told before anything is written
    found.blocks = chain([first], blocks)
    return found


def predict_arrays(
    path: Path | str, data: Path | IO[bytes], options: Options | None = None, *, batch_size: int | None = None
) -> tuple[dict[str, Any], Predictions]:
    """As `predict`, but every output as one array in memory: the probabilities of classes, or numbers."""
    import numpy as np

    members = _members(Run.open(Path(path)), options or Options())
    found = Predictions()
    parts = [readings for _, readings in _answered(members, data, found, batch_size)]
    return {name: np.concatenate([part[name].array for part in parts]) for name in parts[0]}, found


@dataclass(frozen=True)
class Evaluation:
    """Scores of rows with known targets: `scores` has a mapping for each model, one a fold of a cross validation."""

    run: Run
    of: str  # the part, or the file
    scores: tuple[Mapping[str, float], ...]
    rows: int
    floors: Mapping[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def means(self) -> dict[str, float]:
        """By metric; of one model its scores."""
        return {name: fmean(scores[name] for scores in self.scores) for name in self.scores[0]}


def evaluate(
    path: Path | str, data: Path | None = None, part: str | None = None, options: Options | None = None
) -> Evaluation:
    """Scores a run again on a part of its own rows (the test part), or on the rows of a labelled file or folder."""
    options, run = options or Options(), Run.open(Path(path))
    if data is not None and part is not None:
        raise UsageError("--data is rows of their own, and --part names rows of the run", expected="one of them")
    members = _members(run, options)
    return _of_part(run, members, part, options) if data is None else _of_file(run, members, data)


def _of_part(run: Run, members: Sequence[Trained], part: str | None, options: Options) -> Evaluation:
    from nnrun.storage import arrays
    from nnrun.training.rescoring import Rescoring

    known = (HELD_OUT, "test") if _is_cv(run) else PARTS
    part = part or known[0]
    if part not in known:
        raise UsageError(f"{place(run.path)} has no part {part!r}", expected=f"one of {listing(known)}")
    config = members[0].config
    with _computing(config):
        root = options if options.data_root else replace(options, data_root=run.info.get("data_root"))
        dataset = experiment.read_data(config, root)
    resumption.refuse_other_data(run, fingerprint(dataset.files, dataset.archives))
    scores, count = [], 0
    for trained in members:
        own = part == HELD_OUT
        rows = arrays.read((trained.path if own else run.path) / "splits.npz")["test" if own else part]
        if not len(rows):
            raise UsageError(f"the {part} part of {place(run.path)} has no rows", hint="name another with --part")
        scoring = Rescoring(trained)
        with _computing(trained.config):
            scoring.add(dataset, rows)
            scores.append(scoring.scores())
        count = count + len(rows) if own else len(rows)
    floors = run.metrics.get("floor", {}).get(part, {})
    return Evaluation(run, part, tuple(scores), count, floors, _told(run, part))


def _told(run: Run, part: str) -> tuple[str, ...]:
    if run.info.get("smoke"):
        return ("the run is a rehearsal: its own metrics are those of two batches",)
    if part == "train":
        return ("metrics.json has the scores that `fit` saw while it trained; these are those of the finished model",)
    return ()


def _of_file(run: Run, members: Sequence[Trained], data: Path) -> Evaluation:
    from nnrun.training.rescoring import Rescoring

    rescorings = [Rescoring(trained) for trained in members]
    notes, count = Predictions(), 0
    for piece in _pieces(members, data, notes, labelled=True):
        classes = {answer.spec.columns[0]: answer.target.classes for answer in members[0].answers.values()}
        dataset = renumbered(piece.dataset, classes)
        for rescoring in rescorings:
            with _computing(rescoring.trained.config):
                rescoring.add(dataset)
        count += piece.dataset.size
    scores = []
    for rescoring in rescorings:
        with _computing(rescoring.trained.config):
            scores.append(rescoring.scores())
    return Evaluation(run, data.name, tuple(scores), count, {}, tuple(notes.notes))


@contextmanager
def opened(path: Path | str) -> Iterator[Trained]:
    """The trained network of a run, while its backend and the names of its own Python files are in force."""
    run = Run.open(Path(path))
    if _is_cv(run):
        folds = [place(fold.path) for fold in run.children]
        raise UsageError(f"{place(run.path)} has a model in each fold", expected=f"one of {listing(folds)}")
    trained = _trained(run)
    with _computing(trained.config):
        yield trained


def _is_cv(run: Run) -> bool:
    return run.info.get("kind") == "cv"


@contextmanager
def _computing(config: Config) -> Iterator[None]:
    """The backend of the config, and the names of its own Python files."""
    framework.use(config.runtime.backend)
    with config.names():
        yield


def _members(run: Run, options: Options) -> list[Trained]:
    """The trained network of a run, or those of the folds of a cross validation."""
    runs = [run]
    if _is_cv(run):
        runs = [fold for fold in run.children if fold.status == "complete"]
        if not runs:
            raise RunError(f"{place(run.path)} has no fold that is complete", hint=resumption.advice(run))
        options.progress.say(f"each of the {len(runs)} folds answers; one alone is {place(runs[0].path)}")
    return [_trained(member) for member in runs]


def _trained(run: Run) -> Trained:
    file = run.path / RESOLVED
    if not file.is_file():
        what = f"{place(run.path)} has no {RESOLVED}: it ended before its training began"
        raise RunError(what, hint=f"its status is {run.status}; train it again")
    config = load_config(file)
    if config.models:
        from nnrun.training.recipe_network import does

        networks = f"its {' and '.join(config.models)} are Keras models"
        hint = f"`nnrun generate {place(run.path)}`; {networks}" if does(config) == "makes rows" else networks
        raise UsageError(f"{place(run.path)} {does(config)} and answers none", hint=hint)
    with _computing(config):
        from nnrun.training.trained import Trained

        return Trained.of_run(run.path, config)


def _pieces(
    members: Sequence[Trained], data: Path | IO[bytes], found: Predictions, *, labelled: bool = False
) -> Iterator[Piece]:
    """The rows as they are read; what is unlike the training is noted."""
    reader, strangers = _reader(members[0], labelled=labelled), Strangers(members[0].preparation)
    for number, piece in enumerate(reader.pieces(data, labelled=labelled)):
        if number == 0:
            targets = {name for answer in members[0].answers.values() for name in answer.spec.columns}
            ignored = [name for name in reader.ignored(piece.dataset) if name not in targets]
            found.notes += [f"columns that the run does not read: {listing(ignored, 30)}"] if ignored else []
        yield piece
        strangers.look(piece.dataset)
        found.rows += piece.dataset.size
    if not found.rows:
        raise DataError(f"{data if isinstance(data, Path) else 'stdin'} holds no rows", expected="at least one")
    found.notes += strangers.notes


def _answered(
    members: Sequence[Trained], data: Path | IO[bytes], found: Predictions, batch_size: int | None
) -> Iterator[tuple[Piece, dict[str, Reading]]]:
    from nnrun.training import rescoring
    from nnrun.training.predicting import BATCH

    for piece in _pieces(members, data, found):
        with _computing(members[0].config):
            yield piece, rescoring.answer(members, piece.dataset, batch_size or BATCH)


def _cells(
    members: Sequence[Trained], answered: Iterable[tuple[Piece, dict[str, Reading]]], found: Predictions
) -> Iterator[list[list[Any]]]:
    """Tables of cells, the outputs of a row behind each other."""
    from nnrun.training.readings import names_of, wide_columns

    answers = members[0].answers
    whole = members[0].config.predict.decoding is not None
    classes = [] if whole else names_of(a.target for one in members for a in one.answers.values() if not a.spec.masked)
    several = len(answers) > 1
    for piece, readings in answered:
        for name in answers:
            _refuse_array(name, readings[name], several=several)
        only = next(iter(answers.values()), None)
        wide = wide_columns(only, readings[only.output]) if only is not None and not several else []
        cells = wide or ["prediction", *(f"p_{c}" for c in classes)]
        found.columns = [*(["output"] if several else []), piece.named_by, *cells]
        told = {name: readings[name].rows if wide else readings[name].cells(classes) for name in answers}
        yield [
            [*([name] if several else []), row, *told[name][place]]
            for place, row in enumerate(piece.names)
            for name in answers
        ]


def _refuse_array(name: str, reading: Reading, *, several: bool) -> None:
    if reading.is_array and (several or reading.values.ndim != 2 or reading.values.shape[1] > MOST_COLUMNS):
        shape = list(reading.values.shape[1:])
        raise UsageError(
            f"the output {name!r} gives {shape} for each row, which no cell of a CSV file holds",
            expected="a file of arrays: `--output FILE.npz`",
        )


def _reader(trained: Trained, *, labelled: bool) -> Reader:
    """How the run's own source reads; of a table only what is wanted has to be there."""
    source, facts = trained.config.data.source, trained.preparation.facts
    columns = {name: kind for name, kind in trained.columns.items() if labelled or name in trained.inputs}
    arrays = {name: tuple(shape) for name, shape in trained.preparation.arrays.items()}
    for name, entries in trained.preparation.features.items():
        arrays |= {e.columns[0]: facts[name]["shape"] for e in entries if e.columns[0] not in trained.columns}
    settings = sources.path_settings(source.name) if source.name in sources.names() else ()
    how = Reader(source, None, columns, arrays, trained.preparation.scale, windows=trained.config.data.windows)
    with _computing(trained.config):
        own = own_files.source(source)
    if own is not None:
        function, settings = own
        names = trained.config.names

        def read(spec: Spec, roots: Roots) -> Dataset:
            with names():
                return own_source(spec.name, function, spec.arguments, settings, roots, spec.where)

        how = replace(how, own=read)
    return replace(how, setting=settings[0] if len(settings) == 1 else None)
