"""A conditional GAN of the digits by hand: gan.yaml with a `train_step` of its own, as Keras' examples have it."""

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

matplotlib.use("Agg")
import matplotlib.pyplot as plt

LATENT, CLASSES = 32, 10


class Seconds(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """What each epoch took, from the end of the one before to its own."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.before)
        self.before = now


class ConditionalGAN(keras.Model):  # type: ignore[misc]  # Keras has no types
    """Two networks that learn in turns: real rows are 1 and made ones 0, then made ones are to be taken for 1."""

    def __init__(self, generator: Any, discriminator: Any) -> None:
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.seeds = keras.random.SeedGenerator(0)
        names = ("loss", "generator_loss", "discriminator_loss", "discriminator_accuracy")
        self.means = {name: keras.metrics.Mean(name=name) for name in names}

    def compile(self, generator_optimizer: Any, discriminator_optimizer: Any) -> None:
        super().compile()
        self.generator_optimizer, self.discriminator_optimizer = generator_optimizer, discriminator_optimizer
        self.compare = keras.losses.BinaryCrossentropy(from_logits=True)

    @property
    def metrics(self) -> list[Any]:
        return list(self.means.values())

    def train_step(self, data: Any) -> Any:
        images, labels = data
        size = tf.shape(images)[0]

        with tf.GradientTape() as tape:
            latent = keras.random.normal((size, LATENT), seed=self.seeds)
            made = self.generator([latent, labels], training=True)
            real = self.discriminator([images, labels], training=True)
            false = self.discriminator([made, labels], training=True)
            d_loss = self.compare(tf.ones_like(real), real) + self.compare(tf.zeros_like(false), false)
        weights = self.discriminator.trainable_weights
        self.discriminator_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        accuracy = (tf.reduce_mean(tf.cast(real > 0, "float32")) + tf.reduce_mean(tf.cast(false <= 0, "float32"))) / 2

        with tf.GradientTape() as tape:
            latent = keras.random.normal((size, LATENT), seed=self.seeds)
            judged = self.discriminator([self.generator([latent, labels], training=True), labels], training=True)
            g_loss = self.compare(tf.ones_like(judged), judged)
        weights = self.generator.trainable_weights
        self.generator_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))

        for mean, value in zip(self.metrics, (g_loss + d_loss, g_loss, d_loss, accuracy), strict=True):
            mean.update_state(value, sample_weight=size)
        return {mean.name: mean.result() for mean in self.metrics}


def networks() -> tuple[Any, Any]:
    """The generator and the discriminator."""
    layers = keras.layers
    latent, label = keras.Input((LATENT,)), keras.Input((CLASSES,))
    x = layers.Concatenate()([latent, label])
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dense(4 * 4 * 32)(x)
    x = layers.Reshape((4, 4, 32))(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2DTranspose(32, 4, strides=2, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    generator = keras.Model([latent, label], layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x))

    image, label = keras.Input((8, 8, 1)), keras.Input((CLASSES,))
    x = layers.Reshape((8, 8, 1))(layers.Dense(64)(label))
    x = layers.Concatenate()([image, x])
    x = layers.LeakyReLU(0.2)(layers.Conv2D(32, 3, strides=2, padding="same")(x))
    x = layers.LeakyReLU(0.2)(layers.Conv2D(64, 3, strides=2, padding="same")(x))
    x = layers.Dropout(0.2)(layers.Flatten()(x))
    return generator, keras.Model([image, label], layers.Dense(1)(x))


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    x, y = digits.images.astype("float32")[..., None] / 16, keras.utils.to_categorical(digits.target, CLASSES)
    model = ConditionalGAN(*networks())
    model.compile(keras.optimizers.Adam(5e-4, beta_1=0.5), keras.optimizers.Adam(5e-4, beta_1=0.5))
    clock = Seconds()
    history = model.fit(x, y, batch_size=64, epochs=epochs, callbacks=[clock], verbose=2).history

    model.generator.save(folder / "model.keras")
    pd.DataFrame({**history, "seconds": clock.seconds}).to_csv(folder / "history.csv", index_label="epoch")
    (folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
    for name in ("generator_loss", "discriminator_loss"):
        plt.plot(history[name], label=name)
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
