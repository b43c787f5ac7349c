"""The preparations that a config may name, one file each.

Every module has `fit(values, *, settings...) -> state` and `apply(values, state) -> array`, both with the rows on
axis 0 and the columns on axis 1. `fit` sees the training rows only. A state is a mapping of lists, texts, numbers and
arrays of NumPy.

- `TAKES` says what it is given: "numbers" (float64, NaN where blank), "categories" (text, None where blank) or "files"
  (the path of the file that each cell names).
- `GIVES` says what it hands on: "numbers" or "ids" (rows, columns), which stand side by side with others of their kind,
  an "array" (rows, ...), or "same" for what it was given; a function `gives(settings)` where the settings decide.
- `width(settings, column_count)` is the number of columns it gives, None where the training rows decide; `shape` in
  its place is the shape of a row, for what gives more than columns. `state` then has the fitted `shape`.
- `ANY_RANK` says that it also takes arrays of any rank, whose last axis stands for the columns.
- `unapply(values, state)` undoes it, for a target.
- `join(keras, values, state)` makes of tensors what `apply` makes of arrays, and `unjoin` what `unapply` does, so that
  the preparation can be a part of a saved model (`data/joining.py`).
- `unseen(values, state)` says of which values (rows, columns) the training rows had none, so that they can be counted.
"""
