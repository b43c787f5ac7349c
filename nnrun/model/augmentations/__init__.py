"""Augmentations of our own, where Keras has none: training rows are changed at random, and no model holds them."""
