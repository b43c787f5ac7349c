"""What the curves of a run say, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnrun.report import adversaries, gradients
from nnrun.report.parting import EPOCHS_THAT_MUST_FOLLOW, last_fall, where_losses_part
from nnrun.runs.history import History
from nnrun.runs.run import INTERRUPTED, Run


@dataclass(frozen=True)
class Finding:
    """One thing worth knowing: what, the numbers that show it, what may be done, and from which epoch."""

    what: str
    evidence: str
    advice: str = ""
    epoch: int | None = None


def diagnose(run: Run) -> list[Finding]:
    """The findings of a run, the gravest first; empty if there is nothing to say."""
    found = [
        *_ended_badly(run),
        *_no_better_than_floors(run),
        *_folds(run),
        *adversaries.findings(run),
        *gradients.findings(run),
    ]
    if run.history is not None and "loss" in run.history:
        found += _not_finite(run.history) or _how_the_losses_go(run.history)
    return found


def _ended_badly(run: Run) -> list[Finding]:
    epochs = len(run.history) if run.history else 0
    if run.status == INTERRUPTED:
        return [
            Finding(
                "The training was interrupted",
                f"its process has ended, after {epochs} recorded epochs",
                "what was recorded is whole; start it again to train to the end",
            )
        ]
    if run.status == "failed":
        return [Finding("The training failed", f"after {epochs} recorded epochs", "train.log tells why")]
    return []


_LOOK = "look at the learning rate, the number of epochs, and whether the inputs tell of the target"
# What is said of a floor, in full and again, and what may be done; of any other it is said that it knows nothing.
_INFORMED = {
    "linear": (
        "a linear model of the same inputs",
        "the linear model",
        "take the linear model, or look at the learning rate, the number of epochs and the model's size",
    ),
    "persistence": (
        "the last known value (persistence)",
        "the last known value",
        "let the network learn the change from the last value; look at the learning rate and the windows' length",
    ),
}


def _no_better_than_floors(run: Run) -> list[Finding]:
    """A held-out loss that is not below that of a simpler answer: no network worth having."""
    penalties = run.metrics.get("regularization") or {}
    deciding = next((part for part in ("test", "validation", "held_out") if run.metrics.get(part)), None)
    for part in ("test", "validation", "held_out"):
        floors = (run.metrics.get("floor") or {}).get(part) or {}
        reached = (run.metrics.get(part) or {}).get("loss")
        reached = (
            None if reached is None else reached - penalties.get(part, 0.0)
        )  # the trivial answer has no weights to punish
        for method, scores in floors.items():
            if method in _INFORMED and part != deciding:
                continue  # a close race is judged once, not where it happens to be lost
            floor = scores.get("loss")
            if reached is not None and floor is not None and reached >= floor:
                trivial = f"the trivial answer ({method.replace('_', ' ')})", "the trivial answer", _LOOK
                name, short, advice = _INFORMED.get(method, trivial)
                numbers = f"its {part.replace('_', '-')} loss is {reached:.4g}, that of {short} {floor:.4g}"
                return [Finding(f"The model is no better than {name}", numbers, advice)]
    return []


def _folds(run: Run) -> list[Finding]:
    """Where the losses part in the folds of a cross validation."""
    histories = [child.history for child in run.children if child.history is not None and "loss" in child.history]
    parted = []
    for history in histories:
        where = where_losses_part(history.columns["loss"], history.get("val_loss") or [])
        if where is not None:
            parted.append(history.epochs[where - 1])
    if not parted:
        return []
    epochs = f"epoch {parted[0]}" if len(set(parted)) == 1 else f"epochs {min(parted)} to {max(parted)}"
    return [
        Finding(
            f"Training and validation loss part in {len(parted)} of {len(histories)} folds",
            f"after {epochs}",
            "stop there (EarlyStopping, fit.keep: best), or try more data, augmentation, Dropout, a smaller model",
            min(parted),
        )
    ]


def _not_finite(history: History) -> list[Finding]:
    bad = [
        epoch for epoch, loss in zip(history.epochs, history.columns["loss"], strict=True) if not math.isfinite(loss)
    ]
    if not bad:
        return []
    return [
        Finding(
            "The loss is not a finite number any more",
            f"from epoch {bad[0]}",
            "a smaller learning rate, or clipnorm in the optimizer, often helps",
            bad[0],
        )
    ]


def _how_the_losses_go(history: History) -> list[Finding]:
    train, validation = history.columns["loss"], history.get("val_loss")
    if not validation:
        return []
    parted = where_losses_part(train, validation)
    if parted is not None:
        return [_parted(history, parted)]
    known = [loss for loss in validation if math.isfinite(loss)]
    if len(known) > EPOCHS_THAT_MUST_FOLLOW and last_fall(known) >= len(known) - 2:
        return [
            Finding(
                "Validation loss was still falling at the end",
                f"from {known[0]:.4g} to {known[-1]:.4g} in {len(history)} epochs",
                "more epochs may make the model better",
            )
        ]
    return []


def _parted(history: History, parted: int) -> Finding:
    train, validation = history.columns["loss"], history.columns["val_loss"]
    end = max(at for at, pair in enumerate(zip(train, validation, strict=True)) if all(map(math.isfinite, pair)))
    epoch, last = history.epochs[parted - 1], history.epochs[end]
    return Finding(
        f"Training and validation loss part after epoch {epoch}",
        f"from there to epoch {last} the training loss went from {train[parted - 1]:.4g} to "
        f"{train[end]:.4g}, the validation loss from {validation[parted - 1]:.4g} to {validation[end]:.4g}",
        "stop there (EarlyStopping, fit.keep: best), or try more data, augmentation, Dropout, a smaller model",
        epoch,
    )
