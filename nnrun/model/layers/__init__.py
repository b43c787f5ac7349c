"""Layers of our own, made of Keras alone: a saved model opens without nnrun."""
