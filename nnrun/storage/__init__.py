"""The only room that writes: atomic files, appended rows, run folders, snapshots; and one process at a time."""
