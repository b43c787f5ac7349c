"""Every example of help in Keras itself: built, compiled, and called on a row of its data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnrun import experiment
from nnrun.config.extends import extended
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.errors import NnrunError
from nnrun.guide import topics
from nnrun.training.division import divide
from nnrun.training.job import Job
from nnrun.training.material import material
from nnrun.training.network import Networks

FAMILIES = (
    "layers", "optimizers", "schedules", "losses", "metrics", "callbacks", "initializers", "regularizers",
    "constraints", "activations", "ops", "dtype_policies", "blocks", "preparations", "tasks",
)  # fmt: skip

# What the check accepts and Keras 3.15 on TensorFlow does not do.
KERAS = {
    "Equalization": "it gives back the very tensor that it was called on",
    "ops.adaptive_average_pool": "it tells another shape than it gives",
    "ops.adaptive_max_pool": "it tells another shape than it gives",
    "ops.conv_transpose": "it forgets its data_format in a graph",
    "ops.geomspace": "its shapes do not broadcast",
    "ops.isin": "no graph: it asks a symbolic tensor for true or false",
    "ops.kron": "no graph: it asks a symbolic tensor for a whole number",
    "ops.nanmedian": "no graph",
    "ops.nanpercentile": "no graph",
    "ops.nanquantile": "no graph",
    "ops.rearrange": "it multiplies the unknown size of the batch",
    "ops.view_as_complex": "it multiplies a float by 1j",
    "ops.view_as_real": "needs view_as_complex",
}
# What waits for another part of nnrun.
WAITING = {
    "trained": "it needs a run of the reader's",
    "StringLookup": "columns of text reach no model yet",
    "TextVectorization": "columns of text reach no model yet",
}
KNOWN = {**KERAS, **WAITING}
DATASETS: dict[str, Any] = {}


@pytest.mark.nightly
@pytest.mark.parametrize("family", FAMILIES)
def test_guide_every_example_is_built_by_keras(family: str, tmp_path: Path) -> None:
    failed = {}
    for name in topics.names(family):
        if name not in KNOWN:
            try:
                build(topics.of(family, name)[0].example, tmp_path)
            except (NnrunError, ValueError, TypeError) as error:
                failed[name] = str(error)
    assert failed == {}


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("losses", "crossentropy"),
        ("activations", "leaky_relu"),
        ("ops", "ops.conv"),
        ("layers", "StochasticDepth"),
        ("layers", "Constant"),
    ],
)
def test_guide_examples_that_were_accepted_and_could_not_be_built(family: str, name: str, tmp_path: Path) -> None:
    """What the nightly test above found; the walk itself takes a minute."""
    build(topics.of(family, name)[0].example, tmp_path)


def build(text: str, folder: Path) -> None:
    """A network of the config on its own data; one whose files are the reader's is passed over."""
    document = extended(load_text(text, "example.yaml"), folder / "example.yaml").document
    config, problems = read(document, folder=folder, written=text.encode())
    assert config is not None
    assert problems == []
    if config.data.source.name not in ("sklearn",):
        return
    name = str(config.data.source.to_data())
    dataset = DATASETS.setdefault(name, experiment.read_data(config, experiment.Options()))
    untold: Any = None
    job = Job(config, dataset, divide(config, dataset), untold, untold, untold, Networks())
    Networks().network(config, material(job), job.steps_per_epoch)
