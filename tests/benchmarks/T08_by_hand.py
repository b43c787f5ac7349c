"""tests/tasks/T08.yaml by hand in plain Keras: Adult with entity embeddings, what a careful person writes."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NAMES = [
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "gender", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
]
NUMBERS = ["age", "education_num", "hours_per_week", "capital_gain", "capital_loss"]
CATEGORIES = [
    *("workclass", "education", "marital_status", "occupation", "relationship", "race", "gender", "native_country"),
]
MONEY = ["capital_gain", "capital_loss"]
EPOCHS, BATCH_SIZE = 8, 256


def read(part: str) -> pd.DataFrame:
    """The table of a part."""
    path = Path(os.environ["NNRUN_DATA"]) / "adult" / f"adult-{part}.csv.gz"
    table = pd.read_csv(path, names=NAMES, skipinitialspace=True, na_values=["?"])
    table["income"] = table["income"].str.rstrip(".")
    return table


def logarithms(table: pd.DataFrame) -> pd.DataFrame:
    """The numbers, those that are money on a logarithmic scale."""
    numbers = table[NUMBERS].astype("float64")
    numbers[MONEY] = np.log1p(numbers[MONEY])
    return numbers


def codes(table: pd.DataFrame, columns: list[str], known: dict[Any, int]) -> np.ndarray[Any, Any]:
    """Whole numbers for known values, 0 for all others."""
    return np.stack([table[column].map(known).fillna(0) for column in columns], axis=1).astype("int32")


def vocabulary(table: pd.DataFrame, columns: list[str]) -> dict[Any, int]:
    """1, 2, ... for the values of some columns."""
    values = sorted({value for column in columns for value in table[column].dropna()})
    return {value: number for number, value in enumerate(values, start=1)}


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    table, test = read("train"), read("test")
    train, validation = train_test_split(table, test_size=0.1, random_state=0, stratify=table["income"])
    scale = StandardScaler().fit(logarithms(train))
    categories, money = vocabulary(train, CATEGORIES), vocabulary(train, MONEY)

    def inputs(part: pd.DataFrame) -> list[np.ndarray[Any, Any]]:
        numbers = scale.transform(logarithms(part)).astype("float32")
        return [numbers, codes(part, CATEGORIES, categories), codes(part, MONEY, money)]

    def labels(part: pd.DataFrame) -> np.ndarray[Any, Any]:
        return (part["income"] == ">50K").to_numpy("float32")

    given = [
        keras.Input(shape=(len(NUMBERS),)),
        keras.Input(shape=(len(CATEGORIES),), dtype="int32"),
        keras.Input(shape=(len(MONEY),), dtype="int32"),
    ]
    entities = keras.layers.Flatten()(keras.layers.Embedding(len(categories) + 1, 8)(given[1]))
    sums = keras.layers.Flatten()(keras.layers.Embedding(len(money) + 1, 8)(given[2]))
    x = keras.layers.Concatenate()([given[0], entities, sums])
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dropout(0.2)(x)
    model = keras.Model(given, keras.layers.Dense(1, activation="sigmoid")(x))
    steps = -(-len(train) // BATCH_SIZE) * EPOCHS
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss="binary_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        inputs(train),
        labels(train),
        batch_size=BATCH_SIZE,
        epochs=epochs,
        validation_data=(inputs(validation), labels(validation)),
        verbose=2,
    ).history
    scores = model.evaluate(inputs(test), labels(test), verbose=0, return_dict=True)

    model.save(folder / "model.keras")
    pd.DataFrame(history).to_csv(folder / "history.csv", index_label="epoch")
    (folder / "metrics.json").write_text(json.dumps(scores))
    plt.plot(history["loss"], label="train")
    plt.plot(history["val_loss"], label="validation")
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.legend()
    plt.savefig(folder / "loss.png", dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the results go")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    main(options.folder, options.epochs)
