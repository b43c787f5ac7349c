"""Word vectors from a file to a run: an Embedding begins with them, and what was trained needs the file no more."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import Nnrun

from nnrun.model import framework

CONFIG = """\
data:
  source: {csv: texts.csv}
  target: label
  features: {words: {text: {columns: words, vectors: v.txt}}}
  split: {validation: 0.2, test: 0.2}
model:
  layers:
    - Embedding:
        input_dim: $data.words.vocabulary_size
        output_dim: 3
        embeddings_initializer: {Constant: $data.words.vectors}
        trainable: TRAINABLE
    - GlobalAveragePooling1D
compile: {optimizer: {SGD: 0.5}}
fit: {epochs: 2, batch_size: 8}
report: {figures: []}
"""


@pytest.fixture
def texts(folder: Path) -> Path:
    """Forty texts; each row has a word of its own, which a vocabulary of other rows does not hold."""
    words = ["good", "bad", "fine", "poor"]
    lines = [f"{words[row % 4]} own{row},{'yes' if row % 2 == 0 else 'no'}" for row in range(40)]
    (folder / "texts.csv").write_text("words,label\n" + "\n".join(lines) + "\n")
    known = {"good": "1 2 3", "bad": "-1 0 1", **{f"own{row}": f"{row} 1 1" for row in range(40)}}
    (folder / "v.txt").write_text("".join(f"{word} {numbers}\n" for word, numbers in known.items()))
    return folder


def write(folder: Path, *, trainable: bool) -> Path:
    path = folder / "vectors.yaml"
    path.write_text(CONFIG.replace("TRAINABLE", "true" if trainable else "false"))
    return path


def test_word_vectors_begin_an_embedding_of_the_training_rows_words(nnrun: Nnrun, texts: Path) -> None:
    trained = nnrun("train", write(texts, trainable=False))
    assert trained.code == 0, trained.err
    run = trained.run
    notes = tiny.read_json(run / "run.json")["notes"]
    assert "words: 26 of 28 words have a vector in v.txt; the others begin with zeros" in notes
    assert "26 of 28 words" in (run / "train.log").read_text()
    saved = tiny.read_json(run / "preparation" / "preparation.json")
    vocabulary = saved["inputs"]["inputs"]["words"][0]["steps"][0]["state"]["vocabulary"]
    with np.load(run / "splits.npz") as parts:
        train = set(parts["train"].tolist())
    assert {int(word[3:]) for word in vocabulary if word.startswith("own")} == train  # of no held-out row
    model = framework.keras().saving.load_model(run / "model.keras")
    (array,) = model.layers[0].get_weights()
    assert type(model.layers[0].embeddings_initializer).__name__ == "Zeros"
    for place, word in enumerate(vocabulary, start=2):
        expected = {"good": [1, 2, 3], "bad": [-1, 0, 1]}.get(
            word, [float(word[3:]), 1, 1] if "own" in word else [0] * 3
        )
        assert array[place].tolist() == expected
    assert not array[:2].any()


def test_word_vectors_are_needed_no_more_by_what_was_trained(nnrun: Nnrun, texts: Path) -> None:
    run = nnrun("train", write(texts, trainable=True), "-q").run
    model = framework.keras().saving.load_model(run / "model.keras")
    with np.load(run / "preparation" / "preparation.npz") as kept:
        (begun,) = [kept[name] for name in kept.files if name.endswith("vectors")]
    assert not np.array_equal(model.layers[0].get_weights()[0], begun)  # it learned
    (texts / "v.txt").unlink()
    (texts / "new.csv").write_text("words\ngood own1\n")
    assert nnrun("predict", run, "--data", "new.csv", "--output", "answers.csv").code == 0
    assert nnrun("evaluate", run, "--part", "test").code == 0
    checked = nnrun("check", "vectors.yaml")
    assert (checked.code, "'v.txt' is not here; whether its vectors fit is not checked" in checked.err) == (0, True)
    missing = nnrun("train", "vectors.yaml", "--name", "other")
    assert missing.code != 0
    assert "no such file: v.txt" in missing.err


def test_word_vectors_of_each_fold_are_those_of_its_own_words(nnrun: Nnrun, texts: Path) -> None:
    done = nnrun("cv", write(texts, trainable=False), "-s", "cv.folds=2", "-q")
    assert done.code == 0, done.err
    seen = []
    for fold in sorted(done.run.glob("fold-*")):
        told = json.loads((fold / "preparation" / "preparation.json").read_text())
        vocabulary = told["inputs"]["inputs"]["words"][0]["steps"][0]["state"]["vocabulary"]
        model = framework.keras().saving.load_model(fold / "model.keras")
        (array,) = model.layers[0].get_weights()
        own = {word: array[place, 0] for place, word in enumerate(vocabulary, start=2) if word.startswith("own")}
        assert own == {word: float(word[3:]) for word in own}
        seen.append(frozenset(own))
    assert len(set(seen)) == 2
