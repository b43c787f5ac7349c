"""Generated data of the form that each example has, by the name of its config: shapes as published, few rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 12

Make = Callable[[Path], None]


def _numbers(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def _tokens(largest: int, *shape: int, seed: int = 0) -> Any:
    """Token numbers from 0 to the largest, which is among them."""
    tokens = np.random.default_rng(seed).integers(0, largest + 1, shape, dtype=np.int32)
    tokens.flat[-1] = largest
    return tokens


def _classes(count: int, rows: int) -> Any:
    """Class numbers, every class as often as the others."""
    return (np.arange(rows) % count).astype(np.int64)


def _csv(path: Path, **columns: Any) -> None:
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(str(value) for value in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def text_classification_from_scratch(folder: Path) -> None:
    rows = 2 * ROWS
    np.savez(
        folder / "reviews.npz",
        words_train=_tokens(19_999, rows, 500),
        label_train=_classes(2, rows),
        words_test=_tokens(19_999, ROWS, 500),
        label_test=_classes(2, ROWS),
    )


def bidirectional_lstm_imdb(folder: Path) -> None:
    for seed, name in enumerate(("reviews", "reviews-validation")):
        np.savez(folder / f"{name}.npz", words=_tokens(19_999, ROWS, 200, seed=seed), label=_classes(2, ROWS))


def multi_label_classification(folder: Path) -> None:
    rows = 200
    labels = np.random.default_rng(2).integers(0, 2, (rows, 27))
    np.savez(folder / "abstracts.npz", words=abs(_numbers(rows, 20_498)), labels=labels)


def ford_a(folder: Path) -> None:
    rows = 2 * ROWS
    np.savez(
        folder / "ford-a.npz",
        series_train=_numbers(rows, 500, 1),
        label_train=_classes(2, rows),
        series_test=_numbers(ROWS, 500, 1),
        label_test=_classes(2, ROWS),
    )


def imbalanced_classification(folder: Path) -> None:
    for seed, name in enumerate(("creditcard", "creditcard-last")):
        values = _numbers(ROWS, 28, seed=seed)
        numbers = {f"V{index + 1}": values[:, index] for index in range(28)}
        label = (np.arange(ROWS) % 6 == 0).astype(int)
        _csv(folder / f"{name}.csv", Time=np.arange(ROWS), **numbers, Amount=abs(values[:, 0]) * 100, Class=label)


def newsgroups(folder: Path) -> None:
    _csv(
        folder / "newsgroups.csv",
        message=[f"a message on matter{row % 20} and others" for row in range(60)],
        group=[f"group{row % 20}" for row in range(60)],
    )
    vectors = {word: _numbers(100, seed=seed) for seed, word in enumerate(("message", "matter3", "of", "and"))}
    lines = [f"{word} {' '.join(f'{number:.5f}' for number in vector)}" for word, vector in vectors.items()]
    (folder / "glove.6B.100d.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def collaborative_filtering_movielens(folder: Path) -> None:
    rows = 9_724
    stars = np.linspace(0, 1, 10)[np.arange(rows) % 10]
    _csv(folder / "ratings.csv", userId=np.arange(rows) % 610 + 1, movieId=np.arange(rows) + 1, rating=stars)


def structured_data_classification_with_feature_space(folder: Path) -> None:
    rows = 303
    drawn = np.random.default_rng(3)
    choices = {"sex": 2, "cp": 5, "fbs": 2, "restecg": 3, "exang": 2, "ca": 4}
    words = np.array(["fixed", "normal", "reversible", "1", "2"])
    _csv(
        folder / "heart.csv",
        age=drawn.integers(29, 78, rows),
        **{name: drawn.integers(0, count, rows) for name, count in choices.items()},
        trestbps=drawn.integers(94, 201, rows),
        chol=drawn.integers(126, 565, rows),
        thalach=drawn.integers(71, 203, rows),
        oldpeak=drawn.integers(0, 63, rows) / 10,
        slope=drawn.integers(1, 4, rows),
        thal=words[drawn.integers(0, 5, rows)],
        target=(drawn.random(rows) < 0.3).astype(int),
    )


def eeg_signal_classification(folder: Path) -> None:
    for seed, name in enumerate(("eeg", "eeg-test")):
        np.savez(folder / f"{name}.npz", series=abs(_numbers(38, 512, 1, seed=seed)), label=_classes(19, 38))


def eeg_bci_ssvepformer(folder: Path) -> None:
    rows = 10 * 12
    np.savez(
        folder / "ssvep.npz",
        series=_numbers(rows, 8, 256),
        person=np.repeat(np.arange(10), 12),
        label=_classes(12, rows),
    )


def stft(folder: Path) -> None:
    for seed, name in enumerate(("esc10", "esc10-fold4", "esc10-fold5")):
        np.savez(folder / f"{name}.npz", wave=_numbers(20, 80_000, 1, seed=seed), label=_classes(10, 20))


def tabtransformer(folder: Path) -> None:
    places = (9, 16, 7, 15, 6, 5, 2, 42)
    for seed, name in enumerate(("adult", "adult-test")):
        np.savez(
            folder / f"{name}.npz",
            categories=np.stack([_tokens(count - 1, ROWS, seed=seed) for count in places], axis=1),
            numbers=_numbers(ROWS, 5, seed=seed),
            weight=np.linspace(12_285, 1_484_705, ROWS),
            label=_classes(2, ROWS),
        )


def movielens_recommendations_transformers(folder: Path) -> None:
    rows = 4 * ROWS
    np.savez(
        folder / "sequences.npz",
        watched=_tokens(3_882, rows, 3),
        ratings=_tokens(4, rows, 3) + 1,
        film=_tokens(3_882, rows),
        rating=_tokens(4, rows, seed=1) + 1.0,
    )


def customer_lifetime_value(folder: Path) -> None:
    for seed, name in enumerate(("purchases", "purchases-validation", "purchases-test")):
        np.savez(
            folder / f"{name}.npz",
            months=_numbers(ROWS, 6, 5, seed=seed),
            trend=_numbers(ROWS, 6, 12, seed=seed),
            country=np.eye(38, dtype=np.int32)[:ROWS],
            spent=abs(_numbers(ROWS, 6, seed=seed)),
        )


def ner_transformers(folder: Path) -> None:
    for seed, name in enumerate(("conll", "conll-validation")):
        tags = _tokens(9, ROWS, 128, seed=seed)
        np.savez(folder / f"{name}.npz", words=_tokens(19_999, ROWS, 128, seed=seed), tags=tags)


def lstm_seq2seq(folder: Path) -> None:
    rows = 2 * ROWS
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz .!?"))
    english, french = letters[_tokens(29, rows, 14)], letters[_tokens(29, rows, 57, seed=1)]
    lines = ["\t".join(("".join(a), "".join(b), "CC-BY")) for a, b in zip(english, french, strict=True)]
    (folder / "fra.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def text_generation_with_miniature_gpt(folder: Path) -> None:
    (folder / "reviews").mkdir()
    words = np.array(["this", "movie", "is", "was", "not", "a", "good", "bad", "film", ",", "."])
    for row, tokens in enumerate(_tokens(len(words) - 1, ROWS, 120)):
        (folder / "reviews" / f"{row}.txt").write_text(" ".join(words[tokens]), encoding="utf-8")


def captcha_ocr(folder: Path) -> None:
    rows = 2 * ROWS
    image = np.random.default_rng(0).integers(0, 256, (rows, 50, 200, 1), dtype=np.uint8)
    np.savez(folder / "captchas.npz", image=image, label=_tokens(18, rows, 5) + 1)


def handwriting_recognition(folder: Path) -> None:
    for seed, name in enumerate(("words", "words-validation", "words-test")):
        image = np.random.default_rng(seed).integers(0, 256, (ROWS, 128, 32, 1), dtype=np.uint8)
        label = _tokens(77, ROWS, 21, seed=seed) + 1
        label[:, 9:] = 0
        np.savez(folder / f"{name}.npz", image=image, label=label)


def _spoken(folder: Path, samples: int, transcript: Callable[[int], str]) -> None:
    """Noise as WAV files of 22,050 Hz, and the file that says what is read aloud in them."""
    import wave

    (folder / "wavs").mkdir()
    lines = []
    for row in range(ROWS):
        noise = np.random.default_rng(row).integers(-(2**12), 2**12, samples, dtype=np.int16)
        with wave.open(str(folder / "wavs" / f"{row}.wav"), "wb") as file:
            file.setparams((1, 2, 22_050, 0, "NONE", ""))
            file.writeframes(noise.tobytes())
        lines.append(f"wavs/{row}.wav|{transcript(row)}|{transcript(row)}")
    (folder / "ljspeech.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ctc_asr(folder: Path) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz'?! "
    _spoken(folder, 22_050, lambda row: letters[row:] + letters[:row] + "-,;")


def transformer_asr(folder: Path) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz .,?"
    _spoken(folder, 66_150, lambda row: letters[row:] + letters[:row] + "-")


def neural_machine_translation_with_keras_hub(folder: Path) -> None:
    english, spanish = ([f"{word}{row}" for row in range(ROWS)] for word in ("word", "palabra"))
    lines = [f"{' '.join(english[: row + 1])} ##s .\t{' '.join(spanish[: row + 1])} ##s ." for row in range(ROWS)]
    (folder / "spa.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def text_generation_gpt(folder: Path) -> None:
    words = np.array([f"piece{number}" for number in range(60)])
    for seed, name in enumerate(("books", "books-validation")):
        lines = [" ".join(line) for line in words[_tokens(59, ROWS, 140, seed=seed)]]
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def lstm_character_level_text_generation(folder: Path) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789 !\"'(),-.:;=?[]_\u00e4\u00e6\u00e9\u00eb"
    text = "".join(letter * 3 for letter in letters + letters[:20])  # each is what follows 40 of them
    (folder / "nietzsche.txt").write_text(text, encoding="utf-8")


def masked_language_modeling(folder: Path) -> None:
    for seed, part in enumerate(("train", "test")):
        words = np.array([f"word{number}" for number in range(200)])[_tokens(199, 2 * ROWS, 240, seed=seed)]
        for row, review in enumerate(words):
            place = folder / "reviews" / part / ("pos", "neg")[row % 2]
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{row}.txt").write_text(f"{' '.join(review)}.<br />It's {seed}", encoding="utf-8")


DATA: dict[str, Make] = {
    "text_classification_from_scratch": text_classification_from_scratch,
    "bidirectional_lstm_imdb": bidirectional_lstm_imdb,
    "multi_label_classification": multi_label_classification,
    "timeseries_classification_from_scratch": ford_a,
    "timeseries_classification_transformer": ford_a,
    "imbalanced_classification": imbalanced_classification,
    "collaborative_filtering_movielens": collaborative_filtering_movielens,
    "pretrained_word_embeddings": newsgroups,
    "structured_data_classification_with_feature_space": structured_data_classification_with_feature_space,
    "eeg_signal_classification": eeg_signal_classification,
    "eeg_bci_ssvepformer": eeg_bci_ssvepformer,
    "stft": stft,
    "stft.conv1d": stft,
    "tabtransformer": tabtransformer,
    "tabtransformer.baseline": tabtransformer,
    "movielens_recommendations_transformers": movielens_recommendations_transformers,
    "customer_lifetime_value": customer_lifetime_value,
    "ner_transformers": ner_transformers,
    "lstm_seq2seq": lstm_seq2seq,
    "text_generation_with_miniature_gpt": text_generation_with_miniature_gpt,
    "captcha_ocr": captcha_ocr,
    "handwriting_recognition": handwriting_recognition,
    "ctc_asr": ctc_asr,
    "transformer_asr": transformer_asr,
    "neural_machine_translation_with_keras_hub": neural_machine_translation_with_keras_hub,
    "text_generation_gpt": text_generation_gpt,
    "lstm_character_level_text_generation": lstm_character_level_text_generation,
    "masked_language_modeling": masked_language_modeling,
    "masked_language_modeling.words": masked_language_modeling,
}
