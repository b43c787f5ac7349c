"""A layer and a loss of one's own, as any Keras code; configs/own_layer.yaml uses them."""

import keras
from keras import ops


class Swish(keras.layers.Layer):
    """x * sigmoid(slope * x), with a slope for each channel that is learned.

    Args:
        slope: The slope at the beginning.
    """

    def __init__(self, slope: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.slope = slope

    def build(self, input_shape):
        start = keras.initializers.Constant(self.slope)
        self.slopes = self.add_weight(name="slopes", shape=(input_shape[-1],), initializer=start)

    def call(self, inputs):
        return inputs * ops.sigmoid(self.slopes * inputs)

    def get_config(self):  # so that Keras can open the saved model
        return {**super().get_config(), "slope": self.slope}


def softened(y_true, y_pred, share: float = 0.1):
    """The cross entropy with class numbers, of which a share is spread over all classes."""
    classes = y_pred.shape[-1]
    wanted = ops.one_hot(ops.cast(y_true, "int32"), classes) * (1 - share) + share / classes
    return -ops.sum(wanted * ops.log(ops.clip(y_pred, 1e-7, 1.0)), axis=-1)
