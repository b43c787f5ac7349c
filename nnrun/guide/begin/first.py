"""What a first config is made of: where its data lies, which source reads it, and what is written."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nnrun.check import examine
from nnrun.config.loader import load_text
from nnrun.config.read import read
from nnrun.data.files import Roots
from nnrun.errors import ConfigError, UsageError, did_you_mean, listing, one_of

_FOLDER = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True)
class First:
    """The text of a first config, what was noticed on the way, and the command that trains it."""

    text: str
    notes: tuple[str, ...]
    command: str


@dataclass(frozen=True)
class Place:
    """How a config names its data: a path, looked up in `roots`; `data_root` where no folder leads there by itself."""

    written: str
    roots: Roots
    data_root: Path | None = None


@cache
def templates() -> tuple[str, ...]:
    """The templates: the files of their folder."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def from_template(name: str, file: Path) -> First:
    """A template, word for word."""
    if name not in templates():
        hint = did_you_mean(name, templates())
        raise UsageError(f"there is no template {name!r}", expected=one_of(templates(), hint), hint=hint)
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return First(text.replace("FILE.yaml", shlex.quote(str(file))), (), _command(file, None))


def from_data(data: Path, target: str | None, file: Path) -> First:
    """A config for a table, for arrays or for a folder of pictures."""
    from nnrun.guide.begin import arrays, pictures, table

    if not data.exists():
        raise UsageError(f"there is no {str(data)!r}", expected="a table, a .npz file, or a folder of pictures")
    place = _place(data, file)
    endings = {".npz": arrays.page, ".csv": table.page, ".tsv": table.page, ".txt": table.page, ".data": table.page}
    kind = next((suffix for suffix in reversed(data.suffixes) if suffix != ".gz"), "")
    page = pictures.page if data.is_dir() else endings.get(kind.lower())
    if page is None:
        raise UsageError(
            f"{data.name} is of no kind that init reads",
            expected=f"a folder of pictures, or a file that ends in {listing(sorted(endings))}, packed or not",
            hint="`nnrun help sources` lists every source; write `data.source` by hand",
        )
    command = _command(file, place.data_root)
    text, notes = page(place, target, f"# {_title(data, target)} Run: {command}\n")
    return First(_checked(text, file, place.roots), notes, command)


def _title(data: Path, target: str | None) -> str:
    return f"{target} of {data.name}." if target else f"{data.name}."


def _place(data: Path, file: Path) -> Place:
    """The path of the data from the config's folder, the current one, or NNRUN_DATA; else its name alone."""
    named = [file.parent, Path.cwd(), os.environ.get("NNRUN_DATA")]
    roots = Roots(file.parent, tuple(Path(root) for root in named[1:] if root))
    real = data.resolve()
    for folder in roots.folders():
        if real.is_relative_to(folder) and real != folder:
            return Place(real.relative_to(folder).as_posix(), roots)
    return Place(real.name, Roots(file.parent, (*roots.roots, real.parent)), real.parent)


def _command(file: Path, data_root: Path | None) -> str:
    root = f" --data-root {shlex.quote(str(data_root))}" if data_root else ""
    return f"nnrun train {shlex.quote(str(file))}{root}"


def _checked(text: str, file: Path, roots: Roots) -> str:
    """The text, once `nnrun check` has nothing against it."""
    config, problems = read(load_text(text, str(file)), folder=file.parent, written=text.encode())
    found = [*problems, *(examine(config, roots).problems if config is not None else ())]
    if found:
        raise ConfigError(found)
    return text
