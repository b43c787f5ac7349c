"""The loop written out by hand, as Keras' guide to loops from scratch has it: the same work as gradient_tape.yaml."""

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


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x, y = digits.images.astype("float32") / 16, digits.target
    x_train, x_validation, y_train, y_validation = train_test_split(x, y, test_size=360, random_state=0, stratify=y)
    train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(len(x_train)).batch(4)
    validation = tf.data.Dataset.from_tensor_slices((x_validation, y_validation)).batch(4)

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    optimizer = keras.optimizers.Adam(1e-3)
    compare = keras.losses.SparseCategoricalCrossentropy()
    means = {"loss": keras.metrics.Mean(), "accuracy": keras.metrics.SparseCategoricalAccuracy()}
    model.compile(optimizer=optimizer, loss=compare)  # so that it is saved with them

    @tf.function  # type: ignore[untyped-decorator]  # TensorFlow has no types
    def train_step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            prediction = model(x, training=True)
            loss = compare(y, prediction)
        gradients = tape.gradient(loss, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        means["loss"].update_state(loss, sample_weight=tf.shape(x)[0])
        means["accuracy"].update_state(y, prediction)
        return loss

    @tf.function  # type: ignore[untyped-decorator]
    def test_step(x: Any, y: Any) -> None:
        prediction = model(x, training=False)
        means["loss"].update_state(compare(y, prediction), sample_weight=tf.shape(x)[0])
        means["accuracy"].update_state(y, prediction)

    history = []
    before = time.perf_counter()
    for epoch in range(epochs):
        for x_batch, y_batch in train:
            loss = float(train_step(x_batch, y_batch))
        row = {name: float(mean.result()) for name, mean in means.items()}
        for mean in means.values():
            mean.reset_state()
        for x_batch, y_batch in validation:
            test_step(x_batch, y_batch)
        row |= {f"val_{name}": float(mean.result()) for name, mean in means.items()}
        for mean in means.values():
            mean.reset_state()
        now = time.perf_counter()
        history.append({**row, "seconds": now - before})
        before = now
        print(f"epoch {epoch + 1}: last loss {loss:.4f}", row)

    model.save(folder / "model.keras")
    pd.DataFrame(history).to_csv(folder / "history.csv", index_label="epoch")
    scores = {name.removeprefix("val_"): value for name, value in row.items() if name.startswith("val_")}
    (folder / "metrics.json").write_text(json.dumps(scores))
    plt.plot([row["loss"] for row in history], label="train")
    plt.plot([row["val_loss"] for row in history], label="validation")
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.legend()
    plt.savefig(folder / "loss.png", dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the results go")
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    main(options.folder, options.epochs)
