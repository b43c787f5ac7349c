"""The gallery: configs, what the examples publish about them, and the page that both make."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import data_others
import data_vision

from nnrun import experiment
from nnrun.check import examine
from nnrun.config import load_config
from nnrun.config.config import Config
from nnrun.data.files import Roots
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic
from nnrun.training.division import divide
from nnrun.training.material import prepared

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "gallery.md"
NAMES = sorted(path.stem for path in HERE.glob("*.yaml"))
MAKERS = {**data_vision.DATA, **data_others.DATA}
PARTS = ("model", "data", "training", "evaluation")
EXPRESSIBLE = 80  # of the examples; the others need Python of their own


@dataclass(frozen=True)
class Row:
    """A line of the tables: what an example publishes, and which parts of it a config says as it does.

    Several configs of one example have its name and a word of their own: `involution.convolution`.
    """

    name: str
    parameters: int | None
    source: str
    says: Mapping[str, bool]
    waits_for: str
    note: str

    @property
    def example(self) -> str:
        return self.name.partition(".")[0]

    @property
    def is_whole(self) -> bool:
        return all(self.says.values())


@cache
def rows() -> tuple[Row, ...]:
    """Every line of the tables, those of one example together."""
    found = []
    for table in sorted(HERE.glob("published_*.csv")):
        with table.open(encoding="utf-8", newline="") as stream:
            for line in csv.DictReader(stream):
                says = {part: line[part] == "yes" for part in PARTS}
                published = int(line["parameters"]) if line["parameters"] else None
                found.append(Row(line["example"], published, line["source"], says, line["waits_for"], line["note"]))
    return tuple(sorted(found, key=lambda row: row.name))


def row_of(name: str) -> Row:
    """The line of a config."""
    return next(row for row in rows() if row.name == name)


def is_of_keras(name: str) -> bool:
    """Whether a config takes a data set of Keras, in whose place generated rows are read."""
    return load_config(HERE / f"{name}.yaml").data.source.name == "keras"


def overrides(name: str) -> list[str]:
    """What makes a config train on few generated rows: the data's files, small parts, small batches, one epoch."""
    config = load_config(HERE / f"{name}.yaml")
    found = ["fit.epochs=1", "fit.batch_size=2"]
    if is_of_keras(name):
        found.append(f"data.source={{npz: {name}.npz}}")
    for part in ("validation", "test"):
        count = getattr(config.data.split, part, 0) if config.data.split else 0
        if isinstance(count, int) and count:
            found.append(f"data.split.{part}=0.25")
    return found


def parameters(config: Config, options: experiment.Options) -> int | None:
    """The parameters of a config by arithmetic, on its data; None where a layer is beyond that."""
    if config.models:
        roots = Roots(HERE, (Path(options.data_root),) if options.data_root else ())
        counts = [row.parameters for row in examine(config, roots).rows]
        return None if None in counts else sum(count or 0 for count in counts)
    dataset = experiment.read_data(config, options)
    made = prepared(config, dataset, divide(config, dataset).train)
    heads, measure = {name: answer.task.head() for name, answer in made.answers.items()}, Arithmetic()
    layers = measure.rows(expand(config.model, made.shapes, heads, made.facts, measure))
    known = [layer.parameters for layer in layers if layer.parameters is not None]
    return sum(known) if len(known) == len(layers) else None


def page() -> str:
    """docs/gallery.md."""
    examples: dict[str, list[Row]] = {}
    for row in rows():
        examples.setdefault(row.example, []).append(row)
    whole = sum(all(row.is_whole for row in found) for found in examples.values())
    modelled = sum(all(row.says["model"] for row in found) for found in examples.values())
    lines = [
        "# The gallery",
        "",
        f"The public gallery of keras.io has {EXPRESSIBLE} examples that a config could say with no Python of its own;",
        f"the others need some. **{whole} of them are said whole**: model, form of the data, training and evaluation",
        "are as in the example, but for small differences (a random crop that is shifted and zoomed, say), with which",
        f"each config opens. Of {modelled} the model is said. They lie in",
        "[`tests/gallery/`](../tests/gallery) under the name of their example. Data was",
        "turned once into a form that nnrun reads; networks that begin with trained weights begin with random ones.",
        "Tests check every config on generated data of the published shapes, hold its parameters equal to the",
        "published ones, and train each for two steps, most of them by night.",
        "",
        "| example | model | data | training | evaluation | parameters, ours = published | waits for |",
        "|---|---|---|---|---|---|---|",
    ]
    for example, found in sorted(examples.items(), key=lambda item: item[0].lower()):
        marks = " | ".join("yes" if all(row.says[part] for row in found) else "no" for part in PARTS)
        counts = " and ".join(f"{row.parameters:,}" for row in found if row.parameters is not None)
        waits = "; ".join(dict.fromkeys(row.waits_for for row in found if row.waits_for))
        linked = f"[{example}](../tests/gallery/{example}.yaml)" if example in NAMES else example
        lines.append(f"| {linked} | {marks} | {counts} | {waits} |")
    lines += ["", "An empty count: the example prints none.", ""]
    return "\n".join(lines)
