"""What Keras' applications hold, which no config says: a test holds this page against their source."""

from __future__ import annotations

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.model import earlier, saved

# Those without BatchNormalization, and those that draw inside: whole branches of a residual network.
WITHOUT_BATCH_NORMALIZATION = ("ConvNeXt", "VGG")
DRAWING = ("ConvNeXt", "EfficientNet")
_AMOUNTS = ("dropout", "dropout_rate")  # of a Dropout before the classes, where the top is included


def normalizes_batches(spec: Spec) -> bool:
    """Whether it holds a BatchNormalization that trains."""
    trainable = spec.arguments.get("trainable", True)
    if earlier.is_earlier(spec) and not saved.holds(spec, lambda layer: layer.kind == "BatchNormalization"):
        return False
    kept = trainable.get("except", ()) if isinstance(trainable, dict) else ()
    frozen = trainable is False or "BatchNormalization" in ([kept] if isinstance(kept, str) else kept)
    return not frozen and not spec.name.startswith(WITHOUT_BATCH_NORMALIZATION)


def draws(spec: Spec) -> bool:
    """Whether it draws while it is trained, frozen or not."""
    if earlier.is_earlier(spec):
        return saved.holds(spec, lambda layer: layer.draws)
    if spec.name.startswith(DRAWING):
        return True
    component = catalogue.find("applications", spec.name)
    given = {**(component.defaults() if component else {}), **spec.arguments}
    return given.get("include_top") is not False and any(given.get(name) for name in _AMOUNTS)
