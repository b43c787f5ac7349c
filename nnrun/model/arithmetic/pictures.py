"""Pictures of (height, width, channels): layers that resize, cut or change them."""

from __future__ import annotations

from nnrun.model.arithmetic.call import Call, need
from nnrun.model.arithmetic.registry import layer
from nnrun.model.arithmetic.shape import Shape

_AXES = ("height", "width", "channels")


@layer("Resizing", "CenterCrop", "RandomCrop")
def _resized(call: Call) -> Shape | None:
    need(call.name, call.shape, _AXES)
    height, width = call.size("height"), call.size("width")
    return None if call.channels_first else (height, width, call.shape[2])


@layer(
    *("AutoContrast", "Equalization", "RandomBrightness", "RandomContrast", "RandomFlip", "RandomGrayscale"),
    *("RandomRotation", "RandomTranslation", "RandomZoom", "Solarization"),
)
def _changed(call: Call) -> Shape:
    need(call.name, call.shape, _AXES)
    return call.shape
