"""The section `predict`: how answers are read from outputs."""

from __future__ import annotations

from typing import Any

from nnrun.config.kinds import is_number, shown
from nnrun.config.names import Names
from nnrun.config.predict import FROM, SCORES, Anomaly, Decoding, Maximize, Predict
from nnrun.config.sections import READINGS, AnomalySection, PredictSection
from nnrun.errors import did_you_mean, one_of


def read_predict(names: Names, section: PredictSection) -> Predict:
    """The threshold, or how sequences are read, with problems noted in `names`."""
    written = [how for how in (*READINGS, "anomaly") if getattr(section, how) is not None]
    if not written:
        return _threshold(names, section.threshold)
    how, others = written[0], [*written[1:], *(["threshold"] if section.threshold is not None else [])]
    if others:
        what = f"predict has both {how} and {others[0]}"
        names.problem(("predict", others[0]), what, "one of them", key=True)
    if section.anomaly is not None and how == "anomaly":
        return Predict(anomaly=_anomaly(names, section.anomaly))
    told = getattr(section, how).model_dump(exclude_none=True)
    told = {key: value for key, value in told.items() if value != ""}  # no prompt
    settings = {"temperature": 0.0, **told} if how == "greedy" else told
    place = names.document.key(("predict", how))
    return Predict(decoding=Decoding(how, **settings, written=told, where=place))


def _anomaly(names: Names, section: AnomalySection) -> Anomaly:
    path = ("predict", "anomaly")
    truth = section.truth
    values: tuple[str, ...] = ()
    if isinstance(truth, dict) and len(truth) == 1:
        (truth, written), inner = next(iter(truth.items())), (*path, "truth")
        found = written if isinstance(written, list) else [written]
        if not found or not all(isinstance(value, str | int | float | bool) for value in found):
            names.problem((*inner, truth), f"{truth} is {shown(written)}", "the values of anomalies, such as [8, 9]")
        else:
            values = tuple(str(value) for value in found)
    if truth is not None and not isinstance(truth, str):
        expected = "a column of 0 and 1, or of yes and no; or {COLUMN: VALUE}, the value of anomalies"
        names.problem((*path, "truth"), f"truth is {shown(section.truth)}", expected)
        truth = None
    return Anomaly(section.quantile, section.error, section.of, truth, values, names.document.key(path))


def _threshold(names: Names, threshold: Any) -> Predict:
    path = ("predict", "threshold")
    if threshold is None:
        return Predict()
    if is_number(threshold) and 0 < threshold < 1:
        return Predict(float(threshold))
    if not isinstance(threshold, dict) or list(threshold) != ["maximize"]:
        expected = "a probability between 0 and 1, or {maximize: f1}"
        names.problem(path, f"threshold is {shown(threshold)}", expected)
        return Predict()
    value, inner = threshold["maximize"], (*path, "maximize")
    score, least = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, None)
    if score not in SCORES:
        hint = did_you_mean(score, SCORES) if isinstance(score, str) else ""
        names.problem(inner, f"maximize is {shown(value)}", one_of(SCORES), hint)
    elif (FROM in score) != (least is not None):
        other = score.partition(FROM)[2]
        expected = f"{{{score}: 0.9}}, the least {other}" if other else str(score)
        names.problem(inner, f"maximize is {shown(value)}", expected)
    elif least is not None and not (is_number(least) and 0 < least <= 1):
        names.problem((*inner, score), f"{score} is {shown(least)}", "a share such as 0.9")
    else:
        return Predict(Maximize(score, 0.0 if least is None else float(least), names.document.value(inner)))
    return Predict()
