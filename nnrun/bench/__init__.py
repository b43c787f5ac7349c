"""`nnrun bench`: one config trained for some seconds with each backend and precision, each in a process of its own."""
