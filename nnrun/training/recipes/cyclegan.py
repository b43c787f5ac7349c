"""Two translators and a judge of what each makes: rows of two kinds into each other, with no pairs to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.spec import Spec
from nnrun.errors import SettingError, did_you_mean, listing
from nnrun.model import framework
from nnrun.training.recipes._recipe import Batch, Called, Recipe, Role, Rows, Shape, Turn

MSE = Spec("MeanSquaredError", slot="losses")


def cyclegan(
    translate: str,
    into: str,
    lambda_cycle: float = 10.0,
    lambda_identity: float = 0.5,
    loss: Any = None,
    sheets: int = 10,
) -> Recipe:
    """Two generators learn to translate rows of two kinds into each other, such as horses into zebras, without pairs.

    `translate` and `into` name the two inputs of the data; of `horse` and `zebra`, `models:` are `generator_zebra`,
    called on `horse`, `generator_horse`, called on `zebra`, and `discriminator_horse` and `discriminator_zebra`, each
    called on its own kind and giving one number or a map of them. A discriminator learns that real rows are 1 and
    translated ones 0; a generator that its rows are taken for 1, that what is translated and translated back is what it
    was, and that it leaves alone what is of its kind already. All four learn from one pass. Source: J.-Y. Zhu, T. Park,
    P. Isola, A. Efros, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks (2017).

    Args:
        translate: The input that `model.keras` translates.
        into: The input that it is translated into.
        lambda_cycle: The weight of the mean absolute error of a row that was translated and translated back.
        lambda_identity: The weight, times `lambda_cycle`, of the mean absolute error of a row that a generator should
            leave alone.
        loss: What compares a discriminator's numbers with 1 or 0; without it MeanSquaredError.
        sheets: How many times in a run translations of the same few rows are kept, evenly; 0 keeps the last only.
    """
    _require(translate, into, lambda_cycle, lambda_identity, sheets)
    pairs = ((translate, into), (into, translate))

    def roles(rows: Rows) -> Mapping[str, Role]:
        _require_inputs(rows, translate, into)
        found: dict[str, Role] = {}
        for one, other in pairs:
            why = f"what it makes has the shape of the data's {other}"
            found[_generator(other)] = Role({one: _shape(rows, one)}, _shape(rows, other), why)
        for one in (translate, into):
            found[_discriminator(one)] = Role({one: _shape(rows, one)}, loss=loss)
        return found

    def losses(models: Mapping[str, Called], batch: Batch, training: bool) -> dict[str, Any]:
        kinds = (translate, into)
        real = {one: batch.inputs[one] for one in kinds}
        to = {one: models[_generator(one)] for one in kinds}
        judge = {one: models[_discriminator(one)] for one in kinds}
        made = {other: to[other]({one: real[one]}, training) for one, other in pairs}
        back = {one: to[one]({other: made[other]}, training) for one, other in pairs}
        same = {one: to[one]({other: real[one]}, training) for one, other in pairs}
        told = {}
        for one in kinds:
            compare = _comparison(loss)
            of_real, of_made = judge[one]({one: real[one]}, training), judge[one]({one: made[one]}, training)
            cycle, identity = _error(real[one], back[one]), _error(real[one], same[one])
            told[f"{_generator(one)}_loss"] = compare(1, of_made) + lambda_cycle * (cycle + lambda_identity * identity)
            told[f"{_discriminator(one)}_loss"] = (compare(1, of_real) + compare(0, of_made)) / 2
        return {name: framework.keras().ops.cast(value, "float32") for name, value in told.items()}

    networks = (_generator(into), _generator(translate), _discriminator(translate), _discriminator(into))
    turn = Turn(losses, {name: (f"{name}_loss",) for name in networks})
    translates = {_generator(other): (one, other) for one, other in pairs}
    return Recipe(roles, (turn,), _generator(into), translates=translates)


def _generator(kind: str) -> str:
    return f"generator_{kind}"


def _discriminator(kind: str) -> str:
    return f"discriminator_{kind}"


def _require(translate: str, into: str, lambda_cycle: float, lambda_identity: float, sheets: int) -> None:
    if translate == into:
        raise SettingError(f"cyclegan translates {translate!r} into itself", expected="two inputs of the data")
    for name, value in (("lambda_cycle", lambda_cycle), ("lambda_identity", lambda_identity), ("sheets", sheets)):
        if value < 0:
            raise SettingError(f"{name} of cyclegan is {value}", expected="0 or more")


def _require_inputs(rows: Rows, translate: str, into: str) -> None:
    """The two kinds are the data's two inputs, as far as these are known."""
    known = list(rows.inputs)
    for name in (translate, into):
        if known and name not in known:
            what = f"cyclegan translates {translate!r} into {into!r}, and the data has no input {name!r}"
            raise SettingError(what, expected=f"two of {listing(known)}", hint=did_you_mean(name, known))
    others = [name for name in known if name not in (translate, into)]
    if others:
        what = f"cyclegan translates {translate!r} into {into!r}, and has no place for the input {others[0]!r}"
        raise SettingError(what, hint=f"`features: {{{translate}: ..., {into}: ...}}` under data takes these alone")


def _shape(rows: Rows, name: str) -> Shape:
    return rows.inputs.get(name)


def _comparison(loss: Spec | None) -> Any:
    """A function of (1 or 0, what the discriminator gives): the loss, a scalar."""
    from nnrun.model import build

    found, ops = build.make(loss or MSE, {}), framework.keras().ops
    return lambda truth, given: found(ops.full_like(given, truth), given)


def _error(truth: Any, given: Any) -> Any:
    """The mean absolute error."""
    ops = framework.keras().ops
    return ops.mean(ops.abs(ops.cast(given, truth.dtype) - truth))
