"""One file, one figure: `<name>.py` holds `<name>(run) -> Figure | None`, None where it does not apply."""
