"""A small network of the digits by hand in plain Keras: the same work as digits_mlp.yaml, as everyone writes it."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import pandas as pd
from sklearn.datasets import load_digits
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


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x, y = digits.images.astype("float32") / 16, digits.target
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, test_size=360, random_state=0, stratify=y)

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
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
    scores = model.evaluate(x_validation, y_validation, verbose=0, return_dict=True)

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
    parser.add_argument("--epochs", type=int, default=40)
    options = parser.parse_args()
    main(options.folder, options.epochs)
