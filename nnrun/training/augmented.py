"""The augmentation of one training: which targets go with which input, and what the data says against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.data.features import result
from nnrun.errors import ConfigError, Problem
from nnrun.model import augmenting, distribution, framework
from nnrun.training.augmentation import Augmentation
from nnrun.training.cropping import centre
from nnrun.training.job import Job
from nnrun.training.laid_out import Beside, role, times
from nnrun.training.masking import Anew, Masking, maskings
from nnrun.training.material import Material

SHOWN, VERSIONS = 6, 7  # rows of the figure, and versions of each
SIDE, LENGTH = 64, 256  # of a picture, and of a series; of larger ones every second, third, ... value
LOOKED_AT = 256  # training rows whose values are held to `value_range`

Array = np.ndarray[Any, Any]


def changes(config: Config, material: Material) -> Augmentation | Anew | None:
    """What training batches go through: augmentation, and other hidden tokens; None where they stay as they are."""
    made = augmentation(config, material)
    hidden = anew(config, material)
    return Anew(hidden, config.seed, made) if hidden else made


def augmentation(config: Config, material: Material) -> Augmentation | None:
    """What is done to training rows by `data.augment`; None where nothing is."""
    augment = augmenting.by_input(config.data.augment, list(material.shapes))
    if not augment:
        return None
    return Augmentation(augment, _beside(augment, material.whole), material.facts, config.seed)


def key(config: Config, material: Material) -> Any:
    """What a compiled program holds of it as constants."""
    augment = augmenting.by_input(config.data.augment, list(material.shapes))
    if not augment:
        return anew(config, material)
    return (anew(config, material), augment, _beside(augment, material.whole), material.whole.shapes)


def anew(config: Config, material: Material) -> dict[str, Masking]:
    """By output, the hidden tokens that are others in every epoch."""
    specs = {name: answer.spec for name, answer in material.answers.items()}
    return {name: how for name, how in maskings(config, material.preparation, specs).items() if how.anew}


def require(config: Config, material: Material, rows: Array) -> None:
    """Raises ConfigError where the augmentation cannot work on this data; `rows` are those that are trained on."""
    if not config.data.augment:
        return
    material = material.whole
    shapes = material.shapes
    features = material.preparation.features
    columns = [n for n, entries in features.items() if len(shapes[n]) < 2 and result(entries[0]) != "array"]
    ids = [name for name, dtype in material.dtypes.items() if not dtype.startswith("float")]
    problems = augmenting.problems(config.data.augment, shapes, columns, ids, config.document.key)
    augment = augmenting.by_input(config.data.augment, list(shapes))
    if not problems:
        problems = [
            *_unmixed(augment, material),
            *_unmoved(augment, material),
            *(found for name, specs in augment.items() for found in _values(specs, name, material.inputs[name], rows)),
        ]
    if problems:
        raise ConfigError(problems)


def _beside(augment: augmenting.Augment, material: Material) -> dict[str, list[Beside]]:
    return {
        name: [
            Beside(output, role(material.shapes[name], answer, material.targets[output].shape[1:]))
            for output, answer in material.answers.items()
        ]
        for name in augment
    }


def _unmixed(augment: augmenting.Augment, material: Material) -> list[Problem]:
    """Targets that cannot be mixed as their rows are."""
    found = []
    for spec in augmenting.mixing(augment):
        if len(material.shapes) > 1:
            found.append(augmenting.alone(spec, [name for name in material.shapes if name not in augment]))
        for output, answer in material.answers.items():
            name = next(name for name, specs in augment.items() if spec in specs)
            if role(material.shapes[name], answer, material.targets[output].shape[1:]) != "mixed":
                told = f"{spec.name} mixes rows and their classes, and the target {output!r} is a picture"
                found.append(Problem(told, spec.where))
            elif answer.task.kind == "classes" and material.targets[output].shape[1:] in ((), (1,)):
                found.append(augmenting.not_mixed(spec, answer.spec.columns[0]))
    return found


def _unmoved(augment: augmenting.Augment, material: Material) -> list[Problem]:
    """Pictures among the targets that cannot move as their input does."""
    found = []
    for output, answer in material.answers.items():
        target = material.targets[output].shape[1:]
        moving = [
            (name, spec, how)
            for name, specs in augment.items()
            if (how := role(material.shapes[name], answer, target)) != "mixed"
            for spec in specs
            if augmenting.moves(spec)
        ]
        if len({name for name, _, _ in moving}) > 1:
            told = f"the target {output!r} is a picture, and several inputs are moved: it cannot go with each"
            found.append(Problem(told, moving[-1][1].where, "augmentations that move, of one input only"))
        for name, spec, how in moving:
            shape = material.shapes[name]
            if spec.name in augmenting.COMPOSED and how == "picture":
                told = f"{spec.name} moves pictures and changes their colours in one, and the target is a picture"
                found.append(Problem(told, spec.where, "layers that do one of both, such as RandomRotation"))
            elif len(shape) == 3 and target[:2] != shape[:2] and spec.name not in augmenting.OF_ANY_SIZE:
                sizes = f"{shape[0]}x{shape[1]}, and the target {output!r} is {target[0]}x{target[1]}"
                told = f"{spec.name} draws for pictures of {sizes}"
                found.append(Problem(told, spec.where, " or ".join(augmenting.OF_ANY_SIZE)))
            elif spec.name == augmenting.CROP and times(shape, target) is None:
                sizes = f"{shape[0]}x{shape[1]}, and the target {output!r} is {target[0]}x{target[1]}"
                told = f"{spec.name} cuts pictures of {sizes}, which is no whole multiple"
                found.append(Problem(told, spec.where, "a target of the same size, or of twice, three times, ... it"))
    return found


def _values(specs: tuple[Spec, ...], name: str, values: Any, rows: Array) -> list[Problem]:
    """Values outside of what a layer takes them for, which it would cut off."""
    ranged = [spec for spec in specs if "value_range" in spec.arguments]
    if not ranged:
        return []
    seen = np.asarray(values[np.sort(rows[:LOOKED_AT])])
    least, most = float(seen.min()), float(seen.max())
    found = []
    for spec in ranged:
        low, high = spec.arguments["value_range"]
        slack = 1e-3 * (high - low)
        if least < low - slack or most > high + slack:
            told = (
                f"{spec.name} takes values from {low:g} to {high:g}, and those of {name} go from {least:g} to {most:g}"
            )
            hint = f"`{spec.name}: {{..., value_range: [0, 255]}}`, or scale the input to 0..1"
            found.append(Problem(told, spec.where, hint=hint))
    return found


def sheet(job: Job, material: Material) -> dict[str, Array]:
    """What `probe.npz` keeps for the figure: some training rows, and versions of them as they are trained on.

    `augmented/<input>` is (1 + versions, rows, ...), the rows themselves first. Nothing for a fold.
    """
    made = augmentation(job.config, material)
    if made is None or job.fold is not None:
        return {}
    rows = np.sort(job.split.train[:SHOWN])
    change: Any = made if framework.backend() == "tensorflow" else framework.jax().jit(made)
    batch, keys = distribution.tensors(material.whole.batch(rows)), distribution.tensors(made.keys(0))
    shown: dict[str, list[Array]] = {name: [np.asarray(material.inputs[name][rows])] for name in made.inputs}
    for step in range(VERSIONS):
        x, *_ = change(batch, keys, distribution.tensors(np.int32(step)))
        for name, found in shown.items():
            found.append(np.asarray(x[name] if isinstance(x, Mapping) else x))
            if found[0].shape != found[-1].shape:  # parts of larger pictures, and so the middle of those
                found[0] = centre(found[0], found[-1].shape[1:3])
    return {"augmented_rows": rows} | {f"augmented/{name}": _small(np.stack(found)) for name, found in shown.items()}


def _small(values: Array) -> Array:
    """Thinned out along height and width, or time, as numbers of half the length: it is for the eye."""
    for axis in range(2, min(values.ndim, 4)):
        most = SIDE if values.ndim > 3 else LENGTH
        step = -(-values.shape[axis] // most)
        values = values[(slice(None),) * axis + (slice(None, None, step),)]
    return values.astype(np.float16)
