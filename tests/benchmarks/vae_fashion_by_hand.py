"""A variational autoencoder of Fashion-MNIST by hand: vae_fashion.yaml with a `train_step` as in Keras' example."""

import argparse
import gzip
import json
import os
from pathlib import Path
from typing import Any

import keras
import matplotlib
import numpy as np
import pandas as pd
import tensorflow as tf

matplotlib.use("Agg")
import matplotlib.pyplot as plt

LATENT = 2
NAMES = ("loss", "image_loss", "image_mean_absolute_error", "kl")


def read(part: str) -> np.ndarray[Any, Any]:
    """Pictures scaled to 0..1."""
    folder = Path(os.environ["NNRUN_DATA"]) / "fashion_mnist"
    with gzip.open(folder / f"{part}-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28, 1)
    return images.astype("float32") / 255


class VAE(keras.Model):  # type: ignore[misc]  # Keras has no types
    """The sum of what is lost of the pixels, and the distance of the code from the normal distribution."""

    def __init__(self, encoder: Any, decoder: Any) -> None:
        super().__init__()
        self.encoder, self.decoder = encoder, decoder
        self.seeds = keras.random.SeedGenerator(1)
        self.means = {name: keras.metrics.Mean(name=name) for name in NAMES}

    @property
    def metrics(self) -> list[Any]:
        return list(self.means.values())

    def told(self, images: Any, training: bool) -> tuple[Any, Any, Any, Any]:
        """Means over the rows: the whole loss, what is lost of a pixel, how far off it is, the distance of the code."""
        mean, log_var = self.encoder(images)
        drawn = tf.exp(0.5 * log_var) * keras.random.normal(tf.shape(mean), seed=self.seeds)
        made = self.decoder(mean + drawn if training else mean)
        lost = tf.reduce_mean(keras.losses.binary_crossentropy(images, made))
        apart = tf.reduce_mean(-0.5 * tf.reduce_sum(1 + log_var - tf.square(mean) - tf.exp(log_var), axis=1))
        return 784 * lost + apart, lost, tf.reduce_mean(tf.abs(images - made)), apart

    def train_step(self, images: Any) -> Any:
        with tf.GradientTape() as tape:
            loss, *others = self.told(images, training=True)
        weights = self.trainable_weights
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return self.counted(images, loss, *others)

    def test_step(self, images: Any) -> Any:
        return self.counted(images, *self.told(images, training=False))

    def counted(self, images: Any, *values: Any) -> Any:
        for mean, value in zip(self.metrics, values, strict=True):
            mean.update_state(value, sample_weight=tf.shape(images)[0])
        return {mean.name: mean.result() for mean in self.metrics}


def networks() -> tuple[Any, Any]:
    """The encoder and the decoder."""
    layers = keras.layers
    image = keras.Input((28, 28, 1))
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(x))
    encoder = keras.Model(image, [layers.Dense(LATENT)(x), layers.Dense(LATENT)(x)])

    code = keras.Input((LATENT,))
    x = layers.Reshape((7, 7, 64))(layers.Dense(7 * 7 * 64, activation="relu")(code))
    x = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu")(x)
    return encoder, keras.Model(code, layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid")(x))


def main(folder: Path, epochs: int, seed: int) -> None:
    keras.utils.set_random_seed(seed)

    model = VAE(*networks())
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    history = model.fit(read("train"), batch_size=128, epochs=epochs, verbose=2).history
    scores = model.evaluate(read("t10k"), batch_size=128, verbose=0, return_dict=True)

    model.decoder.save(folder / "model.keras")
    pd.DataFrame(history).to_csv(folder / "history.csv", index_label="epoch")
    (folder / "metrics.json").write_text(json.dumps(scores))
    plt.plot(history["loss"])
    plt.xlabel("epoch")
    plt.ylabel("loss")
    plt.savefig(folder / "loss.png", dpi=150)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="where the results go")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    main(options.folder, options.epochs, options.seed)
