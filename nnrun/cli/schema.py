"""`nnrun schema`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def schema(
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write it there.")] = None,
) -> None:
    """Print the JSON Schema (draft 7) of a config, with which an editor completes and checks it.

    Example: nnrun schema --output nnrun.schema.json
    """
