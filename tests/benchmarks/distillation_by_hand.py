"""A small network that learns from a large one by hand: distillation.yaml with Keras' Distiller."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import pandas as pd
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TEACHER_EPOCHS = 2


class Seconds(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """What each epoch took, from the end of the one before to its own."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.before)
        self.before = now


def fitted(model: Any, train: Any, validation: Any, epochs: int) -> pd.DataFrame:
    """A line for each epoch."""
    clock = Seconds()
    history = model.fit(train, validation_data=validation, epochs=epochs, callbacks=[clock], verbose=2).history
    return pd.DataFrame({**history, "seconds": clock.seconds})


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x, y = digits.images.astype("float32")[..., None] / 16, digits.target
    x_train, x_held, y_train, y_held = train_test_split(x, y, test_size=540, random_state=0, stratify=y)
    held = train_test_split(x_held, y_held, test_size=270, random_state=0, stratify=y_held)
    x_validation, x_test, y_validation, y_test = held
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).cache().shuffle(len(x_train)).batch(32)
    train = train.prefetch(tf.data.AUTOTUNE)
    validation = tf.data.Dataset.from_tensor_slices((x_validation, y_validation)).batch(32).cache()

    teacher = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dropout(0.3),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(10),
    ])  # fmt: skip
    student = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Flatten(),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(10),
    ])  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    teacher.compile(optimizer=keras.optimizers.Adam(), loss=loss, metrics=["accuracy"])
    taught = fitted(teacher, train, validation, TEACHER_EPOCHS)

    # The text "kl_divergence" would become a function that Keras 3.15 does not know as the divergence.
    softened = keras.distillation.LogitsDistillation(temperature=4.0, loss=keras.losses.KLDivergence())
    distiller = keras.distillation.Distiller(teacher, student, softened, student_loss_weight=0.3)
    distiller.compile(optimizer=keras.optimizers.Adam(), loss=loss, metrics=["accuracy"])
    learned = fitted(distiller, train, validation, epochs)

    student.save(folder / "model.keras")
    history = pd.concat([taught, learned], ignore_index=True).drop(columns=["total_loss", "val_total_loss"])
    history.to_csv(folder / "history.csv", index_label="epoch")
    student.compile(loss=loss, metrics=["accuracy"])
    scores = student.evaluate(x_test, y_test, verbose=0, return_dict=True)
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
