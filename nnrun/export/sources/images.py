"""`images` in a script: Pillow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Call, Script
from nnrun.export.sources import Read

SOURCE = '''
def read_images(folder, classes, mode, size=None):
    """The pictures of a folder for each class, by their names, and their class numbers."""
    images, labels = [], []
    for number, name in enumerate(classes):
        for path in sorted((folder / name).iterdir()):
            if path.name.startswith("."):
                continue
            picture = Image.open(path)
            if size is not None:
                picture.draft(None, size)  # a JPEG is decoded smaller where that is enough
            picture = picture.convert(mode)
            if size is not None and picture.size != size:
                picture = picture.resize(size, Image.Resampling.BILINEAR)
            images.append(np.asarray(picture).reshape(picture.height, picture.width, -1))
            labels.append(number)
    return np.stack(images), np.array(labels)
'''


def images(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """Pictures and their classes."""
    script.need("import numpy as np", "from PIL import Image")
    script.function("read_images", SOURCE)
    mode = "L" if settings.get("color_mode") == "grayscale" else "RGB"
    size = settings.get("image_size")
    given = {"size": (size[1], size[0])} if size else {}
    classes = list(dataset.classes["label"])
    script.set(f"image{suffix}, label{suffix}", Call("read_images", (settings["path"], classes, mode), given))
    return Read(arrays={"image": f"image{suffix}"}, targets={"label": f"label{suffix}"})
