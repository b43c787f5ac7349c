"""Which names may stand under `data.augment`: Keras' layers that change what they see at random, and our own."""

from __future__ import annotations

import ast
from functools import cache

from nnrun.catalogue import reader
from nnrun.catalogue.component import Component
from nnrun.catalogue.families import find, names
from nnrun.catalogue.own_components import own_find, own_names

SLOT = "augmentations"  # the folder of ours; Keras' are layers

NO_ARGUMENTS = ("name", "trainable", "dtype")  # what only a layer of a network has
_PICTURES = "keras.src.layers.preprocessing.image_preprocessing."
_HOMES = (_PICTURES, "keras.src.layers.regularization.")

# Random layers that cannot be drawn anew for each batch, or that would not be what they are.
_REFUSED = {
    "AugMix": "Keras chooses its operations once, for all batches of the training; write RandAugment",
}


@cache
def augmentations() -> tuple[str, ...]:
    """Every name, sorted."""
    return tuple(sorted((*own_names(SLOT), *(name for name in names("layers") if not not_an_augmentation(name)))))


def find_augmentation(name: str) -> Component | None:
    """What a name is and takes, a layer of Keras or one of ours; None for what is no augmentation."""
    found = own_find(SLOT, name)
    if found is not None:
        return found
    return find("layers", name) if find("layers", name) and not not_an_augmentation(name) else None


def not_an_augmentation(name: str) -> str:
    """Why a layer of Keras is none, as the end of a sentence; empty where it is one."""
    component = find("layers", name)
    if component is None:
        return "Keras has no such layer"
    if component.name in _REFUSED:
        return _REFUSED[component.name]
    if not _home(component.name).startswith(_HOMES):
        return "it is a layer of a network; write it under model"
    if component.parameter("seed") is None:
        return "it draws nothing, so that training rows would be made other than held-out ones; write it under model"
    return ""


def is_of_pictures(name: str) -> bool:
    """Whether it wants pictures (height, width, channels)."""
    return _home(name).startswith(_PICTURES)


@cache
def moves(name: str) -> bool:
    """Whether it moves what it sees, so that a mask has to move with its picture; a change of colours does not."""
    return _does_more_than_return("transform_segmentation_masks", name)


@cache
def mixes(name: str) -> bool:
    """Whether it mixes rows, so that their targets have to be mixed too."""
    return _does_more_than_return("transform_labels", name)


def _does_more_than_return(method: str, name: str) -> bool:
    """Whether a method of the layer does anything but hand back what it was given."""
    found = reader.locate("keras.layers", name)
    if found is None or not isinstance(found[1], reader.ClassNode):
        return False
    defined = reader.method(found[0], found[1], method)
    if defined is None:
        return False
    body = [item for item in defined[1].body if not isinstance(item, ast.Expr)]  # a docstring
    first = body[0] if body else None
    given = defined[1].args.args[1].arg
    returns = isinstance(first, ast.Return) and isinstance(first.value, ast.Name) and first.value.id == given
    return not (first is None or returns or isinstance(first, ast.Raise | ast.Pass))


def _home(name: str) -> str:
    """The module in which Keras defines a layer."""
    found = reader.locate("keras.layers", name)
    return found[0].name if found else ""
