"""Columns that tell the target by themselves: most often the answer in other words, which nobody has in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

TELLS = 0.99  # the share of right answers, R² or correlation from which a column tells the target by itself
MOST_ROWS = 4000  # training rows that are learned from, drawn with a seed
FEW = 20  # rows to learn from and to judge by, at least
LEAVES = 64


@dataclass(frozen=True)
class Telling:
    """A column, and how well it alone tells a target of rows that it was not fitted on."""

    column: str
    target: str
    measure: str  # "accuracy" or "R²"
    score: float

    def __str__(self) -> str:
        how = f"right in {self.score:.1%}" if self.measure == "accuracy" else f"R² {self.score:.3f}"
        return (
            f"{self.column} alone tells {self.target} ({how} of the rows that it was judged by): is it known in time?"
        )


def telling(
    candidates: Mapping[str, np.ndarray[Any, Any]],
    targets: Mapping[str, tuple[str, np.ndarray[Any, Any]]],
    train: np.ndarray[Any, Any],
    held_out: np.ndarray[Any, Any],
) -> Iterator[Telling]:
    """A small tree (or for texts, each text's own answer) of every candidate, fitted on training rows alone.

    Args:
        candidates: One value a row by column: numbers with NaN for blanks, or texts.
        targets: By name its kind ("classes" or "number") and one value a row.
        train: Training rows.
        held_out: The rows to judge by, none of them in `train`.
    """
    import numpy as np

    draw = np.random.default_rng(0)
    train, held_out = (np.sort(draw.permutation(rows)[:MOST_ROWS]) for rows in (train, held_out))
    if min(len(train), len(held_out)) < FEW:
        return
    for target, (kind, values) in targets.items():
        y = _codes(values) if kind == "classes" else values.astype(np.float64)
        judge = _accuracy if kind == "classes" else _r2
        for column, x in candidates.items():
            answered = _answers(x, y, train, held_out, kind)
            score = judge(y[train], y[held_out], answered)
            if score >= TELLS:
                yield Telling(column, target, "accuracy" if kind == "classes" else "R²", score)


def _answers(x: Any, y: Any, train: Any, held_out: Any, kind: str) -> Any:
    """What one column answers."""
    import numpy as np
    import pandas as pd
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    if x.dtype.kind == "O":
        known = pd.Series(y[train]).groupby(x[train], dropna=True)
        told = known.agg(lambda group: group.mode().iloc[0]) if kind == "classes" else known.mean()
        usual = pd.Series(y[train]).mode().iloc[0] if kind == "classes" else y[train].mean()
        return pd.Series(x[held_out]).map(told).fillna(usual).to_numpy()
    filled = np.nan_to_num(x.astype(np.float64), nan=float(np.nanmin(x[train], initial=0)) - 1)[:, None]
    tree = DecisionTreeClassifier if kind == "classes" else DecisionTreeRegressor
    return tree(max_leaf_nodes=LEAVES, random_state=0).fit(filled[train], y[train]).predict(filled[held_out])


def _accuracy(known: Any, truth: Any, answered: Any) -> float:
    """The share of right answers; 0 where the most frequent class alone is nearly as good."""
    import numpy as np

    usual = np.bincount(known).argmax()
    right, trivial = float(np.mean(answered == truth)), float(np.mean(truth == usual))
    return right if 1 - right <= 0.1 * (1 - trivial) and trivial < 1 else 0.0


def _r2(_: Any, truth: Any, answered: Any) -> float:
    import numpy as np

    spread = float(np.var(truth))
    return 1 - float(np.mean((truth - answered) ** 2)) / spread if spread else 0.0


def _codes(values: Any) -> Any:
    import pandas as pd

    from nnrun.data.categories import as_text

    return pd.factorize(as_text(values), use_na_sentinel=False)[0]
