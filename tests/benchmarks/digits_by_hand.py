"""The digits by hand in plain Keras: what a careful person writes, the same work as digits.yaml."""

import argparse
import json
from pathlib import Path

import keras
import matplotlib
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x, y = digits.images[..., None].astype("float32") / 16, digits.target
    x_rest, x_test, y_rest, y_test = train_test_split(x, y, test_size=270, random_state=0, stratify=y)
    x_train, x_validation, y_train, y_validation = train_test_split(
        x_rest, y_rest, test_size=270, random_state=0, stratify=y_rest
    )

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Conv2D(64, 3, padding="same", activation="relu"),
        keras.layers.MaxPooling2D(2),
        keras.layers.Flatten(),
        keras.layers.Dense(128, activation="relu"),
        keras.layers.Dropout(0.5),
        keras.layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x_train, y_train, batch_size=64, epochs=epochs, validation_data=(x_validation, y_validation), verbose=2
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
    parser.add_argument("--epochs", type=int, default=20)
    options = parser.parse_args()
    main(options.folder, options.epochs)
