"""Train, cross-validate and explain Keras models from one YAML file.

```python
import nnrun

run = nnrun.train("configs/cnn.yaml", overrides=["fit.epochs=5"])
print(run.path, run.metrics["test"])
```
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.version import __version__

if TYPE_CHECKING:
    from nnrun.config import Config
    from nnrun.runs.run import Run

__all__ = ["Run", "__version__", "cross_validate", "evaluate", "load_config", "predict", "resume", "train"]


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> Config:
    """The checked config of a YAML file; raises `ConfigError` with every problem at once."""
    from nnrun.config import load_config

    return load_config(path, overrides)


def train(config: str | Path | Config, *, overrides: Sequence[str] = (), **options: Any) -> Run:
    """Trains once and gives the run; `options` are those of `nnrun.experiment.Options`: runs, name, data_root, ..."""
    from nnrun import experiment

    chosen = experiment.Options(**options)
    return experiment.train(experiment.load(config, overrides, chosen), chosen)


def cross_validate(config: str | Path | Config, *, overrides: Sequence[str] = (), **options: Any) -> Run:
    """Trains once a fold and gives the run whose `children` are the folds; `options` as for `train`."""
    from nnrun import experiment

    chosen = experiment.Options(**options)
    loaded = experiment.load(config, overrides, chosen, cross_validation=True)
    return experiment.cross_validate(loaded, chosen)


def resume(path: str | Path, *, overrides: Sequence[str] = (), **options: Any) -> Run:
    """Goes on with a run that was stopped or killed, to the same bits; `overrides` may change epochs and patience."""
    from nnrun import experiment

    return experiment.resume(path, overrides, experiment.Options(**options))


def predict(path: str | Path, data: str | Path, **options: Any) -> list[dict[str, Any]]:
    """What a run answers to the rows of a file or folder, a mapping each, with the columns of `nnrun predict`."""
    from nnrun import experiment, prediction

    found = prediction.predict(path, Path(data), experiment.Options(**options))
    return [dict(zip(found.columns, row, strict=True)) for block in found.blocks for row in block]


def evaluate(
    path: str | Path, data: str | Path | None = None, *, part: str | None = None, **options: Any
) -> dict[str, float]:
    """The scores of a run on a part of its own rows (the test part), or on a labelled file; of folds their means."""
    from nnrun import experiment, prediction

    file = None if data is None else Path(data)
    return prediction.evaluate(path, file, part, experiment.Options(**options)).means


def __getattr__(name: str) -> Any:
    if name == "Run":  # lazily: `import nnrun` costs nothing until something is asked for
        from nnrun.runs.run import Run

        return Run
    raise AttributeError(f"module 'nnrun' has no attribute {name!r}")
