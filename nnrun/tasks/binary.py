from nnrun.tasks.task import Facts, Task, loss, metric


def binary(facts: Facts) -> Task:
    """Yes or no: one unit with sigmoid, binary cross-entropy, accuracy at the threshold 0.5 (0 for logits)."""
    if facts.one_hot:
        metrics = (metric("accuracy"),)
        return Task(
            "binary",
            2,
            "softmax",
            loss("CategoricalCrossentropy", from_logits=facts.from_logits),
            metrics,
            "classes",
            "majority",
        )
    accuracy = (
        metric("BinaryAccuracy", {"name": "accuracy", "threshold": 0.0}) if facts.from_logits else metric("accuracy")
    )
    return Task(
        "binary",
        1,
        "sigmoid",
        loss("BinaryCrossentropy", from_logits=facts.from_logits),
        (accuracy,),
        "classes",
        "majority",
    )
