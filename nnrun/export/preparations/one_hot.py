"""`one_hot` in a script."""

from __future__ import annotations

from nnrun.export.preparations import Written

SOURCE = '''
def one_hot(texts, train, unknown=0):
    """A column of 0 and 1 for every category of the training rows."""
    blocks = []
    for column in texts.T:
        places = {text: place + unknown for place, text in enumerate(ordered(column[train]))}
        block = np.zeros((len(column), len(places) + unknown))
        for row, text in enumerate(column):
            if text in places or unknown:
                block[row, places.get(text, 0)] = 1
        blocks.append(block)
    return np.concatenate(blocks, axis=1)
'''


def one_hot(num_oov_indices: int = 0) -> Written:
    """A column for every category."""
    settings = {"unknown": 1} if num_oov_indices else {}
    return Written(function="one_hot", source=SOURCE, settings=settings)
