"""Another run as a judge of made rows: how many of them it takes for the class that they were made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nnrun.config import load_config
from nnrun.data.undoing import done
from nnrun.errors import ConfigError, Problem, listing
from nnrun.model import framework
from nnrun.runs.run import Run, is_run
from nnrun.training.job import Job
from nnrun.training.maker import BATCH, Maker
from nnrun.training.material import Material
from nnrun.training.network import Network
from nnrun.training.trained import Trained

COUNT = 1_000  # rows that are judged, of all classes evenly


def require(job: Job, material: Material) -> None:
    """Raises ConfigError where the judge is not there, or knows other rows or classes; before anything is trained."""
    if job.config.report.judge is not None:
        _judge(job, material)


def judged(job: Job, material: Material, network: Network) -> dict[str, Any]:
    """`judge_accuracy` of new rows, the run that judges and how many rows; nothing where no judge is named."""
    section = job.config.report.judge
    if section is None or material.label is None:
        return {}
    classes = len(material.label.classes)
    count = BATCH if framework.is_smoke() else COUNT  # a rehearsal makes one batch
    wanted = np.arange(count) % classes
    labels = np.eye(classes, dtype=np.float32)[wanted]
    maker, seed = Maker.of_training(job, material, network), job.config.seed
    made = maker.make(maker.draw(count, labels, [seed, 2]), [seed, 4])
    trained = _judge(job, material)
    (answer,) = trained.answers.values()
    shown = done(trained.preparation, made)
    answered = np.asarray(trained.network.model.predict(shown, batch_size=BATCH, verbose=0))
    between = 0.0 if answer.from_logits else 0.5
    numbers = answered.argmax(axis=-1) if answered.shape[-1] > 1 else (answered[:, 0] > between).astype(int)
    names = [answer.target.classes[number] for number in numbers]
    right = [name == material.label.classes[number] for name, number in zip(names, wanted, strict=True)]
    return {"samples": {"judge_accuracy": float(np.mean(right))}, "judge": {"run": section.run, "rows": count}}


def _judge(job: Job, material: Material) -> Trained:
    section, document = job.config.report.judge, job.config.document
    assert section is not None
    where = document.value(("report", "judge", "run"))

    def refused(what: str, expected: str = "") -> ConfigError:
        return ConfigError([Problem(what, where, expected)])

    if material.label is None:
        raise refused("a judge tells classes, and rows are made of none", "`conditional: true`")
    beside = job.recorder.path.parent
    path = next((folder for folder in (beside / section.run, Path(section.run)) if is_run(folder)), None)
    if path is None or Run(path).status != "complete":
        raise refused(f"there is no complete run {section.run!r}", "a run beside this one, or the path of one")
    trained = Trained.of_run(path, load_config(path / "resolved.yaml"))
    answers = list(trained.answers.values())
    if len(answers) != 1 or answers[0].task.name not in ("binary", "multiclass"):
        raise refused(f"the run {section.run!r} does not tell one of several classes")
    unknown = sorted(set(material.label.classes) - set(answers[0].target.classes))
    if unknown:
        raise refused(f"the run {section.run!r} knows no class {unknown[0]!r}", listing(answers[0].target.classes))
    mine, theirs = material.preparation, trained.preparation
    if list(mine.facts.values()) != list(theirs.facts.values()):
        raise refused(f"the inputs of the run {section.run!r} are prepared otherwise", "the same data, prepared alike")
    return trained
