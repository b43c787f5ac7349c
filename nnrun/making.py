"""The verb that makes rows with a run that is over, by a recipe whose networks make some."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnrun.config import Config, load_config
from nnrun.errors import RunError, UsageError, did_you_mean, listing
from nnrun.model import framework, own_files
from nnrun.runs.run import Run, place
from nnrun.storage import atomic, pictures

if TYPE_CHECKING:
    import numpy as np

COUNT = 64
COLUMNS = 8  # of a sheet


@dataclass(frozen=True)
class Made:
    """Rows (count, ...) that a run has made, and of classes the name of each row's."""

    rows: np.ndarray[Any, Any]
    classes: tuple[str, ...] = ()


def makes_rows(path: Path) -> bool:
    """Whether a run makes rows of its own."""
    return (path / "samples.npz").is_file()


def make(
    path: Path,
    count: int | None = None,
    of_class: str | None = None,
    seed: int | None = None,
    to_class: str | None = None,
) -> Made:
    """Rows by the network of a run; of one class, or of all in turn. The same seed gives the same rows.

    With `to_class` all are made of the same random numbers, and go over from the one class to the other.
    """
    run, config = _opened(path)
    import numpy as np

    from nnrun.training.maker import Maker
    from nnrun.training.recipes import LATENT

    count, names = count or (COUNT if to_class is None else COLUMNS), _classes(path)
    for name in (of_class, to_class):
        if name is not None:
            _require_class(run, name, names)
    labels = _labels(names, count, of_class, to_class)
    framework.use(config.runtime.backend)
    with config.names(), own_files.known_to_keras():
        maker, seed = Maker.of_run(path, config), seed or 0
        given = maker.draw(count, labels, seed)
        if to_class is not None:
            given[LATENT] = np.repeat(given[LATENT][:1], count, axis=0)
        rows = maker.make(given, [seed, 1])
    return Made(rows, tuple(names[int(row.argmax())] for row in labels) if labels is not None else ())


def write(made: Made, output: Path) -> list[Path]:
    """Rows as files: FILE.npz, FILE.png (a sheet), else a folder of pictures with their sheet. Gives their paths."""
    import numpy as np

    if output.suffix == ".npz":
        labels = {"classes": np.asarray(made.classes)} if made.classes else {}
        atomic.write_npz(output, {"samples": made.rows, **labels})
        return [output]
    if not pictures.is_picture(made.rows.shape[1:]):
        shape = " x ".join(map(str, made.rows.shape[1:]))
        raise UsageError(f"the run makes rows of {shape} numbers, which are no pictures", hint="`--output FILE.npz`")
    sheet = pictures.sheet(made.rows, min(COLUMNS, len(made.rows)))
    if output.suffix == ".png":
        pictures.write(output, sheet)
        return [output]
    atomic.make_folder(output)
    written = [output / "sheet.png"]
    pictures.write(written[0], sheet)
    for number, row in enumerate(pictures.ranged(made.rows)):
        name = f"-{made.classes[number]}" if made.classes and made.classes[number].isalnum() else ""
        written.append(output / f"{number:04}{name}.png")
        pictures.write(written[-1], row)
    return written


def _opened(path: Path) -> tuple[Run, Config]:
    run = Run.open(path)
    if not (path / "model.keras").is_file():
        raise RunError(f"{place(path)} has no model yet", hint=f"`nnrun resume {place(path)}` goes on with it")
    return run, load_config(path / "resolved.yaml")


def _classes(path: Path) -> list[str]:
    """The names of the classes that rows are made of; none where they are made of none."""
    told = json.loads((path / "preparation" / "preparation.json").read_bytes())
    return [str(name) for name in told["targets"].get("label", {}).get("classes", [])]


def _labels(names: list[str], count: int, of_class: str | None, to_class: str | None) -> Any:
    """The class of each row, one-hot, or some of one and some of another; None where there are no classes."""
    import numpy as np

    if not names:
        return None
    classes = np.eye(len(names), dtype=np.float32)
    if of_class is None:
        return classes[np.arange(count) % len(names)]
    share = np.linspace(0, 1, count, dtype=np.float32)[:, None] if to_class is not None else np.zeros((count, 1))
    first, last = names.index(of_class), names.index(to_class or of_class)
    return np.asarray(classes[first] * (1 - share) + classes[last] * share, np.float32)


def _require_class(run: Run, of_class: str, names: list[str]) -> None:
    if not names:
        raise UsageError(
            f"{place(run.path)} makes rows of no class", hint="leave --class out; train with `conditional`"
        )
    if of_class not in names:
        hint = did_you_mean(of_class, names)
        raise UsageError(
            f"{place(run.path)} knows no class {of_class!r}", expected=f"one of {listing(names)}", hint=hint
        )
