"""A network that is called on pictures of two sizes has one set of weights."""

from __future__ import annotations

import numpy as np

from nnrun.model import backbone, framework


def test_backbone_on_another_size_shares_its_layers() -> None:
    keras = framework.keras()
    pictures = keras.Input((8, 8, 3))
    hidden = keras.layers.BatchNormalization()(keras.layers.Conv2D(4, 3, strides=2)(pictures))
    network = keras.Model([pictures], keras.layers.GlobalAveragePooling2D()(hidden), name="base")
    larger = keras.Input((12, 10, 3))
    again = backbone._at_size(network, larger)
    assert backbone._at_size(network, keras.Input((8, 8, 3))) is network
    assert again.name == "base"
    assert all(mine is theirs for mine, theirs in zip(again.weights, network.weights, strict=True))
    ones = np.ones((1, 12, 10, 3), np.float32)
    np.testing.assert_allclose(again([ones]), network([ones[:, :8, :8]]), rtol=1e-5)
