"""`nnrun schema`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write it there, in place of printing it.")
    ] = None,
) -> None:
    """Print the JSON Schema (draft 7) of a config, with which an editor completes and checks what is typed.

    Example: nnrun schema --output nnrun.schema.json
    """
    from nnrun.guide.schema import schema as made

    console = o.console(as_json=output is None)
    if output is None:
        console.json(made())
        return
    from nnrun.storage.atomic import write_text

    write_text(output, json.dumps(made(), indent=1, ensure_ascii=False) + "\n")
    console.result(str(output))
