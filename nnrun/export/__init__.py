"""A config as one plain Keras script, so that nobody needs nnrun to go on with what was begun with it."""
