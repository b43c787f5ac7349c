"""tests/tasks/T11.yaml by hand in plain Keras: five folds of 80 % of Auto MPG, what a careful person writes."""

import argparse
import json
import os
from pathlib import Path

import keras
import matplotlib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NUMBERS = ["cylinders", "displacement", "horsepower", "weight", "acceleration", "model_year"]


def main(folder: Path, epochs: int) -> None:
    table = pd.read_csv(Path(os.environ["NNRUN_DATA"]) / "auto_mpg" / "mpg.csv")
    table, _ = train_test_split(table, test_size=0.2, random_state=17)
    losses, scores = [], []
    for fold, (train, held_out) in enumerate(KFold(5, shuffle=True, random_state=0).split(table), start=1):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)

        prepare = make_column_transformer(
            (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
            (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["origin"]),
        ).fit(table.iloc[train])
        x_train, x_held_out = (prepare.transform(table.iloc[rows]) for rows in (train, held_out))
        y_train, y_held_out = (table["mpg"].to_numpy()[rows] for rows in (train, held_out))

        model = keras.Sequential([
            keras.Input(shape=x_train.shape[1:]),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(1),
        ])  # fmt: skip
        model.compile(
            optimizer=keras.optimizers.Adam(1e-3),
            loss="mse",
            metrics=[keras.metrics.R2Score(), keras.metrics.MeanAbsoluteError()],
        )
        history = model.fit(
            x_train, y_train, batch_size=32, epochs=epochs, validation_data=(x_held_out, y_held_out), verbose=2
        ).history
        scores.append(model.evaluate(x_held_out, y_held_out, verbose=0, return_dict=True))
        losses.append(history["val_loss"])

        (folder / f"fold-{fold}").mkdir()
        model.save(folder / f"fold-{fold}" / "model.keras")
        pd.DataFrame(history).to_csv(folder / f"fold-{fold}" / "history.csv", index_label="epoch")

    (folder / "metrics.json").write_text(json.dumps(pd.DataFrame(scores).mean().to_dict()))
    pd.DataFrame(scores).to_csv(folder / "folds.csv", index=False)
    plt.plot(np.transpose(losses), linewidth=0.8)
    plt.plot(np.mean(losses, axis=0), color="black", label="mean of the folds")
    plt.xlabel("epoch")
    plt.ylabel("loss of the held-out fold")
    plt.legend()
    plt.savefig(folder / "loss.png", dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the results go")
    parser.add_argument("--epochs", type=int, default=100)
    options = parser.parse_args()
    main(options.folder, options.epochs)
