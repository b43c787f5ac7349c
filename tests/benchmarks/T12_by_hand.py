"""tests/tasks/T12.yaml by hand in plain Keras: five folds of 80 % of breast cancer, what a careful person writes."""

import argparse
import json
from pathlib import Path

import keras
import matplotlib
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold, train_test_split
from sklearn.preprocessing import StandardScaler

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def main(folder: Path, epochs: int) -> None:
    x_all, y_all = load_breast_cancer(return_X_y=True)
    x, _, y, _ = train_test_split(x_all, y_all, test_size=0.2, random_state=17)
    losses, scores = [], []
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(x, y)
    for fold, (train, held_out) in enumerate(folds, start=1):
        keras.utils.clear_session()
        keras.utils.set_random_seed(0)

        scale = StandardScaler().fit(x[train])
        x_train, x_held_out = scale.transform(x[train]), scale.transform(x[held_out])

        model = keras.Sequential([
            keras.Input(shape=x_train.shape[1:]),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, activation="sigmoid"),
        ])  # fmt: skip
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
        history = model.fit(
            x_train, y[train], batch_size=32, epochs=epochs, validation_data=(x_held_out, y[held_out]), verbose=2
        ).history
        scores.append(model.evaluate(x_held_out, y[held_out], verbose=0, return_dict=True))
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
    parser.add_argument("--epochs", type=int, default=60)
    options = parser.parse_args()
    main(options.folder, options.epochs)
