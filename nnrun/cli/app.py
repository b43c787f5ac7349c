"""The commands in the order in which a person meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from nnrun.cli import (
    bench,
    check,
    cv,
    data,
    doctor,
    evaluate,
    export,
    generate,
    init,
    ls,
    plot,
    predict,
    resume,
    schema,
    show,
    train,
    trust,
)
from nnrun.cli import help as help_
from nnrun.version import __version__

app = typer.Typer(
    name="nnrun",
    help="Train, cross-validate and explain Keras models from one YAML file.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"nnrun {__version__}")
        raise typer.Exit


@app.callback()
def nnrun(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")] = False,
) -> None:
    """Train, cross-validate and explain Keras models from one YAML file."""


_COMMANDS = (
    init.init, train.train, cv.cv, resume.resume, evaluate.evaluate, predict.predict, generate.generate,
    plot.plot, check.check, data.data, show.show, ls.ls, help_.help, schema.schema, bench.bench, doctor.doctor,
    export.export, trust.trust,
)  # fmt: skip
for command in _COMMANDS:
    app.command()(command)
