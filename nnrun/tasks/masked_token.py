from dataclasses import replace

from nnrun.config.spec import Spec
from nnrun.tasks.segmentation import segmentation
from nnrun.tasks.task import Facts, Task


def masked_token(facts: Facts) -> Task:
    """The tokens that are hidden: a softmax unit a token; loss and accuracy are of the hidden ones alone."""
    task = segmentation(facts)
    loss = Spec("Masked", {"loss": task.loss, "ignore": 0}, slot="losses")
    return replace(task, name="masked_token", loss=loss)
