"""What looks across the rows of a batch: a replica sees some of them only, and rows that fill it up count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import augmentations
from nnrun.config.config import Config
from nnrun.config.spec import Spec
from nnrun.devices.obstacles import applications
from nnrun.errors import Problem, Where
from nnrun.model import losses

JAX = "`runtime: {backend: jax}`, where one program sees the whole batch"
# Their axes come, go or change places, and nothing is computed along them.
_MOVING = ("ops.squeeze", "ops.expand_dims", "ops.transpose")
_PAIRING = ("ops.cov", "ops.dot", "ops.inner", "ops.kron", "ops.tensordot")


def batch_normalization(specs: Sequence[Spec]) -> list[Problem]:
    """The mean of a batch, taken while it is trained; of all replicas where it is synchronized."""
    found = []
    for spec in specs:
        if normalizes_batches(spec) and not spec.arguments.get("synchronized"):
            trained = (
                f"{spec.name} is trained, and its BatchNormalization" if spec.slot == "applications" else spec.name
            )
            kept = "`trainable: false`, or `except: BatchNormalization` where it is trained"
            hint = kept if spec.slot == "applications" else f"`{spec.name}: {{synchronized: true}}`"
            what = f"{trained} takes the mean of its own rows in every replica"
            found.append(Problem(what, spec.where, hint=f"{hint}, or {JAX}"))
    return found


def batch_means(specs: Sequence[Spec]) -> list[Problem]:
    """The same where rows fill a batch up: synchronized or not, they count in the mean."""
    return [Problem(f"{spec.name} takes the mean of a batch", spec.where) for spec in specs if normalizes_batches(spec)]


def normalizes_batches(spec: Spec) -> bool:
    """Whether a layer or an application takes the mean of a batch while it is trained."""
    if spec.slot == "applications":
        return applications.normalizes_batches(spec)
    is_layer = spec.slot == "layers" and spec.name == "BatchNormalization"
    return is_layer and spec.arguments.get("trainable") is not False


def functions(specs: Sequence[Spec]) -> list[Problem]:
    """Functions of `ops`, and layers, along the axis of the rows."""
    return [
        Problem(f"{spec.name} looks along axis 0, the rows of a batch", spec.where, hint=JAX)
        for spec in specs
        if spec.slot in ("layers", "ops") and _along_rows(spec)
    ]


def _along_rows(spec: Spec) -> bool:
    if spec.name in _MOVING:
        return False
    if spec.name in _PAIRING:
        return "x2" not in spec.arguments  # of two tensors, each row with each
    if spec.name == "ops.einsum":
        return _joins_rows(str(spec.arguments.get("subscripts", "")))
    component = catalogue.find(spec.slot, spec.name)
    for parameter in component.parameters if component else ():
        if parameter.name in ("axis", "axes"):
            value = spec.arguments.get(parameter.name, parameter.default)
            if value is None and spec.slot == "ops" and not parameter.required:
                return True  # all axes at once
            if 0 in (value if isinstance(value, list | tuple) else [value]):
                return True
    return False


def _joins_rows(subscripts: str) -> bool:
    """Whether an einsum pairs rows with each other: the first letter is not the same everywhere."""
    given, _, result = subscripts.replace(" ", "").partition("->")
    first = {part[:1] for part in (*given.split(","), result) if part and not part.startswith(".")}
    return len(first) > 1


def activity_regularizers(specs: Sequence[Spec]) -> list[Problem]:
    """What a layer gives, counted with all rows alike: Keras gives this no weights of rows."""
    found = []
    for spec in specs:
        if spec.slot == "layers" and (
            spec.arguments.get("activity_regularizer") or spec.name == "ActivityRegularization"
        ):
            what = spec.name if spec.name == "ActivityRegularization" else f"the activity_regularizer of {spec.name}"
            found.append(Problem(f"{what} counts the rows that fill a batch up", spec.where, hint=JAX))
    return found


def losses_over_the_batch(config: Config, specs: Sequence[Spec]) -> list[Problem]:
    """Losses in which a row depends on the others of its batch; `specs` are the calls of the model."""
    return [
        Problem(f"the loss {part.name} looks at the whole batch at once", _place(part, loss), hint=JAX)
        for loss in (*written_losses(config), *(spec for spec in specs if spec.slot == "losses"))
        for part in losses.all_parts(loss)
        if losses.compares_rows(part)
    ]


def reductions(config: Config, reasons: Mapping[str, str]) -> list[Problem]:
    """Losses that are brought to one number otherwise than by the mean of all rows: why, by the reduction."""
    found = []
    for loss in written_losses(config):
        reduction = loss.arguments.get("reduction", "sum_over_batch_size") or "none"
        if reduction in reasons:
            what = f"the loss {loss.name} with `reduction: {reduction}` {reasons[reduction]}"
            found.append(Problem(what, loss.where, hint=f"`reduction: sum_over_batch_size`, the mean, or {JAX}"))
    return found


def mixing(config: Config, specs: Sequence[Spec]) -> list[Problem]:
    """Augmentations that mix rows with each other."""
    augment = [spec for specs in config.data.augment.values() for spec in specs]
    layers = [spec for spec in specs if spec.slot == "layers"]
    return [
        Problem(f"{spec.name} mixes the rows of a batch", spec.where)
        for spec in (*augment, *layers)
        if augmentations.mixes(spec.name)
    ]


def written_losses(config: Config) -> list[Spec]:
    """The losses that a config writes; those of the tasks go by rows."""
    loss: Any = config.compile.loss
    return list(loss.values()) if isinstance(loss, dict) else [] if loss is None else [loss]


def _place(part: Spec, loss: Spec) -> Where:
    return part.where if part.where.file else loss.where
