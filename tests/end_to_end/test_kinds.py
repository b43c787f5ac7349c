"""Rows that are more than a table of numbers: files that columns name, texts of any length, what follows in a text."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

FAST = ("-q", "-s", "report.figures=[]")
MESSAGES = """\
data:
  source: {csv: messages.csv}
  target: moved
  features: {words: {text: {columns: message, output_sequence_length: LENGTH}}}
model:
  layers:
    - Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 8, mask_zero: MASK}
    - GRU: 8
    - Dense: {units: 4, activation: relu}
fit: {epochs: 2, batch_size: 32}
"""
ALPHABET = """\
data:
  source: {tokens: letters.txt}
  windows: {length: 7, stride: 3}
  features: {text: {index: token}}
  target: {next: text}
  split: {strategy: time, validation: 0.2, test: 0.2}
model:
  layers:
    - Embedding: {input_dim: $data.text.vocabulary_size, output_dim: 8}
    - GRU: {units: 16, return_sequences: true}
compile: {optimizer: {Adam: 0.02}}
fit: {epochs: 8, batch_size: 16}
"""


def test_kinds_columns_of_pictures_sounds_and_texts_train_and_predict(nnrun: Nnrun, folder: Path) -> None:
    """Each kind reaches the model, and a table elsewhere, with its files beside it, gets the answers of the run."""
    shutil.copytree(CONFIGS, folder / "configs")
    ended = nnrun("train", "configs/several_kinds.yaml", *FAST, "-s", "fit.epochs=2")
    assert ended.code == 0, ended.err
    told = [row for row in tiny.read_csv(ended.run / "predictions.csv") if row["part"] == "test"]
    with (folder / "configs" / "data" / "cards.csv").open(encoding="utf-8") as stream:
        header, *lines = stream.read().splitlines()
    (folder / "configs" / "data").rename(folder / "later")
    chosen = [lines[int(row["row"])].rpartition(",")[0] for row in told]  # without the points
    (folder / "later" / "new.csv").write_text("\n".join([header.rpartition(",")[0], *chosen]) + "\n", encoding="utf-8")

    answered = nnrun("predict", ended.run, "--data", "later/new.csv", "--output", "answers.csv", "-q")

    assert answered.code == 0, answered.err
    found = [row["prediction"] for row in tiny.read_csv(folder / "answers.csv")]
    assert found == [row["prediction"] for row in told]
    assert len(set(found)) > 0.9 * len(found)


def test_kinds_padding_does_not_change_the_answer(nnrun: Nnrun, folder: Path) -> None:
    """A mask passes over what fills short texts: the same training, and the same answers, with twice as much of it."""
    shutil.copy(CONFIGS / "data" / "messages.csv", folder)

    def shares(length: int, *, mask: bool) -> list[float]:
        config = MESSAGES.replace("LENGTH", str(length)).replace("MASK", str(mask).lower())
        (folder / "messages.yaml").write_text(config, encoding="utf-8")
        ended = nnrun("train", "messages.yaml", *FAST)
        assert ended.code == 0, ended.err
        return [float(row["p_later"]) for row in tiny.read_csv(ended.run / "predictions.csv")]

    short = shares(12, mask=True)  # the longest has 10 words
    assert shares(24, mask=True) == pytest.approx(short, abs=1e-5)
    assert shares(24, mask=False) != pytest.approx(short, abs=1e-3)
    assert len(set(short)) > 50


def test_kinds_what_follows_is_learned_at_every_step(nnrun: Nnrun, folder: Path) -> None:
    """Of a text in which each letter tells the next one, the model says it from the first step on."""
    letters = "abcdefgh"
    (folder / "letters.txt").write_text(letters * 40, encoding="utf-8")
    (folder / "letters.yaml").write_text(ALPHABET, encoding="utf-8")
    ended = nnrun("train", "letters.yaml", *FAST)
    assert ended.code == 0, ended.err

    with np.load(ended.run / "predictions.npz") as file:
        answers = file["test/0/text"].argmax(axis=-1)
    state: Any = tiny.read_json(ended.run / "preparation" / "preparation.json")["inputs"]["inputs"]["text"][0]
    assert state["steps"][0]["state"]["vocabulary"] == list(letters)
    assert answers.shape[1:] == (6,)
    # 320 letters, windows every third: those whose target is in the last fifth begin at row 256, or next behind it
    first = -(-256 // 3) * 3
    rows = first + 3 * np.arange(len(answers))[:, None] + np.arange(6) + 1
    assert (answers == rows % len(letters) + 1).mean() > 0.9
    assert tiny.read_json(ended.run / "metrics.json")["test"]["accuracy"] > 0.9
    assert tiny.read_json(ended.run / "metrics.json")["floor"]["test"]["majority"]["accuracy"] < 0.3


def test_kinds_the_vectors_of_words_are_kept_and_drawn(nnrun: Nnrun, folder: Path) -> None:
    shutil.copy(CONFIGS / "data" / "messages.csv", folder)
    config = MESSAGES.replace("LENGTH", "12").replace("MASK", "true")
    (folder / "messages.yaml").write_text(config, encoding="utf-8")
    ended = nnrun("train", "messages.yaml", "-q", "-s", "report.figures=[embeddings]", "-s", "fit.epochs=1")
    assert ended.code == 0, ended.err

    import keras

    state: Any = tiny.read_json(ended.run / "preparation" / "preparation.json")["inputs"]["inputs"]["words"][0]
    vocabulary = state["steps"][0]["state"]["vocabulary"]
    with np.load(ended.run / "probe.npz") as file:
        tokens, vectors = list(file["tokens/embedding"]), file["vectors/embedding"]
    assert sorted(tokens) == sorted(vocabulary)
    weights = keras.saving.load_model(ended.run / "model.keras").get_layer("embedding").get_weights()[0]
    assert np.array_equal(vectors[tokens.index("monday")], weights[2 + vocabulary.index("monday")])
    assert (ended.run / "figures" / "embeddings.png").is_file()


NEXT_WORD = """
data:
  source: {csv: messages.csv}
  features: {words: {text: {columns: message, output_sequence_length: 16}}}
  target: {next: words}
  split: {strategy: random, validation: 0.3, test: 0.2}
model:
  layers:
    - Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 4, mask_zero: true}
    - LSTM: {units: 4, return_sequences: true}
fit: {epochs: 2, batch_size: 16}
"""


def test_kinds_padding_is_not_scored_where_it_is_masked(nnrun: Nnrun, folder: Path) -> None:
    """The scores of a part are those of its last epoch, which Keras takes of the steps that count alone."""
    shutil.copy(CONFIGS / "data" / "messages.csv", folder)
    (folder / "next.yaml").write_text(NEXT_WORD, encoding="utf-8")
    ended = nnrun("train", "next.yaml", *FAST)
    assert ended.code == 0, ended.err
    last = tiny.read_csv(ended.run / "history.csv")[-1]
    scores = tiny.read_json(ended.run / "metrics.json")
    assert scores["validation"]["loss"] == pytest.approx(float(last["val_loss"]), rel=1e-5)
    assert scores["validation"]["accuracy"] == pytest.approx(float(last["val_accuracy"]), rel=1e-5)
    with np.load(ended.run / "predictions.npz") as file:
        assert file["test/0/words.mask"].shape == file["test/0/words"].shape[:2]
        assert not file["test/0/words.mask"].all()
    again = nnrun("evaluate", ended.run, "--part", "test", "--json")
    assert again.code == 0, again.err
    assert again.json["metrics"] == pytest.approx(scores["test"], rel=1e-6)
    folds = nnrun("cv", "next.yaml", "--folds", "2", *FAST)
    assert folds.code == 0, folds.err
