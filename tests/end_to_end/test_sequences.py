"""Answers that are sequences, whole and as texts: read back token by token, decoded from CTC, or made by a prompt."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import CONFIGS, Nnrun

from nnrun.training.decoding import distances

FAST = ("-q", "-s", "report.figures=[]")
# Words of two letters, written from behind.
WORDS = [(a + b, b + a) for a in "abcdefgh" for b in "abcdefgh"]
REVERSE = """\
data:
  source: {csv: words.csv}
  features:
    word: {text: {columns: word, split: character}}
    backwards: {text: {columns: backwards, split: character, start: "[", end: "]"}}
  target: {next: backwards}
  split: {column: part, validation: [v], test: [t]}
model:
  layers:
    - Embedding: {input_dim: $data.word.vocabulary_size, output_dim: 12, from: word}
    - LSTM: {units: 24, return_state: true, name: reader}
    - Embedding: {input_dim: $data.backwards.vocabulary_size, output_dim: 12, from: backwards, name: written}
    - LSTM: {units: 24, return_sequences: true, from: {sequences: written, initial_state: [reader.1, reader.2]}}
compile: {optimizer: {Adam: 0.02}}
fit: {epochs: 40, batch_size: 8}
predict: greedy
"""
SPEAKER = """\
data:
  source: {tokens: text.txt}
  windows: {length: 9}
  features: {text: {index: token}}
  target: {next: text}
  split: {strategy: time, validation: 0.2}
model:
  layers:
    - Embedding: {input_dim: $data.text.vocabulary_size, output_dim: 8}
    - GRU: {units: 16, return_sequences: true}
compile: {optimizer: {Adam: 0.03}}
fit: {epochs: 4, batch_size: 16}
predict: {sample: {prompt: abc, temperature: 0, max_length: 12}}
"""


def words(folder: Path, *, truth_of_held_out: str = "") -> Path:
    """`reverse.yaml` and its table; held-out rows may be given another truth."""
    with (folder / "words.csv").open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["word", "backwards", "part"])
        for place, (word, backwards) in enumerate(WORDS):
            part = {3: "v", 5: "t"}.get(place % 9, "train")
            writer.writerow([word, truth_of_held_out if truth_of_held_out and part != "train" else backwards, part])
    path = folder / "reverse.yaml"
    path.write_text(REVERSE)
    return path


def predictions(run: Path) -> list[dict[str, str]]:
    with (run / "predictions.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


def metrics(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "metrics.json").read_text())
    return found


def test_sequences_are_read_back_and_compared_whole(nnrun: Nnrun, folder: Path) -> None:
    done = nnrun("train", words(folder), *FAST)
    assert done.code == 0, done.err
    told, rows = metrics(done.run), predictions(done.run)
    assert list(rows[0]) == ["row", "part", "fold", "target", "prediction"]
    assert [row["target"] for row in rows] == [WORDS[int(row["row"])][1] for row in rows]
    for part in ("validation", "test"):
        own = [row for row in rows if row["part"] == part]
        right = np.mean([row["target"] == row["prediction"] for row in own])
        letters = [[list(map(ord, row[column])) for row in own] for column in ("target", "prediction")]
        wrong = distances(*letters).sum()
        assert told[part]["exact_match"] == pytest.approx(right)
        assert told[part]["character_error_rate"] == pytest.approx(wrong / (2 * len(own)))
    assert told["validation"]["character_error_rate"] < 0.5  # it has learned to read

    page = (done.run / "report.html").read_text()
    wrong = [row for row in rows if row["part"] == "test" and row["target"] != row["prediction"]]
    assert page.count(" (wrong)</td>") == min(len(wrong), 6)

    again = nnrun("evaluate", done.run, "--json", "-q").json["metrics"]
    assert again == pytest.approx(told["test"])

    (folder / "new.csv").write_text("word\n" + "".join(f"{word}\n" for word, _ in WORDS))
    answered = nnrun("predict", done.run, "--data", "new.csv", "-q")
    assert answered.code == 0, answered.err
    said = dict(csv.reader(answered.out.splitlines()))
    assert {row["row"]: row["prediction"] for row in rows}.items() <= said.items()  # with no answer beside the words


def test_sequences_tell_the_model_nothing_of_the_truth(nnrun: Nnrun, folder: Path) -> None:
    """Other answers in the held-out rows change neither what was learned nor what is said."""
    said = []
    for truth in ("", "fffff"):
        done = nnrun("train", words(folder, truth_of_held_out=truth), *FAST, "-s", "fit.epochs=3")
        assert done.code == 0, done.err
        said.append([row["prediction"] for row in predictions(done.run)])
    assert said[0] == said[1]


@pytest.mark.nightly
def test_sequences_of_a_cross_validation_are_those_of_its_folds(nnrun: Nnrun, folder: Path) -> None:
    short = ("-s", "fit.epochs=1", "-s", "predict={beam: {width: 2}}", "-s", "data.split=null")
    done = nnrun("cv", words(folder), *FAST, *short, "--folds", "2")
    assert done.code == 0, done.err
    folds = [row for fold in (1, 2) for row in predictions(done.run / f"fold-{fold}") if row["part"] == "test"]
    assert [row["prediction"] for row in predictions(done.run)] == [row["prediction"] for row in folds]
    assert metrics(done.run)["held_out"]["exact_match"] == pytest.approx(
        np.mean([metrics(done.run / f"fold-{fold}")["test"]["exact_match"] for fold in (1, 2)])
    )
    refused = nnrun("predict", done.run, "--data", "words.csv", "-q")
    assert refused.code == 2
    assert "fold-1" in refused.err


def test_sequences_go_on_with_a_prompt(nnrun: Nnrun, folder: Path) -> None:
    (folder / "text.txt").write_text("abcdefgh" * 40)
    (folder / "speaker.yaml").write_text(SPEAKER)
    done = nnrun("train", "speaker.yaml", *FAST)
    assert done.code == 0, done.err
    assert (done.run / "samples.txt").read_text().splitlines()[2:] == ["abcdefghabcdefg"]
    assert "abcdefghabcdefg" in (done.run / "report.html").read_text()

    long = nnrun("generate", done.run, "--prompt", "abcdefghabcdefghab", "--max-length", "6", "-q")
    assert (long.code, long.out) == (0, "abcdefghabcdefghabcdefgh\n")  # longer than a window: its end is read
    two = nnrun("generate", done.run, "--count", "2", "--temperature", "2", "--seed", "1", "--json", "-q").json
    assert len(set(two["texts"])) == 2
    assert two == nnrun("generate", done.run, "--count", "2", "--temperature", "2", "--seed", "1", "--json", "-q").json
    assert all(text.startswith("abc") and len(text) == 15 for text in two["texts"])
    strange = nnrun("generate", done.run, "--prompt", "aZ", "--json").json
    assert strange["notes"] == ["the prompt has what no training row holds: 'Z'"]
    assert strange["texts"][0].startswith("aZ")
    assert nnrun("train", done.run / "resolved.yaml", *FAST, "--smoke").code == 0


def test_sequences_go_on_with_windows_whose_next_value_is_a_class(nnrun: Nnrun, folder: Path) -> None:
    """A class of `z` is never a target, so that units and numbers of letters differ."""
    (folder / "text.txt").write_text("az" + "abcdefgh" * 40)
    config = SPEAKER.replace("{length: 9}", "{length: 4, horizon: 1}").replace("next: text", "one_hot: token")
    config = config.replace("return_sequences: true", "return_sequences: false").replace("prompt: abc", "prompt: gabcd")
    (folder / "speaker.yaml").write_text(config)
    done = nnrun("train", "speaker.yaml", *FAST)
    assert done.code == 0, done.err
    assert (done.run / "samples.txt").read_text().splitlines()[2:] == ["gabcdefghabcdefgh"]
    long = nnrun("generate", done.run, "--prompt", "cdefgh", "--max-length", "3", "-q")
    assert (long.code, long.out) == (0, "cdefghabc\n")
    short = nnrun("generate", done.run, "--prompt", "ab")
    assert short.code == 2
    assert "the prompt has 2 tokens, and the model tells what follows 4" in short.err
    early = nnrun("check", "speaker.yaml", "-s", "predict.sample.prompt=abc")
    assert early.code == 2
    assert "a prompt of 3 characters, and the model tells what follows a window of 4" in early.err


def test_sequences_are_said_to_be_worthless_where_the_model_looks_ahead(nnrun: Nnrun, folder: Path) -> None:
    (folder / "text.txt").write_text("abcdefgh" * 40)
    layer = "Conv1D: {filters: 8, kernel_size: 3, padding: PAD}"
    ahead = SPEAKER.replace("GRU: {units: 16, return_sequences: true}", layer)
    for padding, sees in (("causal", False), ("same", True)):
        (folder / "speaker.yaml").write_text(ahead.replace("PAD", padding))
        done = nnrun("train", "speaker.yaml", *FAST, "--smoke")
        assert done.code == 0, done.err
        notes = json.loads((done.run / "run.json").read_text())["notes"]
        assert any("are worth nothing" in note for note in notes) is sees


def test_sequences_of_ctc_are_decoded(nnrun: Nnrun, folder: Path) -> None:
    """A step for each letter, with blanks between: the picture tells its letters, 1 to 4."""
    random = np.random.default_rng(0)
    letters = random.integers(1, 5, (60, 3))
    picture = np.zeros((60, 6, 5), np.float32)
    picture[np.arange(60)[:, None], [[0, 2, 4]], letters] = 1
    np.savez(folder / "pictures.npz", picture=picture, letters=letters)
    (folder / "ctc.yaml").write_text(
        "data: {source: {npz: pictures.npz}, target: letters, split: {validation: 0.2}}\n"
        "model: {layers: [{Dense: {units: 16, activation: relu}}], outputs: {Dense: 5}}\n"
        "compile: {loss: CTC, optimizer: {Adam: 0.05}}\nfit: {epochs: 40, batch_size: 16}\npredict: greedy_ctc\n"
    )
    done = nnrun("train", "ctc.yaml", *FAST)
    assert done.code == 0, done.err
    rows, told = predictions(done.run), metrics(done.run)["validation"]
    assert [row["target"] for row in rows] == [" ".join(map(str, letters[int(row["row"])])) for row in rows]
    right = np.mean([row["target"] == row["prediction"] for row in rows])
    assert told["exact_match"] == pytest.approx(right)
    assert right > 0.8


def test_sequences_generate_refuses_what_is_no_language_model(nnrun: Nnrun) -> None:
    done = nnrun("train", CONFIGS / "addition.yaml", *FAST, "--smoke")
    refused = nnrun("generate", done.run, "--prompt", "1+1")
    assert refused.code == 2
    assert "makes no texts" in refused.err
