"""What a person should look at before training, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nnrun.survey.columns import Column
from nnrun.survey.duplicates import Duplicates
from nnrun.survey.records import ArrayFacts, TargetFacts
from nnrun.survey.telling import Telling

RARE, UNEVEN = 5, 10  # rows of a class; times that the largest class is larger than the smallest


def findings(
    things: Sequence[Column | ArrayFacts],
    targets: Sequence[TargetFacts],
    twice: Duplicates | None,
    tell: Sequence[Telling],
) -> Iterator[str]:
    """The sentences, the gravest first; `things` are columns and arrays."""
    yield from map(str, tell)
    if twice is not None:
        for pair, count in twice.across.items():
            later, _, earlier = pair.partition(" in ")
            if count:
                rows = "rows have" if count > 1 else "row has"
                among = "training" if earlier == "train" else earlier
                yield f"{count:,} {later} {rows} inputs that stand among the {among} rows, too"
        if twice.contradicting:
            yield f"{twice.contradicting:,} rows have the inputs of another row and another answer"
        again = sum(twice.within.values())
        if again:
            yield f"{again:,} rows repeat the inputs of an earlier row of their part"
    yield from (f"{one.name}: {one.finding}" for one in things if one.finding)
    for target in targets:
        yield from _imbalance(target)


def _imbalance(target: TargetFacts) -> Iterator[str]:
    trained = {name: parts["train"] for name, parts in target.classes.items()}
    if not trained:
        return
    most, least = max(trained, key=lambda name: trained[name]), min(trained, key=lambda name: trained[name])
    if trained[least] < RARE:
        yield f"{target.output}: the class {least} has {trained[least]} training rows"
    elif trained[most] > UNEVEN * trained[least]:
        yield f"{target.output}: {most} has {trained[most] / trained[least]:.0f} times the training rows of {least}"
    for part in ("validation", "test"):
        missing = [name for name, parts in target.classes.items() if not parts[part]]
        if missing and len(missing) < len(trained):
            yield f"{target.output}: no {part} row has the class {missing[0]}" + (
                f", nor {len(missing) - 1} other classes" if len(missing) > 1 else ""
            )
