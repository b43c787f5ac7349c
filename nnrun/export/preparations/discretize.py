"""`discretize` in a script."""

from __future__ import annotations

from nnrun.export.preparations import Written

SOURCE = '''
def discretize(values, train, num_bins):
    """A column of 0 and 1 for each bin of the numbers; the training rows fill all bins alike."""
    blocks = []
    for column in values.T:
        edges = np.quantile(column[train], np.arange(1, num_bins) / num_bins)
        blocks.append(np.eye(num_bins)[np.searchsorted(edges, column, side="right")])
    return np.concatenate(blocks, axis=1)
'''


def discretize(num_bins: int) -> Written:
    """A column for every bin."""
    return Written(function="discretize", source=SOURCE, settings={"num_bins": num_bins}, takes_numbers=True)
