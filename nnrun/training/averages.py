"""Running means of the weights of a network, which a copy of it has: weights that a single step moves little."""

from __future__ import annotations

from typing import Any

from nnrun.model import framework


class Averages:
    """A copy, `model`, of a network; its weights keep the share `ema` of themselves in each step of the optimizer.

    At first they keep less, (1 + steps) / (10 + steps), so that they are soon rid of the weights of the beginning.
    """

    def __init__(self, of: Any, optimizer: Any, ema: float) -> None:
        self.model = framework.keras().models.clone_model(of)
        self.model.set_weights(of.get_weights())
        self._pairs = list(zip(self.model.weights, of.weights, strict=True))
        self._optimizer, self._ema = optimizer, ema

    def follow(self) -> None:
        """Moves the copy behind a step, on TensorFlow."""
        share = self._share(self._optimizer.iterations.value)
        for mean, weight in self._pairs:
            mean.assign(_mean(mean.value, weight.value, share))

    def followed(self, values: dict[int, Any]) -> dict[int, Any]:
        """The new values of the copy behind a step, by the variables' ids, on JAX."""
        share = self._share(values[id(self._optimizer.iterations)])
        return {id(mean): _mean(values[id(mean)], values[id(weight)], share) for mean, weight in self._pairs}

    def _share(self, steps: Any) -> Any:
        ops = framework.keras().ops
        steps = ops.cast(steps, "float32")
        return ops.minimum(self._ema, (1 + steps) / (10 + steps))


def _mean(mean: Any, weight: Any, share: Any) -> Any:
    backend = framework.keras().backend
    if not backend.is_float_dtype(backend.standardize_dtype(weight.dtype)):
        return weight  # a count
    return share * mean + (1 - share) * weight
