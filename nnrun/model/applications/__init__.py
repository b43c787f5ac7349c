"""Networks of our own kind that are one step, beside Keras' applications: a file each, its signature the schema."""
