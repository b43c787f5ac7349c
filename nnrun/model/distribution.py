"""Several devices under one Keras model: the strategy of TensorFlow, or the distribution of JAX, that is in force."""
