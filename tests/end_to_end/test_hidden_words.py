"""`target: {masked: INPUT}` from a config to a run: hidden tokens alone count, and new texts are filled in."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

QUICK = ("-q", "-s", "fit.epochs=2", "-s", "report.figures=[]")
NUMBERS = """\
data:
  source: {npz: words.npz}
  target: {masked: {input: words, mask: 20, anew: ANEW}}
  split: {validation: 0.2, test: 0.2}
model: {layers: [{Embedding: {input_dim: 21, output_dim: 4}}]}
compile: {optimizer: {SGD: 0.0}, loss: sparse_categorical_crossentropy, metrics: [accuracy, LOGGED]}
fit: {epochs: 2, batch_size: 64, shuffle: false}
report: {figures: []}
"""


def test_hidden_words_alone_are_scored_and_new_texts_are_filled_in(nnrun: Nnrun, folder: Path) -> None:
    trained = nnrun("train", CONFIGS / "masked_language_model.yaml", *QUICK)
    assert trained.code == 0, trained.err
    scores, run = tiny.read_json(trained.run / "metrics.json"), trained.run

    pairs = []
    for row in tiny.read_csv(run / "predictions.csv"):
        true, said = (re.findall(r"\[(.+?)\]", row[column]) for column in ("target", "prediction"))
        assert re.sub(r"\[.+?\]", "", row["target"]) == re.sub(r"\[.+?\]", "", row["prediction"])
        pairs += [(row["part"], *pair) for pair in zip(true, said, strict=True)]
    for part in ("validation", "test"):
        right = [true == said for of, true, said in pairs if of == part]
        assert scores[part]["accuracy"] == pytest.approx(np.mean(right), abs=1e-6)
    assert f"{scores['test']['loss']:.4f}" in nnrun("evaluate", run).out

    with (folder / "new.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["message"], ["Could we [mask] on [MASK]?"], ["Nothing is hidden"]])
    rows = list(csv.DictReader(nnrun("predict", run, "--data", "new.csv").out.splitlines()))
    assert re.fullmatch(r"Could we (\w+) on (\w+)\?", rows[0]["prediction"])
    first, second = rows[0]["candidates"].split("; ")
    assert len(first.split(", ")) == len(second.split(", ")) == 5
    assert first.split()[0] == rows[0]["prediction"].split()[2]
    assert (rows[1]["prediction"], rows[1]["candidates"]) == ("Nothing is hidden", "")


@pytest.mark.parametrize("anew", ["true", "false"])
def test_hidden_numbers_are_drawn_anew_or_once(anew: str, nnrun: Nnrun, folder: Path) -> None:
    """Nothing is learned at a rate of zero, so that only other words can change the loss."""
    np.savez(folder / "words.npz", words=np.random.default_rng(0).integers(2, 20, (100, 12)))
    (folder / "numbers.yaml").write_text(
        NUMBERS.replace("ANEW", anew).replace("LOGGED", "{SparseTopKCategoricalAccuracy: {k: 20, name: top}}")
    )
    run = nnrun("train", "numbers.yaml", "-q").run
    first, second = tiny.history(run)
    assert (first["loss"] == second["loss"]) == (anew == "false")
    assert first["val_loss"] == second["val_loss"]
    assert float(first["val_top"]) < 1.0 + 1e-6
    resolved = (run / "resolved.yaml").read_text()
    assert "Masked:" in resolved  # the loss that was written counts no other words


@pytest.mark.nightly
def test_hidden_words_are_seen_by_a_classifier_on_the_same_encoder(nnrun: Nnrun, folder: Path) -> None:
    short = [f"phases.{number}.fit.epochs=1" for number in range(3)]
    options = [word for setting in (*short, "report.figures=[]") for word in ("-s", setting)]
    trained = nnrun("train", CONFIGS / "fine_tuning.yaml", "-q", *options)
    assert trained.code == 0, trained.err
    scores = tiny.read_json(trained.run / "metrics.json")["test"]
    evaluated = nnrun("evaluate", trained.run)  # from the texts as they are
    assert f"{scores['loss']:.4f}" in evaluated.out
