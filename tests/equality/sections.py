"""Parts of configs, and the small data that they name: 62 rows, of which 43 train, 13 validate and 6 test."""

from __future__ import annotations

from pathlib import Path

import numpy as np

PAD = {"remainder": "pad"}
DROP = {"remainder": "drop"}

CLASSES = """\
data:
  source: {synthetic: {make: classification, rows: 62, features: 6, classes: 3}}
  split: {strategy: random, validation: 13, test: 6}
"""
TWO_CLASSES = CLASSES.replace("classes: 3", "classes: 2")
NUMBERS = """\
data:
  source: {synthetic: {make: friedman, rows: 62, features: 6}}
  target: {columns: target, steps: [normalize]}
  split: {validation: 13, test: 6}
"""
WEIGHTED = """\
data:
  source: {csv: table.csv}
  target: kind
  weight: share
  split: {strategy: random, validation: 13, test: 6}
"""
PICTURES = "data: {source: {npz: pictures.npz}, split: {strategy: random, validation: 13, test: 6}}\n"
HOUSES = "data: {source: {npz: houses.npz}, target: [price, sold], split: {validation: 13, test: 6}}\n"
WORDS = """\
data: {source: {npz: sentences.npz}, split: {validation: 13, test: 6}}
"""
SOLD = "data: {source: {npz: sold.npz}, target: sold, split: {validation: 13, test: 6}}\n"
WAVES = """\
data:
  source: {sine: {rows: 70, periods: [9]}}
  windows: {length: 5, horizon: 1}
  split: {validation: 13, test: 6}
"""

DENSE = "model: {layers: [{Dense: {units: 4, activation: tanh}}]}\n"
CONVOLUTIONS = """\
model:
  layers:
    - Conv2D: {filters: 3, kernel_size: 3, activation: relu}
    - MaxPooling2D
    - Flatten
"""
TWO_TOWERS = """\
model:
  layers:
    - Flatten: {from: plan}
    - Dense: {units: 3, activation: relu, name: seen}
    - Dense: {units: 3, activation: relu, from: facts, name: told}
    - Concatenate: {from: [seen, told]}
  outputs:
    price: {Dense: 1}
    sold: {Dense: {units: 1, activation: sigmoid}}
"""
FIT = "fit: {epochs: 2, batch_size: 8}\n"


def fit(words: str, epochs: int = 2, batch_size: int = 8) -> str:
    """The section `fit` with some more keys."""
    return f"fit: {{epochs: {epochs}, batch_size: {batch_size}, {words}}}\n"


def optimizer(written: str) -> str:
    """The section `compile` with an optimizer."""
    return f"compile: {{optimizer: {{{written}}}}}\n"


SGD = optimizer("SGD: {learning_rate: 0.05, momentum: 0.9, nesterov: true}")


def write_data(folder: Path) -> None:
    """The files that the rows name."""
    draw = np.random.default_rng(0)
    rows = 62
    lines = ["height,colour,share,kind"]
    for number in range(rows):
        kind = number % 3
        colour = ("red", "blue", "green")[(number // 3 + kind) % 3]
        lines.append(f"{draw.normal(kind):.3f},{colour},{draw.uniform(0.2, 3):.3f},{'abc'[kind]}")
    (folder / "table.csv").write_text("\n".join(lines) + "\n")
    labels = np.arange(rows) % 2
    pictures = draw.uniform(0, 1, (rows, 6, 6, 1)) + labels[:, None, None, None]
    pictures = pictures.astype(np.float32)
    np.savez(folder / "pictures.npz", picture=pictures, label=labels)
    facts = draw.normal(0, 1, (rows, 3)).astype(np.float32)
    price = (facts.sum(axis=1) + labels).astype(np.float32)
    np.savez(folder / "houses.npz", plan=pictures, facts=facts, price=price, sold=labels)
    np.savez(folder / "sold.npz", plan=pictures, facts=facts, sold=labels)
    words = draw.integers(0, 9, (rows, 6))
    np.savez(folder / "sentences.npz", word=words, label=labels)
    np.savez(folder / "words.npz", word=words, label=words % 3)
    np.savez(folder / "masks.npz", picture=pictures, label=(pictures > 0.8).astype(np.int64))
