"""Fifty trainings that lose their loss: dense, convolutional and recurrent, by rates, weights, rows and losses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

MODELS = {
    "dense": "[{Dense: {units: 4, activation: relu}}]",
    "linear": "[{Dense: 4}]",
    "cnn": "[{Conv2D: {filters: 2, kernel_size: 3, padding: same}}, Flatten]",
    "rnn": "[{SimpleRNN: {units: 3, activation: linear}}]",
}
SOURCES = {"dense": "table", "linear": "table", "cnn": "pictures", "rnn": "waves"}


@dataclass(frozen=True)
class Diverging:
    """A config that diverges, on the data that `write_data` makes."""

    name: str
    model: str = "dense"
    layers: str = ""
    optimizer: str = "{SGD: 0.001}"
    loss: str = "mse"
    source: str = ""
    validation: int = 9
    fit: str = ""
    runtime: str = ""
    task: str = "regression"

    def write(self, folder: Path) -> Path:
        """The config's path."""
        path = folder / f"{self.name.replace(' ', '-')}.yaml"
        path.write_text(
            f"seed: {len(self.name)}\n"
            f"data: {{source: {{npz: {self.source or SOURCES[self.model]}.npz}}, target: y,"
            f" split: {{validation: {self.validation}, test: 5}}}}\n"
            f"task: {self.task}\n"
            f"model: {{layers: {self.layers or MODELS[self.model]}}}\n"
            f"compile: {{optimizer: {self.optimizer}, loss: {self.loss}}}\n"
            f"fit: {{epochs: 12, batch_size: 8{self.fit}}}\n"
            f"runtime: {{snapshot_every: 0{self.runtime}}}\n"
            "report: {figures: []}\n"
        )
        return path


BEST, IN_ORDER = ", keep: best", ", shuffle: false"
ONE, THREE = ", steps_per_execution: 1", ", steps_per_execution: 3"


def later(last: int, rate: str = "1.0e+30") -> str:
    """SGD whose rate is well up to a step, counted from 0, and too large behind it."""
    return f"{{SGD: {{learning_rate: {{PiecewiseConstantDecay: {{boundaries: [{last}], values: [1.0e-4, {rate}]}}}}}}}}"


def _by_rate() -> list[Diverging]:
    """A rate that is too large, at once or later."""
    rates = (("1.0e+3", BEST, ""), ("1.0e+9", "", ONE), ("1.0e+37", IN_ORDER, THREE))
    found = [
        Diverging(f"{model} rate {rate}", model, optimizer=f"{{SGD: {rate}}}", fit=fit, runtime=runtime)
        for model in MODELS
        for rate, fit, runtime in rates
    ]
    # The rate of the step behind this one; 17 is the last step of an epoch, whose own loss is a number still.
    kept = [("linear", 12, BEST), ("linear", 16, BEST), ("linear", 30, BEST), ("cnn", 16, BEST), ("rnn", 23, "")]
    for model, last, fit in kept:
        found.append(Diverging(f"{model} later {last}", model, optimizer=later(last), fit=fit))
    return found


def _by_optimizer() -> list[Diverging]:
    """The optimizers with a memory of their own."""
    optimizers = {
        "momentum": "{SGD: {learning_rate: 1.0e+4, momentum: 0.9}}",
        "nesterov": "{SGD: {learning_rate: 1.0e+4, momentum: 0.9, nesterov: true}}",
        "adam": "{Adam: 1.0e+25}",
        "averaging": "{Adam: {learning_rate: 1.0e+25, use_ema: true}}",
        "rmsprop": "{RMSprop: 1.0e+25}",
        "adagrad": "{Adagrad: 1.0e+30}",
        "accumulating": "{SGD: {learning_rate: 1.0e+7, gradient_accumulation_steps: 2}}",
    }
    return [
        Diverging(name, "linear", optimizer=written, fit=BEST if place % 2 else "", validation=9 * (place % 3 > 0))
        for place, (name, written) in enumerate(optimizers.items())
        if not (place % 2 and place % 3 == 0)
    ] + [Diverging("adagrad kept", "linear", optimizer=optimizers["adagrad"], fit=BEST)]


def _by_rows() -> list[Diverging]:
    """Values in one row that no square can hold; the source's name says what they are."""
    kinds = (("large", BEST, ""), ("answer", IN_ORDER, THREE), ("huge", "", ONE))
    return [
        Diverging(f"{kind} {model}", model, source=f"{kind}-{SOURCES[model]}", fit=fit, runtime=runtime)
        for model in ("linear", "cnn", "rnn")
        for kind, fit, runtime in kinds
    ]


def _by_activation() -> list[Diverging]:
    """Layers that grow until nothing holds them."""
    wide = "Dense: {units: 8, kernel_initializer: {RandomNormal: {stddev: 1.0e+9}}}"
    growing = "SimpleRNN: {units: 4, activation: %s, recurrent_initializer: {RandomNormal: {stddev: 1.0e+8}}}"
    stacks = {
        "exponential": ("linear", "[{Dense: {units: 4, activation: exponential, kernel_initializer: "
                                  "{RandomNormal: {stddev: 60}}}}]"),
        "deep": ("linear", f"[{', '.join([f'{{{wide}}}'] * 5)}]"),
        "growing": ("rnn", f"[{{{growing % 'linear'}}}]"),
        "growing relu": ("rnn", f"[{{{growing % 'relu'}}}]"),
        "deep cnn": ("cnn", "[{Conv2D: {filters: 2, kernel_size: 3, kernel_initializer: {RandomNormal: "
                            "{stddev: 1.0e+20}}}}, Flatten]"),
    }  # fmt: skip
    return [Diverging(name, model, layers) for name, (model, layers) in stacks.items()] + [
        Diverging(f"{name} kept", model, layers, fit=BEST) for name, (model, layers) in stacks.items()
    ]


def _by_loss() -> list[Diverging]:
    """Losses that are not defined everywhere, or fall without end."""
    return [
        Diverging("poisson", "linear", loss="poisson"),
        Diverging("poisson kept", "dense", loss="poisson", fit=BEST),
        Diverging("poisson cnn", "cnn", loss="poisson"),
        Diverging("poisson rnn", "rnn", loss="poisson", validation=0),
        Diverging("without end", "linear", optimizer="{SGD: 1.0e+12}", loss="log_cosh"),
        Diverging("classes", "linear", source="classes", task="multiclass", optimizer="{SGD: 1.0e+38}",
                  loss="sparse_categorical_crossentropy"),
        Diverging("classes cnn", "cnn", source="labels", task="multiclass", optimizer="{SGD: 3.0e+38}",
                  loss="sparse_categorical_crossentropy", fit=BEST),
    ]  # fmt: skip


EVERY = [*_by_rate(), *_by_optimizer(), *_by_rows(), *_by_activation(), *_by_loss()]
SOME = EVERY[::3]


def write_data(folder: Path) -> None:
    """Every data file: 60 rows, good ones, and with one bad row that is trained on."""
    numbers = np.random.default_rng(0)
    inputs = {
        "table": numbers.normal(size=(60, 3)),
        "pictures": numbers.normal(size=(60, 4, 4, 1)),
        "waves": numbers.normal(size=(60, 5, 2)),
    }
    for name, given in inputs.items():
        x = given.astype(np.float32)
        y = x.reshape(60, -1)[:, :3].sum(axis=1)
        np.savez(folder / f"{name}.npz", x=x, y=y)
        for kind, row, value in (("large", 31, 1e25), ("huge", 48, 1e37)):
            changed = x.copy()
            changed[row] = value
            np.savez(folder / f"{kind}-{name}.npz", x=changed, y=y)
        answers = y.copy()
        answers[22] = 3e25
        np.savez(folder / f"answer-{name}.npz", x=x, y=answers)
    labels = np.arange(60) % 3
    far = inputs["table"].astype(np.float32)
    np.savez(folder / "far.npz", x=far, y=30 * far.sum(axis=1))
    np.savez(folder / "classes.npz", x=inputs["table"].astype(np.float32), y=labels)
    np.savez(folder / "labels.npz", x=inputs["pictures"].astype(np.float32), y=labels)
