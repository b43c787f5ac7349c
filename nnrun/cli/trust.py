"""`nnrun trust FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from nnrun.cli import options as o


def trust(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="A Python file of yours.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="What is approved on this machine.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take the approval of FILE back.")] = False,
    as_json: o.Json = False,
) -> None:
    """Approve a Python file, as it is now, to be run by configs that name it under plugins.

    Read it first: it may do whatever you may do. Nothing of it runs here.

    Example: nnrun trust configs/own_layer.py
    """
    from nnrun import trust as approvals
    from nnrun.errors import UsageError

    console = o.console(as_json=as_json)
    if list_ == (file is not None) or (revoke and file is None):
        raise UsageError("trust takes a file, or --list", hint="`nnrun trust blocks.py`, `nnrun trust --list`")
    if file is None:
        notes = approvals.approvals()
        rows = [{"file": note.file, "sha256": note.sha256, "approved": note.approved} for note in notes]
        console.json(rows)
        console.table(rows)
        if not rows:
            console.say("nothing is approved")
        return
    if revoke:
        count = approvals.revoke(file)
        if not count:
            raise UsageError(f"{file} is not approved", hint="`nnrun trust --list` shows what is")
        console.json({"file": str(file), "revoked": count})
        console.result(f"{file}: no longer approved")
        return
    found = approvals.approve(file)
    rows = _rows(found)
    console.json({"file": str(file), "sha256": found.sha256, "defines": rows})
    console.table(rows)
    console.result(f"sha256 {found.sha256}")
    console.result(f"{file}: approved, as it is now")


def _rows(found: Any) -> list[dict[str, Any]]:
    """A line for each name: the families that it is in, and what it takes."""
    slots: dict[str, list[str]] = {}
    for slot, name in found.components:
        slots.setdefault(name, []).append(slot)
    return [
        {
            "name": name,
            "among": " and ".join(families),
            "takes": ", ".join(parameter.name for parameter in found.components[families[0], name].parameters),
        }
        for name, families in slots.items()
    ]
