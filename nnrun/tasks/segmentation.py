from nnrun.tasks.task import Facts, Task, loss, metric


def segmentation(facts: Facts) -> Task:
    """A class for every pixel or step: a softmax unit a class, sparse categorical cross-entropy, accuracy."""
    return Task(
        "segmentation",
        facts.num_classes,
        "softmax",
        loss("SparseCategoricalCrossentropy", from_logits=facts.from_logits),
        (metric("accuracy"),),
        "classes",
        "majority",
        everywhere=True,
    )
