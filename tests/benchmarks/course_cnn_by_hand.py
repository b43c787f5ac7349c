"""The CNN that courses begin with by hand in plain Keras: the same work as course_cnn.yaml, as everyone writes it."""

import argparse
import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

matplotlib.use("Agg")
import matplotlib.pyplot as plt


class Seconds(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """What each epoch took, its validation included, from the end of the one before to its own."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.before)
        self.before = now


def read() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Ten thousand pictures scaled to 0..1, and their labels."""
    folder = Path(os.environ["NNRUN_DATA"]) / "fashion_mnist"
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    with gzip.open(folder / "t10k-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return images.astype("float32") / 255, labels


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    x, y = read()
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=4000, random_state=0, stratify=y)
    x_train, x_validation, y_train, y_validation = train_test_split(
        x_rest, y_rest, test_size=1200, random_state=0, stratify=y_rest
    )

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    clock = Seconds()
    history = model.fit(
        x_train,
        y_train,
        batch_size=32,
        epochs=epochs,
        validation_data=(x_validation, y_validation),
        callbacks=[clock],
        verbose=2,
    ).history
    scores = model.evaluate(x_test, y_test, verbose=0, return_dict=True)

    model.save(folder / "model.keras")
    pd.DataFrame({**history, "seconds": clock.seconds}).to_csv(folder / "history.csv", index_label="epoch")
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
    parser.add_argument("--epochs", type=int, default=6)
    options = parser.parse_args()
    main(options.folder, options.epochs)
