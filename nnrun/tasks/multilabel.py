from nnrun.tasks.task import Facts, Task, loss, metric


def multilabel(facts: Facts) -> Task:
    """Several yes-or-no answers at once: a sigmoid unit each, binary cross-entropy, binary accuracy."""
    accuracy = metric("BinaryAccuracy", {"threshold": 0.0}) if facts.from_logits else metric("binary_accuracy")
    return Task(
        "multilabel",
        facts.width,
        "sigmoid",
        loss("BinaryCrossentropy", from_logits=facts.from_logits),
        (accuracy,),
        "number",
        "mean",
    )
