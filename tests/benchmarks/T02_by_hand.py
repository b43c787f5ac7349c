"""tests/tasks/T02.yaml by hand in plain Keras: Fashion-MNIST with two convolutions, what a careful person writes."""

import argparse
import gzip
import json
import os
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

matplotlib.use("Agg")
import matplotlib.pyplot as plt

BATCH_SIZE = 64
EPOCHS = 8


def read(part: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pictures scaled to 0..1 and their labels, from the two files of a part."""
    folder = Path(os.environ["NNRUN_DATA"]) / "fashion_mnist"
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images.astype("float32") / 255, labels


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    x, y = read("train")
    x_test, y_test = read("t10k")
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, test_size=5000, random_state=0, stratify=y)

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(256, activation="relu"),
        keras.layers.Dropout(0.4),
        keras.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    steps = -(-len(x_train) // BATCH_SIZE) * EPOCHS
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1.5e-3, steps)),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    history = model.fit(
        x_train, y_train, batch_size=BATCH_SIZE, epochs=epochs, validation_data=(x_validation, y_validation), verbose=2
    ).history
    scores = model.evaluate(x_test, y_test, verbose=0, return_dict=True)

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
