"""nnrun's own initializers, one file each: what they give is an initializer that Keras knows.

A saved model is then opened by Keras alone.
"""
