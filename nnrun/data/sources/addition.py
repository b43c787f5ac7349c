"""Sums as texts, for networks that read and write sequences."""

from __future__ import annotations

from nnrun.data.dataset import Dataset, Peek
from nnrun.errors import SettingError


def addition(digits: int = 3, *, rows: int = 50_000, reverse: bool = True, seed: int = 0) -> Dataset:
    """A table of sums such as `42+7  ` in the column `question` and `49  ` in `answer`, each question once.

    Blanks fill every question, and every answer, to one length. 3+4 and 4+3 are one question. The task is that of
    Keras' example `addition_rnn`.

    Args:
        digits: The most digits of a number; every length is as frequent as any other.
        rows: The number of sums.
        reverse: Write the question from behind, which a recurrent network learns sooner.
        seed: For the draw.
    """
    import numpy as np
    import pandas as pd

    _check(digits, rows)
    draw, taken = np.random.default_rng(seed), dict[tuple[int, int], tuple[int, int]]()
    while len(taken) < rows:
        lengths = draw.integers(1, digits + 1, (rows - len(taken) + 100, 2))
        numbers = draw.integers(0, 10**lengths)
        for first, second in numbers.tolist():
            taken.setdefault((min(first, second), max(first, second)), (first, second))
    pairs = list(taken.values())[:rows]
    questions = [f"{first}+{second}".ljust(2 * digits + 1) for first, second in pairs]
    table = {
        "question": [question[::-1] for question in questions] if reverse else questions,
        "answer": [str(first + second).ljust(digits + 1) for first, second in pairs],
    }
    columns = pd.DataFrame({name: pd.Series(texts, dtype=object) for name, texts in table.items()})
    return Dataset(size=rows, columns=columns, description=f"sums of {digits} digits", target="answer")


def peek(digits: int = 3, *, rows: int = 50_000, reverse: bool = True, seed: int = 0) -> Peek:  # noqa: ARG001
    """Everything but the values is known."""
    _check(digits, rows)
    return Peek(columns=("question", "answer"), target="answer", rows=rows)


def _check(digits: int, rows: int) -> None:
    if not 1 <= digits <= 9:
        raise SettingError(f"numbers of {digits} digits", expected="1 to 9 digits")
    most = 10**digits * (10**digits + 1) // 2
    if not 1 <= rows <= 0.8 * most:  # those that are left are drawn ever more seldom
        raise SettingError(f"{rows:,} sums of {digits} digits", expected=f"1 to {int(0.8 * most):,}")
