"""The smallest trainings that hold every kind of state: a config and its data each, made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Two steps a call and a snapshot at each, so that a second's training has as many places to break as an hour's.
EAGER = "runtime: {steps_per_execution: 2, snapshot_every: 0}\n"
LAZY = "runtime: {steps_per_execution: 2, snapshot_every: 1000}\n"  # only where a signal or an end asks for one
PARTED = "runtime: {device: cpu, devices: 2, strategy: data_parallel, steps_per_execution: 2, snapshot_every: 0}\n"
PARTED_ON_JAX = PARTED.replace("{", "{backend: jax, ")
MESHED_ON_JAX = """\
runtime:
  backend: jax
  device: cpu
  devices: 4
  strategy: model_parallel
  mesh: {batch: 2, model: 2}
  layout: {"hidden.*kernel": [null, model], "hidden.*bias": [model]}
  steps_per_execution: 2
  snapshot_every: 0
"""


@dataclass(frozen=True)
class Experiment:
    """What `nnrun <verb>` is given, and how it ends; `write` puts the config and its data into a folder."""

    name: str
    verb: str
    config: str
    runtime: str = EAGER
    code: int = 0
    backend: str = "tensorflow"

    def write(self, folder: Path) -> Path:
        """The config's path; the data lies beside it."""
        _write_data(folder)
        path = folder / f"{self.name}.yaml"
        path.write_text(self.config + self.runtime)
        return path


DENSE = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 12, test: 6}
model:
  layers:
    - Dense: {units: 4, activation: relu}
    - BatchNormalization
    - Dropout: 0.3
compile:
  optimizer: {Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}}
fit:
  epochs: 4
  batch_size: 8
  callbacks:
    - ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.05}
    - EarlyStopping: {patience: 2, restore_best_weights: true}
report: {figures: [curves]}
"""

CNN = """\
data:
  source: {npz: pictures.npz}
  split: {validation: 8, test: 8}
  augment: [{RandomTranslation: {height_factor: 0.2, width_factor: 0.2}}, {GaussianNoise: 0.1}]
model:
  layers:
    - RandomFlip: horizontal
    - Conv2D: {filters: 2, kernel_size: 3, activation: relu}
    - BatchNormalization
    - Flatten
    - Dropout: 0.25
compile: {optimizer: {SGD: {learning_rate: 0.1, momentum: 0.9}}}
fit: {epochs: 3, batch_size: 8, keep: best}
report: {figures: []}
"""

RNN = """\
data: {source: {npz: waves.npz}, split: {validation: 8, test: 8}}
model:
  layers:
    - SimpleRNN: {units: 3, dropout: 0.2, recurrent_dropout: 0.2}
compile: {optimizer: {RMSprop: {learning_rate: {CosineDecay: {initial_learning_rate: 0.02, decay_steps: 9}}}}}
fit: {epochs: 3, batch_size: 8}
report: {figures: []}
"""

FUNCTIONAL = """\
data: {source: {npz: houses.npz}, target: [price, sold], split: {validation: 8, test: 8}}
model:
  layers:
    - Conv2D: {filters: 2, kernel_size: 3, activation: relu, from: plan}
    - Flatten
    - Dense: {units: 3, activation: relu, name: seen}
    - Dense: {units: 3, activation: relu, from: facts, name: told}
    - Concatenate: {from: [seen, told]}
    - Dropout: 0.2
  outputs:
    price: {Dense: 1}
    sold: {Dense: {units: 1, activation: sigmoid}}
compile:
  optimizer: {Adam: {learning_rate: 0.01}}
  loss: {price: mse, sold: binary_crossentropy}
  metrics: {price: [mae], sold: [accuracy]}
fit:
  epochs: 3
  batch_size: 8
  callbacks: [{EarlyStopping: {patience: 1, monitor: val_price_mae, mode: min}}]
report: {figures: []}
"""

# Two networks, two optimizers, draws of a step and of layers, statistics that only one turn moves.
GAN = """\
data: {source: {npz: pictures.npz}, split: {validation: 8, test: 0}}
recipe: {gan: {latent_dim: 3, conditional: true, discriminator_steps: 2, sheets: 2}}
models:
  generator:
    layers:
      - Concatenate: {from: [latent, label]}
      - Dense: {units: 4, activation: relu}
      - BatchNormalization
      - Dropout: 0.2
      - Dense: {units: 36, activation: sigmoid}
    outputs: {Reshape: [6, 6, 1]}
  discriminator:
    layers:
      - Flatten: {from: picture}
      - Concatenate: {from: [previous, label]}
      - Dense: {units: 4, activation: relu}
      - BatchNormalization
      - Dropout: 0.2
    outputs: {Dense: 1}
compile:
  generator: {optimizer: {Adam: {learning_rate: 0.01}}}
  discriminator: {optimizer: {RMSprop: {learning_rate: 0.01}}}
fit: {epochs: 3, batch_size: 8}
report: {figures: []}
"""

# Two fits in a row on one network: what learns, the optimizer and the size of a batch change between them.
PHASED = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 12, test: 6}
model:
  layers:
    - Dense: {units: 4, activation: relu, name: lower}
    - BatchNormalization
    - Dropout: 0.3
compile: {optimizer: {Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}}}
phases:
  - {name: head, trainable: {lower: false}, fit: {epochs: 2, batch_size: 8}}
  - name: whole
    trainable: {lower: true}
    compile: {optimizer: {SGD: {learning_rate: 0.1, momentum: 0.9}}}
    fit: {epochs: 3, batch_size: 6, callbacks: [{ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.05}}]}
report: {figures: []}
"""

FOLDED = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {test: 0}
model:
  layers:
    - Dense: {units: 4, activation: relu}
    - Dropout: 0.3
fit: {epochs: 2, batch_size: 16, keep: best}
cv: {folds: 3}
report: {figures: []}
"""

# Rows that no two devices can part evenly at an epoch's end, and what keeps a state of its own on every replica.
MIRRORED = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 11, test: 6}
model:
  layers:
    - Dense: {units: 4, activation: relu}
    - BatchNormalization: {synchronized: true}
compile: {optimizer: {Adam: {learning_rate: 0.01, use_ema: true, ema_momentum: 0.9}}}
fit:
  epochs: 4
  batch_size: 8
  callbacks: [{ReduceLROnPlateau: {patience: 1, factor: 0.5, min_delta: 0.05}}]
report: {figures: []}
"""

PADDED = """\
data: {source: {npz: waves.npz}, split: {validation: 9, test: 8}}
model:
  layers:
    - Conv1D: {filters: 2, kernel_size: 3, activation: relu}
    - Flatten
    - Dense: {units: 3, activation: relu}
compile: {optimizer: {Adam: {learning_rate: 0.02}}, metrics: [accuracy, AUC]}
fit:
  epochs: 5
  batch_size: 8
  callbacks: [{EarlyStopping: {patience: 2, min_delta: 0.02, restore_best_weights: true}}]
report: {figures: []}
"""

SHARDED = """\
data: {source: {npz: waves.npz}, split: {validation: 9, test: 8}}
model:
  layers:
    - Flatten
    - Dense: {units: 4, activation: relu, name: hidden}
    - BatchNormalization
    - Dropout: 0.3
compile: {optimizer: {Adam: {learning_rate: 0.02}}, metrics: [accuracy, AUC]}
fit:
  epochs: 4
  batch_size: 8
  callbacks: [{EarlyStopping: {patience: 1, restore_best_weights: true}}]
report: {figures: []}
"""

DIVERGING = """\
data:
  source: {csv: table.csv}
  target: height
  features: [{raw: [weight]}]
  split: {validation: 12, test: 6}
model: {layers: [{Activation: linear}]}
compile: {optimizer: {SGD: {learning_rate: 10.0}}}
fit: {epochs: 6, batch_size: 8}
report: {figures: []}
"""

EXPERIMENTS = {
    experiment.name: experiment
    for experiment in (
        Experiment("dense", "train", DENSE),
        Experiment("cnn", "train", CNN),
        Experiment("rnn", "train", RNN),
        Experiment("functional", "train", FUNCTIONAL),
        Experiment("gan", "train", GAN),
        Experiment("phased", "train", PHASED),
        Experiment("folded", "cv", FOLDED),
    )
}
# The same on several devices, of which the CPU's parts stand in; on JAX a convolution is trained by other programs.
ON_DEVICES = {
    experiment.name: experiment
    for experiment in (
        Experiment("mirrored", "train", MIRRORED, PARTED),
        Experiment("padded", "train", PADDED, PARTED),
        Experiment("sharded", "train", SHARDED, PARTED_ON_JAX, backend="jax"),
        Experiment("convolved", "train", CNN, PARTED_ON_JAX, backend="jax"),
        Experiment("meshed", "train", SHARDED, MESHED_ON_JAX, backend="jax"),
    )
}
DIVERGES = Experiment("diverging", "train", DIVERGING, code=5)


def lengthened(name: str, epochs: int) -> Experiment:
    """An experiment with more epochs and few snapshots: what is stopped from outside."""
    base = EXPERIMENTS[name]
    head, _, tail = base.config.partition("epochs: ")
    config = f"{head}epochs: {epochs}{tail[1:]}".replace("patience: 2", f"patience: {epochs}")
    return Experiment(f"{name}-{epochs}", base.verb, config, LAZY)


def _write_data(folder: Path) -> None:
    """Every data file, the same bytes each time."""
    numbers = np.random.default_rng(0)
    rows = ["height,weight,colour,kind"]
    for index in range(42):
        kind = index % 3
        height, weight = numbers.normal(kind, 1.0, 2)
        rows.append(f"{height:.3f},{weight:.3f},{('red', 'blue')[index // 3 % 2]},{'abc'[kind]}")
    (folder / "table.csv").write_text("\n".join(rows) + "\n")
    labels = np.arange(40) % 2
    pictures = numbers.integers(0, 128, (40, 6, 6, 1)) + labels[:, None, None, None] * 80
    np.savez(folder / "pictures.npz", picture=pictures.astype(np.uint8), label=labels)
    waves = np.sin(np.arange(5) * (1 + labels[:, None])) + numbers.normal(0, 0.3, (40, 5))
    np.savez(folder / "waves.npz", wave=waves[..., None].astype(np.float32), label=labels)
    facts = numbers.normal(0, 1, (40, 3)).astype(np.float32)
    price = (facts.sum(axis=1) + labels).astype(np.float32)
    np.savez(folder / "houses.npz", plan=pictures / np.float32(255), facts=facts, price=price, sold=labels)
