"""`predict: greedy`, `beam`, `sample` and `greedy_ctc`, held against the targets and losses that they read."""

from __future__ import annotations

from typing import cast

from nnrun.check.data import Seen
from nnrun.config.config import Config, TargetSpec
from nnrun.config.next_value import next_value
from nnrun.config.predict import Decoding
from nnrun.data.vocabulary import Unit, Vocabulary
from nnrun.errors import Problem
from nnrun.model import losses

_TEXT = "`{text: COLUMN}`, or `{next: INPUT}`, under data.target"


def problems(config: Config, seen: Seen) -> list[Problem]:
    """Readings of sequences that the targets do not have."""
    decoding = config.predict.decoding
    if decoding is None:
        return []
    found, of_sequences = [], 0
    for target in config.data.targets or (TargetSpec(None),):
        loss = config.compile.loss_of(str(target.name))
        if loss is not None and losses.parts(loss)[0].name == "CTC":
            of_sequences += 1
            if decoding.how not in ("greedy_ctc", "beam"):
                what = f"{decoding.how}, and the loss is CTC, whose blanks and repetitions have to be taken out"
                found.append(Problem(what, decoding.where, "greedy_ctc or beam"))
        elif decoding.how == "greedy_ctc":
            continue
        elif target.following:
            of_sequences += 1
            alone = set(seen.shapes) == {target.name}
            found += _of_a_language_model(decoding) if alone else _fed_back(config, decoding, target)
        elif next_value(config) is not None:
            of_sequences += 1
            found += _of_a_language_model(decoding) or _too_short(config, decoding)
        elif any(step.name == "text" for step in target.steps):
            of_sequences += 1
            found += _by_step(decoding)
    if not of_sequences:
        if decoding.how == "greedy_ctc":
            found.append(Problem("greedy_ctc, and the loss is not CTC", decoding.where, "`loss: CTC`, or greedy"))
        else:
            found.append(
                Problem(f"{decoding.how} reads a sequence of tokens, and the target is none", decoding.where, _TEXT)
            )
    return found


def _of_a_language_model(decoding: Decoding) -> list[Problem]:
    if decoding.how != "beam":
        return []
    what = "beam, and the only input is the text itself: a text that goes on has no end whose best could be found"
    return [Problem(what, decoding.where, "`sample: {prompt: ...}`, or `greedy: {prompt: ...}`")]


def _too_short(config: Config, decoding: Decoding) -> list[Problem]:
    """A model of windows tells what follows a whole one, and nothing else."""
    source, length = config.data.source, int((config.data.windows or {}).get("length", 0))
    if source.name != "tokens":
        return []
    unit = str(source.arguments.get("split", "character"))
    count = len(Vocabulary((), 1, 0, cast(Unit, unit)).cut(decoding.prompt)) if decoding.prompt else 0
    if count >= length:
        return []
    what = f"a prompt of {count} {unit}s, and the model tells what follows a window of {length}"
    return [Problem(what, decoding.where, f"`prompt:` with {length} {unit}s or more, such as a line of the text")]


def _fed_back(config: Config, decoding: Decoding, target: TargetSpec) -> list[Problem]:
    """What is said so far begins with a mark: the first token of the truth would be told otherwise."""
    found = _no_prompt(decoding)
    entries = (config.data.features or {}).get(str(target.name), ())
    steps = entries[0].steps if entries else ()
    if not steps or steps[-1].name != "text":
        what = f"{decoding.how} feeds back what is said so far, and {target.name} is no text"
        hint = f'`{target.name}: {{text: {{columns: ..., start: "[", end: "]"}}}}` under data.features'
        return [*found, Problem(what, decoding.where, "an input of text", hint)]
    if not steps[-1].arguments.get("start"):
        what = f"{decoding.how} feeds back what is said so far, and nothing says how {target.name} begins"
        hint = 'and `end: "]"`, where it is over'
        found.append(Problem(what, steps[-1].where, '`start: "["` inside text', hint))
    return found


def _by_step(decoding: Decoding) -> list[Problem]:
    if decoding.how != "beam":
        return _no_prompt(decoding)
    what = "beam, and the model answers all steps at once, so that the best sequence is the best token of each"
    return [Problem(what, decoding.where, "greedy", "or feed back what was said: `target: {next: INPUT}`")]


def _no_prompt(decoding: Decoding) -> list[Problem]:
    if decoding.how != "sample" and not decoding.prompt:
        return []
    what = "sample" if decoding.how == "sample" else "a prompt"
    told = f"{what} is for a language model, whose only input is the text, and this model answers its inputs"
    return [Problem(told, decoding.where, "greedy or beam, without a prompt")]
