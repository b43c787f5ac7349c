"""`nnrun init FILE.yaml`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o
from nnrun.errors import UsageError

_DEFAULT = "classification"


def init(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE.yaml", help="Where to write it; default: named like data or template."),
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", metavar="NAME", help="Begin with one of the templates.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="PATH", help="A table, a .npz file, or a folder of pictures.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="COLUMN", help="What of the data is to be learned.")
    ] = None,
    from_model: Annotated[
        Path | None, typer.Option("--from-model", metavar="MODEL.keras", help="A saved Keras model, as a config.")
    ] = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Write a first config with comments, from a template, from a look at your data, or from a saved model.

    Example: nnrun init house.yaml --data houses.csv --target price
    """
    from nnrun.guide import begin
    from nnrun.storage.atomic import write_text

    console = o.console(quiet=quiet, as_json=as_json)
    if data is not None and template is not None:
        raise UsageError("--data and --template are two ways to begin", expected="one of them")
    if target is not None and data is None:
        raise UsageError("--target names what of the data is to be learned", expected="`--data PATH` beside it")
    if from_model is not None and (data or template):
        raise UsageError("--from-model is a way to begin of its own", expected="no --data and no --template beside it")
    path = _path(file, data or from_model, template)
    if path.exists():
        raise UsageError(f"{path} exists already, and is never overwritten", hint="give another name")
    if from_model is not None:
        from nnrun.transcribe.text import from_model as read

        text, left = read(from_model)
        write_text(path, text)
        for sentence in left:
            console.say(f"left out: {sentence}")
        console.json({"config": str(path), "notes": left, "next": f"nnrun check {path}"})
        console.result(f"{path}\nnnrun check {path}")
        return
    look = begin.from_template(template or _DEFAULT, path) if data is None else begin.from_data(data, target, path)
    write_text(path, look.text)
    for note in look.notes:
        console.say(note)
    if data is None and template is None:
        console.say(f"the template {_DEFAULT}; there are: {', '.join(begin.templates())}")
    console.json({"config": str(path), "notes": list(look.notes), "next": look.command})
    console.result(f"{path}\n{look.command}")


def _path(file: Path | None, data: Path | None, template: str | None) -> Path:
    """The file as it was named, or named like what it begins with."""
    if file is None:
        name = data.resolve().name.partition(".")[0] if data is not None else template or "config"
        return Path(f"{name}.yaml")
    return file if file.suffix in (".yaml", ".yml") else file.with_name(f"{file.name}.yaml")
