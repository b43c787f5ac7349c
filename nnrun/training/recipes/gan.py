"""Two networks against each other: one makes rows, the other tells them from real ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun.config.spec import Spec
from nnrun.errors import SettingError, listing
from nnrun.model import framework
from nnrun.training.recipes._recipe import LABEL, LATENT, Batch, Called, Making, Recipe, Role, Rows, Turn
from nnrun.training.recipes._slopes import slopes


def gan(
    latent_dim: int,
    conditional: bool = False,
    loss: Any = None,
    discriminator_steps: int = 1,
    gradient_penalty: float = 0.0,
    sheets: int = 10,
) -> Recipe:
    """A generator makes rows of random numbers, a discriminator learns to tell them from real ones, in turns.

    `models:` are `generator`, called on `latent`, and `discriminator`, called on the data's one input and giving one
    number; with `conditional` both are called on `label` too, the class of the target, one-hot. The discriminator
    learns that real rows are 1 and made ones 0, the generator that its rows are taken for 1. Sources: I. Goodfellow et
    al., Generative Adversarial Networks (2014); A. Radford, L. Metz, S. Chintala, DCGAN (2015); I. Gulrajani et al.,
    Improved Training of Wasserstein GANs (2017), which is `loss: Wasserstein` with `gradient_penalty: 10`.

    Args:
        latent_dim: How many random numbers a row is made of.
        conditional: Rows are made of a class that is asked for, and judged with their class.
        loss: What compares the discriminator's number with 1 or 0; without it BinaryCrossentropy.
        discriminator_steps: How often the discriminator learns before the generator does once.
        gradient_penalty: The weight of the penalty on slopes of the discriminator that are not 1 between real and made
            rows.
        sheets: How many times in a run samples of a fixed latent grid are kept, evenly; 0 keeps the last only.
    """
    _require(latent_dim, discriminator_steps, gradient_penalty, sheets)

    def roles(rows: Rows) -> Mapping[str, Role]:
        if len(rows.inputs) > 1:
            raise SettingError(f"gan makes rows of one input, and the data has {listing(list(rows.inputs))}")
        name, shape = next(iter(rows.inputs.items()), ("image", None))
        label: dict[str, Any] = {LABEL: rows.classes} if conditional else {}
        made = Role({LATENT: (latent_dim,), **label}, shape, f"what it makes has the shape of the data's {name}")
        judged = Role(
            {name: shape, **label}, (1,), "one number says whether a row is real", loss, bool(gradient_penalty)
        )
        return {"generator": made, "discriminator": judged}

    def made(models: Mapping[str, Called], batch: Batch, training: bool) -> dict[str, Any]:
        """Rows of the generator in place of the batch's own, with the same labels."""
        (name,) = (name for name in batch.inputs if name != LABEL)
        given = {**batch.inputs, LATENT: batch.normal(latent_dim)}
        return {**batch.inputs, name: models["generator"](given, training)}

    def discriminator(models: Mapping[str, Called], batch: Batch, training: bool) -> dict[str, Any]:
        judge = models["discriminator"]
        others = made(models, batch, training)
        real, false = judge(batch.inputs, training), judge(others, training)
        compare, ops = _comparison(loss, judge), framework.keras().ops
        told = {"discriminator_loss": compare(1, real) + compare(0, false)}
        told["discriminator_accuracy"] = _accuracy(real, false, loss, judge)
        if gradient_penalty:
            share = batch.uniform(1)
            between = {name: _between(value, others[name], share) for name, value in batch.inputs.items()}
            told["gradient_penalty"] = gradient_penalty * _penalty(judge, between, training)
        return {name: ops.cast(value, "float32") for name, value in told.items()}

    def generator(models: Mapping[str, Called], batch: Batch, training: bool) -> dict[str, Any]:
        judge = models["discriminator"]
        return {"generator_loss": _comparison(loss, judge)(1, judge(made(models, batch, training), training))}

    penalty = ("gradient_penalty",) if gradient_penalty else ()
    learns = ("discriminator_loss", *penalty)
    turns = (
        Turn(discriminator, {"discriminator": learns}, ("discriminator_accuracy",), discriminator_steps),
        Turn(generator, {"generator": ("generator_loss",)}),
    )
    making = Making(lambda rows: (latent_dim,), lambda network, given, limits, generator: network(given), sheets)  # noqa: ARG005
    return Recipe(roles, turns, "generator", labels=conditional, makes=(LATENT,), making=making)


def _require(latent_dim: int, discriminator_steps: int, gradient_penalty: float, sheets: int) -> None:
    for name, value, least in (
        ("latent_dim", latent_dim, 1),
        ("discriminator_steps", discriminator_steps, 1),
        ("gradient_penalty", gradient_penalty, 0),
        ("sheets", sheets, 0),
    ):
        if value < least:
            raise SettingError(f"{name} of gan is {value}", expected=f"{least} or more")


def _comparison(loss: Spec | None, judge: Called) -> Any:
    """A function of (1 or 0, what the discriminator gives): the loss, a scalar."""
    from nnrun.model import build

    spec = loss or Spec("BinaryCrossentropy", {"from_logits": judge.gives_logits}, slot="losses")
    found, ops = build.make(spec, {}), framework.keras().ops
    return lambda truth, given: found(ops.full_like(given, truth), given)


def _accuracy(real: Any, false: Any, loss: Spec | None, judge: Called) -> Any:
    """How often it is right; where no number lies between the two, how often the real one of a pair is above."""
    ops = framework.keras().ops
    if loss is not None and loss.name == "Wasserstein":
        return ops.mean(ops.cast(real > false, "float32"))
    between = 0.0 if judge.gives_logits else 0.5
    return (ops.mean(ops.cast(real > between, "float32")) + ops.mean(ops.cast(false <= between, "float32"))) / 2


def _between(real: Any, false: Any, share: Any) -> Any:
    """A point on the way from each real row to a made one."""
    share = framework.keras().ops.reshape(share, (-1, *[1] * (len(real.shape) - 1)))
    return real + share * (false - real)


def _penalty(judge: Called, between: Mapping[str, Any], training: bool) -> Any:
    """The mean square of what the length of the judge's slope at some rows lacks of 1."""
    ops = framework.keras().ops
    (name,) = (name for name in between if name != LABEL)
    found = slopes(lambda rows: judge({**between, name: rows}, training), between[name])
    squares = ops.sum(ops.square(ops.reshape(found, (ops.shape(found)[0], -1))), axis=1)
    return ops.mean(ops.square(ops.sqrt(squares + 1e-12) - 1.0))
