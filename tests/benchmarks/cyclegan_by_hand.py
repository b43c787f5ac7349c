"""Blue ink into red and back by hand: cyclegan.yaml with a `train_step` of its own, as Keras' example has it."""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
import tensorflow as tf

matplotlib.use("Agg")
import matplotlib.pyplot as plt

INKS = Path(__file__).resolve().parents[2] / "configs" / "data" / "inks.npz"
LAMBDA_CYCLE, LAMBDA_IDENTITY = 10.0, 0.5
NETWORKS = ("generator_red", "generator_blue", "discriminator_blue", "discriminator_red")


class Seconds(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """What each epoch took, from the end of the one before to its own."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.before)
        self.before = now


class CycleGAN(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Two generators and two discriminators that learn from one pass."""

    def __init__(self) -> None:
        super().__init__()
        self.generator_red, self.generator_blue = generator(), generator()
        self.discriminator_blue, self.discriminator_red = discriminator(), discriminator()
        self.means = {name: keras.metrics.Mean(name=name) for name in ("loss", *(f"{one}_loss" for one in NETWORKS))}

    def compile(self, optimizers: Any) -> None:
        super().compile()
        self.optimizers = optimizers
        self.judge = keras.losses.MeanSquaredError()
        self.error = keras.losses.MeanAbsoluteError()

    @property
    def metrics(self) -> list[Any]:
        return list(self.means.values())

    def train_step(self, data: Any) -> Any:
        blue, red = data
        size = tf.shape(blue)[0]
        with tf.GradientTape(persistent=True) as tape:
            made_red, made_blue = self.generator_red(blue, training=True), self.generator_blue(red, training=True)
            back_blue = self.generator_blue(made_red, training=True)
            back_red = self.generator_red(made_blue, training=True)
            same_blue, same_red = self.generator_blue(blue, training=True), self.generator_red(red, training=True)
            real_blue = self.discriminator_blue(blue, training=True)
            false_blue = self.discriminator_blue(made_blue, training=True)
            real_red = self.discriminator_red(red, training=True)
            false_red = self.discriminator_red(made_red, training=True)
            losses = (
                self._of_generator(false_red, red, back_red, same_red),
                self._of_generator(false_blue, blue, back_blue, same_blue),
                self._of_discriminator(real_blue, false_blue),
                self._of_discriminator(real_red, false_red),
            )

        models = [getattr(self, name) for name in NETWORKS]
        slopes = [tape.gradient(loss, of.trainable_weights) for loss, of in zip(losses, models, strict=True)]
        for optimizer, slope, of in zip(self.optimizers, slopes, models, strict=True):
            optimizer.apply_gradients(zip(slope, of.trainable_weights, strict=True))

        for mean, value in zip(self.metrics, (sum(losses), *losses), strict=True):
            mean.update_state(value, sample_weight=size)
        return {mean.name: mean.result() for mean in self.metrics}

    def _of_generator(self, judged: Any, real: Any, back: Any, same: Any) -> Any:
        cycle, identity = self.error(real, back), self.error(real, same)
        return self.judge(tf.ones_like(judged), judged) + LAMBDA_CYCLE * (cycle + LAMBDA_IDENTITY * identity)

    def _of_discriminator(self, real: Any, made: Any) -> Any:
        return (self.judge(tf.ones_like(real), real) + self.judge(tf.zeros_like(made), made)) / 2


def generator() -> Any:
    """A translator, with two blocks of features that are refined."""
    layers = keras.layers
    picture = keras.Input((8, 8, 3))
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(picture)
    for _ in range(2):
        refined = layers.Conv2D(32, 3, padding="same", activation="relu")(x)
        refined = layers.Conv2D(32, 3, padding="same")(refined)
        x = layers.Add()([refined, x])
    return keras.Model(picture, layers.Conv2D(3, 3, padding="same", activation="sigmoid")(x))


def discriminator() -> Any:
    """A number for each patch of the picture."""
    layers = keras.layers
    picture = keras.Input((8, 8, 3))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 3, strides=2, padding="same")(picture))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 3, padding="same")(x))
    return keras.Model(picture, layers.Conv2D(1, 3, padding="same")(x))


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    inks = np.load(INKS)
    blue, red = (tf.data.Dataset.from_tensor_slices(inks[name].astype("float32") / 255) for name in ("blue", "red"))
    train = tf.data.Dataset.zip((blue.cache().shuffle(400).batch(16), red.cache().shuffle(400).batch(16)))
    train = train.prefetch(tf.data.AUTOTUNE)

    model = CycleGAN()
    model.compile([keras.optimizers.Adam(1e-3, beta_1=0.5) for _ in NETWORKS])
    clock = Seconds()
    history = model.fit(train, epochs=epochs, callbacks=[clock], verbose=2).history

    model.generator_red.save(folder / "model.keras")
    pd.DataFrame({**history, "seconds": clock.seconds}).to_csv(folder / "history.csv", index_label="epoch")
    (folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
    for name in NETWORKS:
        plt.plot(history[f"{name}_loss"], label=name)
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
