"""The YAML of a saved Keras model, from the JSON in its file; nothing of the file is made or run."""
