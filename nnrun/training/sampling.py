"""`fit.sampling`: the training rows as an epoch takes them, so that it holds as many of each class."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nnrun.errors import ConfigError, DataError, Problem, one_of
from nnrun.training.answers import Answer
from nnrun.training.job import Job
from nnrun.training.material import Material

Array = np.ndarray[Any, Any]
_OWN = 5  # a stream of random numbers of its own, apart from that of the order


def sampled(job: Job, material: Material) -> Job:
    """The job with the rows that it takes in an epoch, drawn by the seed; what it did is told and written down."""
    wanted = job.config.fit.sampling
    if wanted is None:
        return job
    name, answer = _answer(job, material)
    classes = answer.class_numbers(material.targets[name][job.split.train])
    rows = job.split.train[resample(classes, wanted.how, job.config.seed)]
    before, after = (_counts(answer, material.targets[name][part]) for part in (job.split.train, rows))
    job.recorder.tell(sampling={"how": wanted.how, "output": name, "before": before, "after": after})
    changed = (f"{label} {count:,} -> {after[label]:,}" for label, count in before.items() if count)
    sentence = f"{wanted.how}-sampled by {name}, training rows only: {', '.join(changed)}"
    job.recorder.log(sentence)
    if job.fold in (None, 1):
        job.progress.say(sentence)
    return replace(job, sampled=rows)


def resample(classes: Array, how: str, seed: int) -> Array:
    """Positions (int64) of as many rows of each class, in order: of the most frequent one, or `under` of the rarest.

    A row stands in it as often as any other of its class, or once more or less.
    """
    draw = np.random.default_rng([seed, _OWN])
    counts = np.unique(classes, return_counts=True)
    size = int(counts[1].max() if how == "over" else counts[1].min())
    found = []
    for number, count in zip(*counts, strict=True):
        places = np.flatnonzero(classes == number)
        times, rest = divmod(size, int(count))
        found += [places] * times + [draw.permutation(places)[:rest]]
    return np.sort(np.concatenate(found))


def _answer(job: Job, material: Material) -> tuple[str, Answer]:
    """The output by whose classes is sampled."""
    wanted, where = job.config.fit.sampling, job.config.document.key(("fit", "sampling"))
    assert wanted is not None
    answers = material.answers
    if wanted.output is None and len(answers) > 1:
        what = f"sampling with {len(answers)} outputs, and no word of which"
        expected = f"an output: `sampling: {{{wanted.how}: {next(iter(answers))}}}`"
        raise ConfigError([Problem(what, where, expected)])
    name = wanted.output or next(iter(answers), "")
    if name not in answers:
        raise ConfigError([Problem(f"sampling names {name!r}, which is no output", where, one_of(list(answers)))])
    answer = answers[name]
    if answer.task.kind != "classes" or answer.task.everywhere:
        what = f"sampling by {name}, whose task is {answer.task.name}"
        raise DataError(what, where=where, expected="a target of one class for each row")
    return name, answer


def _counts(answer: Answer, values: Array) -> dict[str, int]:
    return dict(zip(answer.target.classes, answer.counts(values).tolist(), strict=True))
