"""The only room that writes: atomic files, appended rows, run folders."""
