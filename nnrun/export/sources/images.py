"""`images` in a script: Pillow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.data.dataset import Dataset
from nnrun.export.code import Script
from nnrun.export.sources import Read

FILES = '''
def files_in(folder):
    """The files below a folder by their names; names that begin with a dot are passed over."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
'''
PICTURE = '''
def read_picture(path, mode, size=None):
    """A picture, upright, in a mode of Pillow and a size (width, height), as an array (height, width, channels)."""
    picture = Image.open(path)
    turned = picture.getexif().get(0x0112, 1) if "exif" in picture.info else 1
    if size is not None:
        picture.draft(None, size[::-1] if turned > 4 else size)  # a JPEG is decoded smaller where that is enough
    if turned > 1:
        picture = ImageOps.exif_transpose(picture)
    picture = picture.convert(mode)
    if size is not None and picture.size != size:
        picture = picture.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(picture).reshape(picture.height, picture.width, -1)
'''


def images(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> Read:
    """Pictures and their classes, or their names."""
    begin(script)
    files, image, label = list_files(script, settings, suffix, dataset), f"image{suffix}", f"label{suffix}"
    script.say(f"{image} = np.stack([{picture_call(settings)} for path, _ in {files}])")
    if settings.get("labels") == "none":
        return Read(arrays={"image": image})
    script.say(f"{label} = np.array([label for _, label in {files}])")
    return Read(arrays={"image": image}, targets={"label": label})


def list_files(script: Script, settings: Mapping[str, Any], suffix: str, dataset: Dataset) -> str:
    """The variable of the files, each with its class number or, without classes, its name."""
    script.function("files_in", FILES)
    files = f"files{suffix}"
    script.set(f"folder{suffix}", settings["path"])
    if settings.get("labels", "folder") == "folder":
        script.set(f"classes{suffix}", list(next(iter(dataset.classes.values()))))
        script.say(
            f"{files} = [",
            f"    (path, number) for number, name in enumerate(classes{suffix})",
            f"    for path in files_in(folder{suffix} / name)",
            "]",
        )
    else:
        script.say(f"{files} = [(path, path.stem) for path in files_in(folder{suffix})]")
    evenly(script, files, settings)
    return files


def evenly(script: Script, files: str, settings: Mapping[str, Any]) -> None:
    """At most `limit` of the files, evenly over their order."""
    limit = settings.get("limit")
    if limit:
        script.say(f"count = min({limit}, len({files}))")
        script.say(f"{files} = [{files}[number * len({files}) // count] for number in range(count)]")


def begin(script: Script) -> None:
    """What reads one picture."""
    script.need("import numpy as np", "from PIL import Image, ImageOps")
    script.function("files_in", FILES)
    script.function("read_picture", PICTURE)


def picture_call(settings: Mapping[str, Any]) -> str:
    """The call that reads the picture at `path`."""
    mode = "L" if settings.get("color_mode") == "grayscale" else "RGB"
    size = settings.get("image_size")
    return f'read_picture(path, "{mode}"' + (f", ({size[1]}, {size[0]}))" if size else ")")
