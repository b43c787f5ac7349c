"""What a person can ask before anything is trained: what a name means, what an editor may offer, a first config."""
