"""`index` in a script."""

from __future__ import annotations

from nnrun.export.preparations import Written

SOURCE = '''
def index(texts, train, max_tokens=None):
    """1, 2, ... for the categories of the training rows, 0 for all others; and their count."""
    counts = Counter(text for text in texts[train].ravel() if text)
    most = None if max_tokens is None else max_tokens - 1
    kept = sorted(counts, key=lambda text: (-counts[text], text))[:most]
    numbers = {text: number for number, text in enumerate(ordered(kept), start=1)}
    found = [[numbers.get(text, 0) for text in row] for row in texts]
    return np.array(found, dtype="int32"), max_tokens or len(kept) + 1
'''


def index(max_tokens: int | None = None) -> Written:
    """Categories as whole numbers."""
    settings = {} if max_tokens is None else {"max_tokens": max_tokens}
    return Written(
        imports=("from collections import Counter",), function="index", source=SOURCE, settings=settings, gives_ids=True
    )
