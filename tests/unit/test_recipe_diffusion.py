"""The schedules and the sampling of diffusion are those of the papers' examples, written here in plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnrun.config.config import Entry
from nnrun.config.spec import Spec
from nnrun.data.dataset import Dataset
from nnrun.data.preparation import Preparation
from nnrun.data.undoing import done, undone
from nnrun.errors import SettingError
from nnrun.model import framework
from nnrun.training import variables
from nnrun.training.averages import Averages
from nnrun.training.recipe_model import Network, recipe_model
from nnrun.training.recipes import LATENT, Recipe, Rows, recipe

ROWS = np.random.default_rng(0).normal(size=(4, 2, 2, 1)).astype(np.float32)
LATENTS = np.random.default_rng(1).normal(size=(4, 2, 2, 1)).astype(np.float32)
LIMITS = (np.asarray([-1.0], np.float32), np.asarray([1.0], np.float32))
DATA = Rows({"image": (2, 2, 1)}, 3)


def diffusion(**settings: Any) -> Recipe:
    return recipe(Spec("diffusion", settings, slot="recipes"))


class Half:
    """A network that takes a part of its input for noise, more of it the noisier it is told to be."""

    def __init__(self, told: str) -> None:
        self.told, self.takes = told, ("image", told)
        self.calls: list[float] = []

    def __call__(self, given: Mapping[str, Any]) -> Any:
        level = given[self.told]
        if isinstance(level, np.ndarray):
            self.calls.append(float(level[0, 0]))
        return given["image"] * (0.3 + 0.6 * level.reshape(-1, 1, 1, 1) if isinstance(level, np.ndarray) else 1)


class Draws:
    """A batch whose draws are known."""

    def __init__(self, times: Any, noise: Any) -> None:
        self.inputs = {"image": framework.keras().ops.convert_to_tensor(ROWS)}
        self._times, self._noise = times, noise

    def uniform(self, *shape: int) -> Any:
        assert shape == (1,)
        return framework.keras().ops.convert_to_tensor(self._times[:, None])

    def normal(self, *shape: int) -> Any:
        assert shape == (2, 2, 1)
        return framework.keras().ops.convert_to_tensor(self._noise)


def cosine_rates(times: Any) -> tuple[Any, Any]:
    """Noise and signal rate of keras.io's DDIM."""
    start, end = math.acos(0.95), math.acos(0.02)
    angles = start + times * (end - start)
    return np.sin(angles), np.cos(angles)


def seen(settings: Mapping[str, Any], times: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the denoiser was called on, and the losses where it always answers 0."""
    given: dict[str, Any] = {}

    def denoiser(called: Mapping[str, Any], training: bool) -> Any:
        given.update({name: np.asarray(value) for name, value in called.items()})
        return framework.keras().ops.zeros_like(called["image"])

    (turn,) = diffusion(**settings).turns
    network: Any = denoiser
    told = turn.losses({"denoiser": network}, Draws(times, LATENTS), True)
    return given, {name: float(value) for name, value in told.items()}


def test_diffusion_cosine_mixes_rows_and_noise_as_the_example_does() -> None:
    times = np.asarray([0.0, 0.3, 0.7, 1.0], np.float32)
    given, told = seen({}, times)
    noise, signal = (rate[:, None, None, None] for rate in cosine_rates(times))
    np.testing.assert_allclose(given["image"], signal * ROWS + noise * LATENTS, rtol=1e-5)
    np.testing.assert_allclose(given["noise_variance"], noise[:, :, 0, 0] ** 2, rtol=1e-5)
    assert told["noise_loss"] == pytest.approx(np.abs(LATENTS).mean(), rel=1e-5)
    assert told["image_loss"] == pytest.approx(np.abs(ROWS - (ROWS + noise / signal * LATENTS)).mean(), rel=1e-4)


def test_diffusion_linear_mixes_rows_and_noise_as_the_example_does() -> None:
    given, told = seen({"schedule": "linear"}, np.asarray([0.0, 0.25, 0.5, 0.9999999], np.float32))
    steps = np.asarray([0, 250, 500, 999])
    kept = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000))[steps][:, None, None, None]
    assert given["time"][:, 0] == pytest.approx(steps / 1000)
    np.testing.assert_allclose(given["image"], np.sqrt(kept) * ROWS + np.sqrt(1 - kept) * LATENTS, rtol=1e-4)
    assert told == {"noise_loss": pytest.approx(np.square(LATENTS).mean(), rel=1e-5)}


def made(settings: Mapping[str, Any], network: Half) -> Any:
    making = diffusion(**settings).making
    assert making is not None
    assert making.latent(DATA) == (2, 2, 1)
    return making.rows(network, {LATENT: LATENTS}, LIMITS, np.random.default_rng(3))


def test_diffusion_cosine_samples_as_the_example_does() -> None:
    network, noisy = Half("noise_variance"), LATENTS
    for step in range(5):  # reverse_diffusion of keras.io's DDIM
        time = 1 - step / 5
        noise, signal = cosine_rates(time)
        found = noisy * (0.3 + 0.6 * noise**2)
        rows = (noisy - noise * found) / signal
        noise, signal = cosine_rates(time - 1 / 5)
        noisy = signal * rows + noise * found
    np.testing.assert_allclose(made({"sampling_steps": 5}, network), np.clip(rows, -1, 1), rtol=1e-3, atol=1e-5)
    assert len(network.calls) == 5


def test_diffusion_linear_samples_as_the_example_does() -> None:
    betas = np.linspace(1e-4, 0.02, 25) * 40
    kept = np.cumprod(1 - betas)
    before = np.append(1.0, kept[:-1])
    draws, noisy = np.random.default_rng(3), LATENTS
    for step in reversed(range(25)):  # p_sample of keras.io's DDPM
        found = noisy * (0.3 + 0.6 * step / 25)
        rows = np.clip(np.sqrt(1 / kept[step]) * noisy - np.sqrt(1 / kept[step] - 1) * found, -1, 1)
        mean = betas[step] * np.sqrt(before[step]) / (1 - kept[step]) * rows
        mean += (1 - before[step]) * np.sqrt(1 - betas[step]) / (1 - kept[step]) * noisy
        variance = betas[step] * (1 - before[step]) / (1 - kept[step])
        fresh = draws.standard_normal(noisy.shape, np.float32)
        noisy = mean + (step > 0) * np.exp(0.5 * np.log(max(variance, 1e-20))) * fresh
    network = Half("time")
    np.testing.assert_allclose(made({"schedule": "linear", "timesteps": 25}, network), noisy, rtol=1e-3, atol=1e-5)
    assert network.calls == pytest.approx(np.arange(24, -1, -1) / 25)
    short = Half("time")
    made({"schedule": "linear", "timesteps": 25, "sampling_steps": 4}, short)
    assert short.calls == pytest.approx(np.asarray([24, 16, 8, 0]) / 25)


def denoiser() -> tuple[Any, Averages, Any]:
    """A network with statistics, its running means with the share one half, and the model that trains both."""
    keras = framework.keras()
    framework.start(0)
    image, variance = keras.Input((2, 2, 1), name="image"), keras.Input((1,), name="noise_variance")
    normalized = keras.layers.BatchNormalization()(image)
    joined = keras.layers.Concatenate()([keras.layers.Flatten()(normalized), variance])
    model = keras.Model([image, variance], keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4)(joined)))
    network = {"denoiser": Network(model, ("image", "noise_variance"), gives_logits=True)}
    optimizers = {"denoiser": keras.optimizers.SGD(0.1)}
    averages = Averages(model, optimizers["denoiser"], 0.5)
    return model, averages, recipe_model(diffusion(), network, optimizers, seed=0, averages=averages)


def test_diffusion_tests_and_saves_the_running_means_of_the_weights() -> None:
    model, averages, whole = denoiser()
    batch = (framework.keras().ops.convert_to_tensor(ROWS), None)
    expected, kept = [value.copy() for value in model.get_weights()], None
    for step in range(1, 12):
        if step == 6:
            kept = variables.values(whole)
        whole.train_step(batch)
        share = min(0.5, (1 + step) / (10 + step))  # one half from step 8 on
        expected = [share * mean + (1 - share) * now for mean, now in zip(expected, model.get_weights(), strict=True)]
    for mean, ours in zip(expected, averages.model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, mean, rtol=1e-4, atol=1e-6)

    assert kept is not None
    _, others, again = denoiser()
    variables.set_values(again, kept)
    for _ in range(6):
        again.train_step(batch)
    pairs = zip(averages.model.get_weights(), others.model.get_weights(), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)

    def tested() -> float:
        whole.draws.state.assign([0, 0])
        whole.reset_metrics()
        return float(whole.test_step(batch)["noise_loss"])

    before = tested()
    model.set_weights([np.zeros_like(value) for value in model.get_weights()])
    assert tested() == before
    averages.model.set_weights(model.get_weights())
    assert tested() != before


def test_diffusion_rows_come_back_into_the_unit_of_the_data() -> None:
    own = np.random.default_rng(0).uniform(0, 1, (6, 2, 2, 3)).astype(np.float32)
    steps = (
        Spec("rescale", {"scale": 2.0, "offset": -1.0}, slot="preparations"),
        Spec("normalize", slot="preparations"),
    )
    features = {"image": (Entry(("image",), steps),)}
    preparation = Preparation.fit(Dataset(6, arrays={"image": own}), np.arange(4), features)
    (prepared,) = preparation.apply(Dataset(6, arrays={"image": own})).values()
    np.testing.assert_allclose(done(preparation, own), prepared, atol=1e-6)
    np.testing.assert_allclose(undone(preparation, prepared), own, atol=1e-6)
    plain = Preparation.fit(Dataset(6, arrays={"image": own}), np.arange(4))
    assert np.array_equal(undone(plain, own), own)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"ema": 1.0}, "ema"),
        ({"sampling_steps": 0}, "sampling_steps"),
        ({"min_signal_rate": 0.96}, "min_signal_rate and max_signal_rate"),
        ({"timesteps": 500}, "belongs to `schedule: linear`"),
        ({"schedule": "linear", "max_signal_rate": 0.9}, "belongs to `schedule: cosine`"),
        ({"schedule": "linear", "timesteps": 10}, "timesteps"),
        ({"sheets": -1}, "sheets"),
    ],
)
def test_diffusion_refuses_settings_that_make_no_sense(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        diffusion(**wrong)


def test_diffusion_says_what_its_network_is_called_on() -> None:
    role = diffusion(conditional=True).roles(DATA)["denoiser"]
    assert (role.takes, role.gives) == ({"image": (2, 2, 1), "noise_variance": (1,), "label": (3,)}, (2, 2, 1))
    assert diffusion(schedule="linear").roles(DATA)["denoiser"].takes == {"image": (2, 2, 1), "time": (1,)}
