"""Auto MPG by hand in plain Keras: what a careful person writes, the same work as auto_mpg.yaml."""

import argparse
import json
import os
from pathlib import Path

import keras
import matplotlib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NUMBERS = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    table = pd.read_csv(Path(os.environ["NNRUN_DATA"]) / "auto_mpg" / "mpg.csv")
    rest, test = train_test_split(table, test_size=60, random_state=0)
    train, validation = train_test_split(rest, test_size=60, random_state=0)
    prepare = make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["origin"]),
    ).fit(train)
    x_train, x_validation, x_test = (prepare.transform(part) for part in (train, validation, test))

    model = keras.Sequential([
        keras.Input(shape=x_train.shape[1:]),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1),
    ])  # fmt: skip
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse", metrics=["mean_absolute_error"])
    history = model.fit(
        x_train,
        train["mpg"].to_numpy(),
        batch_size=32,
        epochs=epochs,
        validation_data=(x_validation, validation["mpg"].to_numpy()),
        verbose=2,
    ).history
    scores = model.evaluate(x_test, test["mpg"].to_numpy(), verbose=0, return_dict=True)

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
    parser.add_argument("--epochs", type=int, default=100)
    options = parser.parse_args()
    main(options.folder, options.epochs)
