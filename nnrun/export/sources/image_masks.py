"""`image_masks` in a script: Pillow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script
from nnrun.export.sources import Read
from nnrun.export.sources.images import begin, evenly, picture_call

SOURCE = '''
def read_mask(path, size=None, values=None):
    """The class number of every pixel, resized to the nearest one: (height, width, 1)."""
    picture = Image.open(path)
    if size is not None and picture.size != size:
        picture = picture.resize(size, Image.Resampling.NEAREST)
    mask = np.asarray(picture).astype(np.uint8)
    mask = mask if mask.ndim == 2 else mask[..., 0]
    if values is not None:
        mask = np.argmax(mask[..., None] == np.array(values), axis=-1).astype(np.uint8)
    return mask[..., None]
'''


def image_masks(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:  # noqa: ARG001
    """Pictures, and a class for each of their pixels."""
    begin(script)
    script.function("read_mask", SOURCE)
    files, image, mask = f"files{suffix}", f"image{suffix}", f"mask{suffix}"
    script.set(f"masks{suffix}", settings["masks"])
    script.say(f"mask_of = {{path.stem: path for path in files_in(masks{suffix})}}")
    script.set(f"images{suffix}", settings["images"])
    script.say(f"{files} = [(path, mask_of[path.stem]) for path in files_in(images{suffix})]")
    evenly(script, files, settings)
    size, values = settings.get("image_size"), settings.get("values")
    how = (f", size=({size[1]}, {size[0]})" if size else "") + (f", values={values}" if values else "")
    script.say(f"{image} = np.stack([{picture_call(settings)} for path, _ in {files}])")
    script.say(f"{mask} = np.stack([read_mask(path{how}) for _, path in {files}])")
    return Read(arrays={"image": image}, targets={"mask": mask})
