"""Augmentations before Keras: on which input each works, and what cannot fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from nnrun import catalogue
from nnrun.catalogue import augmentations as known
from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where, did_you_mean, listing, one_of
from nnrun.model import arithmetic
from nnrun.model.arithmetic import ShapeError

Augment = Mapping[str, tuple[Spec, ...]]
Shapes = Mapping[str, tuple[int | None, ...] | None]

PATH = ("data", "augment")
COMPOSED = ("RandAugment",)  # moves and changes colours in one, which cannot be taken apart
OF_ANY_SIZE = ("RandomFlip", "RandomRotate90", "RandomCrop")  # whose draws mean the same for pictures of another size
CROP = "RandomCrop"  # the only one that changes the shape of a row
NOT_ON_JAX = ("RandomElasticTransform",)  # it makes a whole number of a traced one
OURS_THAT_MOVE = ("TimeShift", "RandomRotate90")
OURS_OF_PICTURES = ("RandomRotate90",)
_AXES = {"TimeMasking": 1, "TimeShift": 1, "FrequencyMasking": 2}  # that a row must have


def is_of_pictures(spec: Spec) -> bool:
    """Whether it works on pictures alone, and so may be asked for its draw and for what this does to each part."""
    return known.is_of_pictures(spec.name)


def moves(spec: Spec) -> bool:
    """Whether it moves what it sees, so that a target that is laid out alike has to move too."""
    return known.moves(spec.name) or spec.name in OURS_THAT_MOVE


def mixes(spec: Spec) -> bool:
    """Whether it mixes rows, and with them their targets."""
    return known.mixes(spec.name)


def is_ours(spec: Spec) -> bool:
    """Whether it is no layer of Keras."""
    return spec.slot == known.SLOT


def crops(
    augment: Augment, inputs: Sequence[str], promised: Mapping[str, Sequence[int | None]]
) -> dict[str, tuple[int | None, int | None]]:
    """The height and width in which a model gets the pictures that are cropped for training, by input.

    `promised` is `model.inputs`: a model of pictures of any size, `[null, null, 3]`, gets held-out ones whole.
    """
    found: dict[str, tuple[int | None, int | None]] = {}
    for name, specs in by_input(augment, inputs).items():
        for spec in specs:
            size = spec.arguments.get("height"), spec.arguments.get("width")
            if spec.name == CROP and name in inputs and all(isinstance(length, int) for length in size):
                found[name] = (None, None) if None in tuple(promised.get(name, ()))[:2] else size
    return found


def by_input(augment: Augment, inputs: Sequence[str]) -> Augment:
    """The same with the name of the only input, where none was written."""
    if list(augment) == [""] and len(inputs) == 1:
        return {inputs[0]: augment[""]}
    return augment


def problems(
    augment: Augment,
    shapes: Shapes,
    columns: Sequence[str],
    ids: Sequence[str],
    key: Callable[[tuple[str, ...]], Where],
) -> list[Problem]:
    """What cannot work on inputs of these shapes (None: not known yet).

    `columns` are inputs that are made of a table's columns, `ids` those of whole numbers for an `Embedding`; `key`
    gives the place of a key of the config.
    """
    names = list(shapes)
    if "" in augment and len(names) > 1:
        told = f"there are {len(names)} inputs, and augment does not say which it is about"
        return [Problem(told, key(PATH), f"`augment: {{{names[0]}: [...]}}`, with a list for each that is augmented")]
    found = []
    for name, specs in by_input(augment, names).items():
        if names and name not in names:
            hint = did_you_mean(name, names)
            expected = "" if hint else one_of(names)
            found.append(Problem(f"augment names {name!r}, which is no input", key((*PATH, name)), expected, hint))
            continue
        shape = shapes.get(name)
        for spec in specs:
            problem = _problem(spec, name or "the input", shape, name in columns, name in ids)
            if problem:
                found.append(problem)
                break
            if spec.name == CROP and shape is not None:
                shape = (spec.arguments.get("height"), spec.arguments.get("width"), shape[2])
    return found


def _problem(spec: Spec, name: str, shape: tuple[int | None, ...] | None, column: bool, ids: bool) -> Problem | None:
    """Why an augmentation cannot work on an input."""
    if ids:
        return Problem(f"{spec.name} changes numbers, and {name} is numbers of words or categories", spec.where)
    if (is_of_pictures(spec) or spec.name in OURS_OF_PICTURES) and (column or (shape is not None and len(shape) != 3)):
        told = "columns of a table" if column else f"of the shape {list(shape or ())}"
        return Problem(f"{spec.name} wants pictures (height, width, channels), and {name} is {told}", spec.where)
    least = _AXES.get(spec.name, 0)
    if column and least:
        return Problem(f"{spec.name} wants steps of time, and {name} is columns of a table", spec.where)
    if shape is not None and len(shape) < least:
        what = (
            f"{spec.name} wants {'time and frequency' if least == 2 else 'time'}, and a row of {name} is {list(shape)}"
        )
        return Problem(what, spec.where)
    if spec.name in OURS_OF_PICTURES and shape is not None and shape[0] != shape[1]:
        told = f"{spec.name} turns pictures by quarters, and {name} is {shape[0]}x{shape[1]}"
        return Problem(told, spec.where, "square ones", "RandomCrop before it cuts squares, RandomFlip keeps any shape")
    if is_ours(spec):
        return _of_ours(spec)
    if spec.name == CROP:
        return _of_a_crop(spec, name, shape)
    component = catalogue.find("layers", spec.name)
    if shape is None or component is None:
        return None
    try:
        given = {**component.defaults(), **spec.arguments}
        after = arithmetic.output_shape(spec.name, given, [shape])
    except ShapeError as error:
        return Problem(error.what, spec.where, hint=error.hint)
    if isinstance(after, tuple) and any(
        None not in pair and pair[0] != pair[1] for pair in zip(shape, after, strict=True)
    ):
        told = f"{spec.name} makes rows of {list(shape)} rows of {list(after)}, and held-out rows stay as they are"
        return Problem(told, spec.where, "an augmentation that keeps the shape, or RandomCrop")
    return None


def _of_a_crop(spec: Spec, name: str, shape: tuple[int | None, ...] | None) -> Problem | None:
    """A size that is none, or larger than the pictures."""
    for place, key in enumerate(("height", "width")):
        length, whole = spec.arguments.get(key), None if shape is None else shape[place]
        if isinstance(length, int) and length < 1:
            return Problem(f"{key} of {CROP} is {length}", spec.where, "1 or more")
        if isinstance(length, int) and whole is not None and length > whole:
            told = f"{CROP} cuts a {key} of {length} out of {name}, whose {key} is {whole}"
            return Problem(told, spec.where, f"a {key} of at most {whole}")
    if spec.arguments.get("data_format") not in (None, "channels_last"):
        return Problem(f"{CROP} of nnrun cuts (height, width, channels)", spec.where, "no data_format")
    return None


def _of_ours(spec: Spec) -> Problem | None:
    factor, count = spec.arguments.get("factor"), spec.arguments.get("count", 1)
    if isinstance(factor, int | float) and not 0 <= factor <= 1:
        return Problem(f"factor of {spec.name} is {factor}", spec.where, "a share from 0 to 1")
    if isinstance(count, int) and count < 1:
        return Problem(f"count of {spec.name} is {count}", spec.where, "1 or more")
    return None


def on_backend(augment: Augment, backend: str) -> list[Problem]:
    """Layers of Keras that one backend cannot compile."""
    return [
        Problem(f"Keras cannot compile {spec.name} on JAX", spec.where, hint="`runtime: {backend: tensorflow}`")
        for specs in augment.values()
        for spec in specs
        if spec.name in NOT_ON_JAX and backend == "jax"
    ]


def mixing(augment: Augment) -> list[Spec]:
    """Those that mix rows, and with them their targets."""
    return [spec for specs in augment.values() for spec in specs if mixes(spec)]


def not_mixed(spec: Spec, target: str) -> Problem:
    """The problem of a target of class numbers."""
    told = f"{spec.name} mixes the classes of rows, and the target {target!r} is class numbers"
    return Problem(told, spec.where, f"`target: {{one_hot: {target}}}` under data")


def alone(spec: Spec, inputs: Sequence[str]) -> Problem:
    """The problem of several inputs, of which only one would be mixed."""
    told = f"{spec.name} mixes rows, and it would leave the other inputs as they are: {listing(inputs)}"
    return Problem(told, spec.where, "one input")
