"""What is in the data of a config before training, and the proof that nothing is fitted on held-out rows."""
