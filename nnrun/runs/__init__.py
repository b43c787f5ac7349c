"""Reading run folders: a run, its history, where runs are found, what they ran on."""
