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
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NAMES = [
    *("age", "workclass", "fnlwgt", "education", "education_num", "marital_status", "occupation", "relationship"),
    *("race", "gender", "capital_gain", "capital_loss", "hours_per_week", "native_country", "income"),
]
NUMBERS = ["age", "education_num", "hours_per_week", "capital_gain", "capital_loss"]
WIDTHS = {
    "workclass": 4, "education": 6, "marital_status": 4, "occupation": 6, "relationship": 4, "race": 2, "gender": 2,
    "native_country": 6,
}  # fmt: skip
EPOCHS, BATCH_SIZE = 12, 256


def read(part: str) -> pd.DataFrame:
    """The table of a part, with numbers on a logarithmic scale where they are money."""
    path = Path(os.environ["NNRUN_DATA"]) / "adult" / f"adult-{part}.csv.gz"
    table = pd.read_csv(path, names=NAMES, skipinitialspace=True, na_values=["?"])
    table["income"] = table["income"].str.rstrip(".")
    table[["capital_gain", "capital_loss"]] = np.log1p(table[["capital_gain", "capital_loss"]])
    return table


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    table, test = read("train"), read("test")
    train, validation = train_test_split(table, test_size=0.1, random_state=0, stratify=table["income"])
    scale = StandardScaler().fit(train[NUMBERS])
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-1)
    encode.fit(train[list(WIDTHS)])

    def inputs(part: pd.DataFrame) -> list[np.ndarray[Any, Any]]:
        codes = encode.transform(part[list(WIDTHS)]).astype("int32") + 1
        return [scale.transform(part[NUMBERS]).astype("float32"), *codes.T[:, :, None]]

    def labels(part: pd.DataFrame) -> np.ndarray[Any, Any]:
        return (part["income"] == ">50K").to_numpy("float32")

    numbers = keras.Input(shape=(len(NUMBERS),))
    codes, vectors = [], []
    for column, categories in zip(WIDTHS, encode.categories_, strict=True):
        code = keras.Input(shape=(1,), dtype="int32")
        size = sum(isinstance(category, str) for category in categories) + 1
        codes.append(code)
        vectors.append(keras.layers.Flatten()(keras.layers.Embedding(size, WIDTHS[column])(code)))
    x = keras.layers.Concatenate()([numbers, *vectors])
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dense(64, activation="relu")(x)
    x = keras.layers.Dropout(0.2)(x)
    model = keras.Model([numbers, *codes], keras.layers.Dense(1, activation="sigmoid")(x))
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
