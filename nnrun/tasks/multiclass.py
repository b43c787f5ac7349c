from nnrun.tasks.task import Facts, Task, loss, metric


def multiclass(facts: Facts) -> Task:
    """One of several classes: a unit a class with softmax, (sparse) categorical cross-entropy, accuracy."""
    name = "CategoricalCrossentropy" if facts.one_hot else "SparseCategoricalCrossentropy"
    return Task(
        "multiclass",
        facts.num_classes,
        "softmax",
        loss(name, from_logits=facts.from_logits),
        (metric("accuracy"),),
        "classes",
        "majority",
    )
