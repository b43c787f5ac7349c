"""Schedules of noise, and the way back from noise to rows.

A noisy row is `signal_rate * row + noise_rate * noise`, and the squares of both rates sum up to 1. Sources: J. Ho, A.
Jain, P. Abbeel, Denoising Diffusion Probabilistic Models (2020); J. Song, C. Meng, S. Ermon, Denoising Diffusion
Implicit Models (2020); A. Nichol, P. Dhariwal, Improved Denoising Diffusion Probabilistic Models (2021).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nnrun.model import framework
from nnrun.training.recipes._recipe import Batch, Limits, Shape

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

Noise = Callable[["Array", Mapping[str, Any]], "Array"]  # what the network takes for the noise of noisy rows

FIRST_BETA, LAST_BETA, BETAS = 1e-4, 0.02, 1000  # of the first paper, on so many steps


class Level(NamedTuple):
    """How noisy rows are, and what the network is told of it: tensors (rows, 1), or numbers for all rows."""

    noise_rate: Any
    signal_rate: Any
    told: Mapping[str, Any]


class Schedule(ABC):
    """How much noise rows have; `takes` is what the network is told of it."""

    takes: Mapping[str, Shape]
    logs_rows: bool  # whether the error of the rows says anything beside that of the noise

    @abstractmethod
    def drawn(self, batch: Batch) -> Level:
        """A level for each row of a batch, by chance."""

    @abstractmethod
    def made(self, noise_of: Noise, latent: Array, limits: Limits, generator: np.random.Generator) -> Array:
        """Rows made of noise."""


class Cosine(Schedule):
    """Rates as cosine and sine of an angle that goes evenly with time; the network is told the variance."""

    takes: Mapping[str, Shape] = {"noise_variance": (1,)}
    logs_rows = True

    def __init__(self, min_signal_rate: float, max_signal_rate: float, sampling_steps: int) -> None:
        self.rates, self.steps = (min_signal_rate, max_signal_rate), sampling_steps

    def drawn(self, batch: Batch) -> Level:
        return self._level(batch.uniform(1), framework.keras().ops)

    def made(self, noise_of: Noise, latent: Array, limits: Limits, generator: np.random.Generator) -> Array:
        import numpy as np

        levels = [self._level(1 - step / self.steps, np) for step in range(self.steps)]
        return np.clip(without_chance(noise_of, latent, levels), *limits)

    def _level(self, time: Any, numbers: Any) -> Level:
        """At a time between 0, where rows are clearest, and 1."""
        end, start = (numbers.arccos(rate) for rate in self.rates)
        angle = start + time * (end - start)
        noise_rate = numbers.sin(angle)
        return Level(noise_rate, numbers.cos(angle), {"noise_variance": noise_rate**2})


class Linear(Schedule):
    """Noise that is added step by step, a little more each time; the network is told how far the steps have come."""

    takes: Mapping[str, Shape] = {"time": (1,)}
    logs_rows = False  # nearly all of it would be that of the noisiest rows, whose signal is below a hundredth

    def __init__(self, timesteps: int, sampling_steps: int | None) -> None:
        self.timesteps, self.steps = timesteps, sampling_steps

    def betas(self) -> Array:
        """The share of noise that each step adds, as a variance."""
        import numpy as np

        return np.linspace(FIRST_BETA, LAST_BETA, self.timesteps) * (BETAS / self.timesteps)

    def drawn(self, batch: Batch) -> Level:
        import numpy as np

        ops, kept = framework.keras().ops, np.cumprod(1 - self.betas())
        step = ops.minimum(ops.floor(batch.uniform(1) * self.timesteps), self.timesteps - 1)
        number = ops.cast(step, "int32")
        rates = (np.sqrt(of).astype(np.float32) for of in (1 - kept, kept))
        noise_rate, signal_rate = (ops.take(ops.convert_to_tensor(rate), number) for rate in rates)
        return Level(noise_rate, signal_rate, {"time": step / self.timesteps})

    def made(self, noise_of: Noise, latent: Array, limits: Limits, generator: np.random.Generator) -> Array:
        import numpy as np

        if self.steps is None:
            return self._by_chance(noise_of, latent, limits, generator)
        kept = np.cumprod(1 - self.betas())
        steps = np.unique(np.rint(np.linspace(self.timesteps - 1, 0, self.steps)).astype(int))[::-1]
        levels = [Level(np.sqrt(1 - kept[one]), np.sqrt(kept[one]), {"time": one / self.timesteps}) for one in steps]
        return without_chance(noise_of, latent, levels, limits)

    def _by_chance(self, noise_of: Noise, latent: Array, limits: Limits, generator: np.random.Generator) -> Array:
        """Every step back, with new noise in each but the last."""
        import numpy as np

        betas = self.betas()
        kept = np.cumprod(1 - betas)
        before = np.append(1.0, kept[:-1])
        noisy = latent
        for step in reversed(range(self.timesteps)):
            noise = noise_of(noisy, {"time": step / self.timesteps})
            rows = np.clip(_rows(noisy, noise, np.sqrt(1 - kept[step]), np.sqrt(kept[step])), *limits)
            of_rows = betas[step] * np.sqrt(before[step]) / (1 - kept[step])
            of_noisy = (1 - before[step]) * np.sqrt(1 - betas[step]) / (1 - kept[step])
            deviation = np.sqrt(betas[step] * (1 - before[step]) / (1 - kept[step]))  # 0 in the last step
            fresh = generator.standard_normal(noisy.shape, np.float32)
            noisy = np.float32(of_rows) * rows + np.float32(of_noisy) * noisy + np.float32(deviation) * fresh
        return noisy


def without_chance(noise_of: Noise, latent: Array, levels: list[Level], limits: Limits | None = None) -> Array:
    """Parts noisy rows into rows and noise at each level, and mixes both by the next one; `limits` hold the rows."""
    import numpy as np

    noisy = rows = latent
    for number, (noise_rate, signal_rate, told) in enumerate(levels):
        noise = noise_of(noisy, told)
        rows = _rows(noisy, noise, noise_rate, signal_rate)
        rows = rows if limits is None else np.clip(rows, *limits)
        if number + 1 < len(levels):
            following = levels[number + 1]
            noisy = np.float32(following.signal_rate) * rows + np.float32(following.noise_rate) * noise
    return rows


def _rows(noisy: Array, noise: Array, noise_rate: Any, signal_rate: Any) -> Array:
    """What is left of noisy rows without their noise."""
    import numpy as np

    return (noisy - np.float32(noise_rate) * noise) / np.float32(signal_rate)
