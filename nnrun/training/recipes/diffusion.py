"""One network that takes noise away: rows are made of nothing but noise, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nnrun.config.spec import Spec
from nnrun.errors import SettingError, listing
from nnrun.model import framework
from nnrun.training.recipes._diffusing import Cosine, Linear, Schedule
from nnrun.training.recipes._recipe import LABEL, LATENT, Batch, Called, Limits, Making, Recipe, Role, Rows, Shape, Turn

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SCHEDULES = ("cosine", "linear")
LEAST_TIMESTEPS = 25  # with fewer the last would add more noise than there can be


def diffusion(
    schedule: Literal["cosine", "linear"] = "cosine",
    conditional: bool = False,
    loss: Any = None,
    ema: float = 0.999,
    sampling_steps: int | None = None,
    min_signal_rate: float | None = None,
    max_signal_rate: float | None = None,
    timesteps: int | None = None,
    sheets: int = 10,
) -> Recipe:
    """A denoiser learns which noise was mixed into rows; new rows are noise from which it takes the noise step by step.

    `models:` is `denoiser`, called on the data's one input with noise in it and on how much that is, a number between 0
    and 1: `noise_variance`, or with `schedule: linear` `time`. It gives the noise, of the input's shape. With
    `conditional` it is called on `label` too, the class of the target, one-hot. Rows are best normalized. Sources: J.
    Ho, A. Jain, P. Abbeel, Denoising Diffusion Probabilistic Models (2020), which is `linear`; J. Song, C. Meng, S.
    Ermon, Denoising Diffusion Implicit Models (2020).

    Args:
        schedule: How the noise grows: `cosine`, with time as any number, or `linear`, in counted steps.
        conditional: Rows are made of a class that is asked for.
        loss: What compares the noise with what it is taken for; without it mae, with `linear` mse.
        ema: The weights that make rows are a running mean, which keeps this share of itself in each step (less in the
            first thousands); 0 takes the weights as they are.
        sampling_steps: In how many steps a row is made; without it 20, with `linear` all `timesteps`, with new noise in
            each.
        min_signal_rate: How much of a row is left where the noise is strongest, of `cosine`; without it 0.02.
        max_signal_rate: How much of it is there where the noise is weakest, of `cosine`; without it 0.95.
        timesteps: How many steps of noise there are, of `linear`; without it 1000.
        sheets: How many times in a run samples of fixed noise are kept, evenly; 0 keeps the last only.
    """
    given = {"min_signal_rate": min_signal_rate, "max_signal_rate": max_signal_rate, "timesteps": timesteps}
    levels = _schedule(schedule, sampling_steps, **given)
    _require(ema, sheets)

    def roles(rows: Rows) -> Mapping[str, Role]:
        if len(rows.inputs) > 1:
            raise SettingError(f"diffusion makes rows of one input, and the data has {listing(list(rows.inputs))}")
        name, shape = next(iter(rows.inputs.items()), ("image", None))
        label: dict[str, Any] = {LABEL: rows.classes} if conditional else {}
        why = f"it gives the noise in the data's {name}, a number for each of its numbers"
        return {"denoiser": Role({name: shape, **levels.takes, **label}, shape, why, loss)}

    def losses(models: Mapping[str, Called], batch: Batch, training: bool) -> dict[str, Any]:
        (name,) = (name for name in batch.inputs if name != LABEL)
        rows = batch.inputs[name]
        noise_rate, signal_rate, told = levels.drawn(batch)
        noise_rate, signal_rate = (_like(rows, rate) for rate in (noise_rate, signal_rate))
        noise = batch.normal(*rows.shape[1:])
        noisy = signal_rate * rows + noise_rate * noise
        found = models["denoiser"]({**batch.inputs, name: noisy, **told}, training)
        compare = _comparison(loss, schedule)
        told = {"noise_loss": compare(noise, found)}
        if levels.logs_rows:
            told["image_loss"] = compare(rows, (noisy - noise_rate * found) / signal_rate)
        return told

    def latent(rows: Rows) -> Shape:
        (shape,) = rows.inputs.values()
        return shape

    def made(network: Any, given: Mapping[str, Array], limits: Limits, generator: np.random.Generator) -> Array:
        import numpy as np

        noise, label = given[LATENT], {name: value for name, value in given.items() if name == LABEL}

        def noise_of(noisy: Array, told: Mapping[str, Any]) -> Array:
            level = {name: np.full((len(noisy), 1), value, np.float32) for name, value in told.items()}
            (name,) = (name for name in network.takes if name not in (LABEL, *told))
            found: Array = network({name: noisy, **level, **label})
            return found

        return levels.made(noise_of, noise, limits, generator)

    logs = ("image_loss",) if levels.logs_rows else ()
    turns = (Turn(losses, {"denoiser": ("noise_loss",)}, logs),)
    making = Making(latent, made, sheets)
    return Recipe(roles, turns, "denoiser", labels=conditional, makes=tuple(levels.takes), making=making, ema=ema)


def _schedule(name: str, sampling_steps: int | None, **given: Any) -> Schedule:
    """The schedule of a name; settings of the other one are refused."""
    if name not in SCHEDULES:
        raise SettingError(f"schedule of diffusion is {name!r}", expected=" or ".join(SCHEDULES))
    mine = ("timesteps",) if name == "linear" else ("min_signal_rate", "max_signal_rate")
    for setting, value in given.items():
        if value is not None and setting not in mine:
            other = "cosine" if name == "linear" else "linear"
            raise SettingError(f"{setting} of diffusion belongs to `schedule: {other}`, and the schedule is {name}")
    if sampling_steps is not None and sampling_steps < 1:
        raise SettingError(f"sampling_steps of diffusion is {sampling_steps}", expected="1 or more")
    if name == "linear":
        timesteps = 1000 if given["timesteps"] is None else given["timesteps"]
        if timesteps < LEAST_TIMESTEPS:
            raise SettingError(f"timesteps of diffusion is {timesteps}", expected=f"{LEAST_TIMESTEPS} or more")
        return Linear(timesteps, sampling_steps)
    low, high = (
        given[rate] if given[rate] is not None else usual for rate, usual in zip(mine, (0.02, 0.95), strict=True)
    )
    if not 0 < low < high <= 1:
        what = f"min_signal_rate and max_signal_rate of diffusion are {low} and {high}"
        raise SettingError(what, expected="two numbers above 0 and up to 1, the first below the second")
    return Cosine(low, high, sampling_steps or 20)


def _require(ema: float, sheets: int) -> None:
    if not 0 <= ema < 1:
        raise SettingError(f"ema of diffusion is {ema}", expected="a number from 0 to below 1, such as 0.999")
    if sheets < 0:
        raise SettingError(f"sheets of diffusion is {sheets}", expected="0 or more")


def _like(rows: Any, rate: Any) -> Any:
    """A number for each row, (rows, 1), with as many axes as rows have."""
    return framework.keras().ops.reshape(rate, (-1, *[1] * (len(rows.shape) - 1)))


def _comparison(loss: Spec | None, schedule: str) -> Any:
    from nnrun.model import build

    usual = "MeanSquaredError" if schedule == "linear" else "MeanAbsoluteError"
    return build.make(loss or Spec(usual, slot="losses"), {})
