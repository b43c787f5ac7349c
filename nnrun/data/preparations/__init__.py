"""The preparations that a config may name, one file each.

Every module has `fit(values, *, settings...) -> state`, `apply(values, state) -> array`, both with the rows
on axis 0 and the columns on axis 1, and `width(settings, column_count)`, the number of columns it gives, None
where the data decides. `TAKES` says what it is given: "numbers" (float64, NaN where blank) or "categories"
(text, None where blank); `GIVES` what it hands on: "numbers" or "ids". A state is a mapping of lists, texts,
numbers and arrays of NumPy. `fit` sees the training rows only.
"""
