"""The verb that makes something new with a run that is over: texts by a language model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun import prediction
from nnrun.config.predict import Decoding
from nnrun.errors import UsageError, listing
from nnrun.runs.run import Run, place

if TYPE_CHECKING:
    from collections.abc import Sequence

_FOR_TEXTS = ("sample", "greedy")


@dataclass(frozen=True)
class Texts:
    """Texts that begin with the prompt, how they were drawn, and what of the prompt the model does not know."""

    run: Run
    texts: Sequence[str]
    tokens: int
    how: Decoding
    notes: Sequence[str] = ()


def texts(path: Path | str, **settings: Any) -> Texts:
    """Texts by the language model of a run; `settings` stand in the place of what its config says under `predict`.

    They are those of `sample`: prompt, max_length, temperature, top_k, top_p, count, seed; None leaves one as it is.
    """
    from nnrun.training.generating import go_on
    from nnrun.training.sequences import speaker

    with prediction.opened(path) as trained:
        run, written = Run(trained.path), trained.config.predict.decoding
        begun = written if written is not None and written.how in _FOR_TEXTS else Decoding("sample", max_length=200)
        decoding = replace(begun, **{name: value for name, value in settings.items() if value is not None})
        material = trained.material_of_no_rows
        how = speaker(trained.config, material, decoding)
        if how is None:
            tasks = ", ".join(answer.task.name for answer in trained.answers.values())
            raise UsageError(
                f"{place(run.path)} makes no texts: its task is {tasks}",
                expected="a run whose target is `{next: INPUT}`, of its only input, which is tokens",
            )
        made = go_on(how, trained.network, material, decoding)
        unknown = how.vocabulary.strangers(decoding.prompt)
    shown = listing([repr(token) for token in unknown])
    notes = [f"the prompt has what no training row holds: {shown}"] if unknown else []
    return Texts(run, made.texts, made.tokens, decoding, notes)
