from nnrun.tasks.task import Facts, Task, loss, metric


def regression(facts: Facts) -> Task:
    """A number to predict: a linear head, the mean squared error, the mean absolute error beside it."""
    return Task(
        "regression",
        facts.width,
        "linear",
        loss("MeanSquaredError"),
        (metric("mean_absolute_error"),),
        "number",
        "mean",
    )
