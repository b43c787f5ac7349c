"""Diffusion of the digits by hand: diffusion.yaml with a `train_step` of its own, as Keras' example of DDIM has it."""

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.datasets import load_digits

matplotlib.use("Agg")
import matplotlib.pyplot as plt

CLASSES, EMA = 10, 0.999
MIN_SIGNAL_RATE, MAX_SIGNAL_RATE = 0.02, 0.95


class Seconds(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """What each epoch took, from the end of the one before to its own."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.seconds: list[float] = []
        self.before = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        now = time.perf_counter()
        self.seconds.append(now - self.before)
        self.before = now


class DiffusionModel(keras.Model):  # type: ignore[misc]  # Keras has no types
    """A network that finds the noise in rows, and a running mean of its weights."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network, self.ema_network = network, keras.models.clone_model(network)
        self.ema_network.set_weights(network.get_weights())
        self.seeds = keras.random.SeedGenerator(0)
        self.means = {name: keras.metrics.Mean(name=name) for name in ("loss", "noise_loss", "image_loss")}

    @property
    def metrics(self) -> list[Any]:
        return list(self.means.values())

    def train_step(self, data: Any) -> Any:
        images, labels = data
        size = tf.shape(images)[0]
        noises = keras.random.normal(tf.shape(images), seed=self.seeds)
        times = keras.random.uniform((size, 1), seed=self.seeds)
        start, end = math.acos(MAX_SIGNAL_RATE), math.acos(MIN_SIGNAL_RATE)
        angles = start + times * (end - start)
        noise_rates, signal_rates = (rates[..., None, None] for rates in (tf.sin(angles), tf.cos(angles)))
        noisy = signal_rates * images + noise_rates * noises

        with tf.GradientTape() as tape:
            found = self.network([noisy, tf.sin(angles) ** 2, labels], training=True)
            noise_loss = self.compute_loss(y=noises, y_pred=found)
        weights = self.network.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(noise_loss, weights), weights, strict=True))
        image_loss = self.compute_loss(y=images, y_pred=(noisy - noise_rates * found) / signal_rates)

        steps = tf.cast(self.optimizer.iterations, "float32")
        ema = tf.minimum(EMA, (1 + steps) / (10 + steps))
        for weight, mean in zip(self.network.weights, self.ema_network.weights, strict=True):
            mean.assign(ema * mean + (1 - ema) * weight)

        for mean, value in zip(self.metrics, (noise_loss, noise_loss, image_loss), strict=True):
            mean.update_state(value, sample_weight=size)
        return {mean.name: mean.result() for mean in self.metrics}


def sinusoidal_embedding(x: Any, units: int) -> Any:
    """A number as sines and cosines of slow to fast waves."""
    speeds = 2 * math.pi * np.exp(np.linspace(math.log(1.0), math.log(1000.0), units // 2))
    angles = x * speeds.astype("float32")
    return keras.ops.concatenate([keras.ops.sin(angles), keras.ops.cos(angles)], axis=-1)


def told(x: Any, about: Any, filters: int) -> Any:
    """Two convolutions, and in between what the network is told, added to each channel."""
    layers = keras.layers
    x = layers.Conv2D(filters, 3, padding="same", activation="swish")(x)
    x = layers.Add()([x, layers.Reshape((1, 1, filters))(layers.Dense(filters)(about))])
    return layers.Conv2D(filters, 3, padding="same", activation="swish")(x)


def denoiser() -> Any:
    """The network."""
    layers = keras.layers
    image, variance, label = keras.Input((8, 8, 1)), keras.Input((1,)), keras.Input((CLASSES,))
    about = layers.Concatenate()([sinusoidal_embedding(variance, units=32), label])
    about = layers.Dense(64, activation="swish")(about)
    wide = told(image, about, 32)
    x = layers.AveragePooling2D(2)(wide)
    x = told(told(x, about, 64), about, 64)
    x = layers.Concatenate()([layers.UpSampling2D(2)(x), wide])
    x = layers.Conv2D(1, 1, kernel_initializer="zeros")(told(x, about, 32))
    return keras.Model([image, variance, label], x)


def main(folder: Path, epochs: int) -> None:
    keras.utils.set_random_seed(0)

    digits = load_digits()
    images = digits.images.astype("float32")[..., None]
    images = (images - images.mean()) / images.std()
    labels = keras.utils.to_categorical(digits.target, CLASSES)
    train = tf.data.Dataset.from_tensor_slices((images, labels)).cache().shuffle(len(images)).batch(64)
    train = train.prefetch(tf.data.AUTOTUNE)

    model = DiffusionModel(denoiser())
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=1e-4)
    model.compile(optimizer=optimizer, loss=keras.losses.MeanAbsoluteError())
    clock = Seconds()
    history = model.fit(train, epochs=epochs, callbacks=[clock], verbose=2).history

    model.ema_network.save(folder / "model.keras")
    pd.DataFrame({**history, "seconds": clock.seconds}).to_csv(folder / "history.csv", index_label="epoch")
    (folder / "metrics.json").write_text(json.dumps({name: values[-1] for name, values in history.items()}))
    for name in ("noise_loss", "image_loss"):
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
