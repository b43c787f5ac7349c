"""Every layer of Keras that a config can name is trained: its example in `nnrun help`, two steps of each epoch."""

from __future__ import annotations

from pathlib import Path

import pytest
from commandline import Nnrun

from nnrun.guide import topics

# Examples on files that are the reader's, and what Keras does not do.
NOT_TRAINED = {
    "Equalization": "it gives back the very tensor that it was called on",
    "trained": "it needs a run of the reader's",
    "StringLookup": "columns of text reach no model",
    "TextVectorization": "columns of text reach no model",
}


def complaints(names: list[str], nnrun: Nnrun, folder: Path) -> dict[str, str]:
    """What training says of the examples of these layers, by layer; nothing of one that ends well."""
    found = {}
    for name in names:
        path = folder / f"{name}.yaml"
        path.write_text(topics.of("layers", name)[0].example, encoding="utf-8")
        ended = nnrun("train", path, "--smoke", "-q", "-s", "report.figures=[]")
        if ended.code:
            found[name] = ended.err
    return found


@pytest.mark.nightly
def test_every_layer_trains(nnrun: Nnrun, folder: Path) -> None:
    names = [name for name in topics.names("layers") if name not in NOT_TRAINED]
    assert len(names) > 100
    assert complaints(names, nnrun, folder) == {}
