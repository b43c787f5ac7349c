"""`nnrun generate RUN`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nnrun.cli import options as o


def generate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's folder, or its name in the folder of the runs.")],
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="TEXT", help="What a text begins with; default: the config's.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="How many; default: 1.")] = None,
    max_length: Annotated[
        int | None, typer.Option("--max-length", min=1, help="Tokens behind the prompt; default: 200.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option("--temperature", min=0.0, help="Below 1 safer, above it bolder; default: 1.")
    ] = None,
    top_k: Annotated[
        int | None, typer.Option("--top-k", min=1, help="Draw from so many of the most probable tokens alone.")
    ] = None,
    top_p: Annotated[
        float | None, typer.Option("--top-p", min=1e-9, max=1.0, help="Draw from the fewest that are so probable together.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of the draws; default: 0.")] = None,
    runs: o.Runs = Path("runs"),
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Make texts with a trained language model, as its config's predict says and the options change it.

    Example: nnrun generate runs/next_character --prompt "this is the" --count 3
    """
    from nnrun import generation
    from nnrun.cli.study import prepared
    from nnrun.runs.index import find

    console = o.console(quiet=quiet, as_json=as_json)
    prepared(as_json=as_json, verbose=False, quiet=quiet, runs=runs)
    found = generation.texts(
        find(runs, run).path,
        prompt=prompt,
        count=count,
        max_length=max_length,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
        seed=seed,
    )
    console.json({"texts": list(found.texts), "tokens": found.tokens, "notes": list(found.notes)})
    for note in found.notes:
        console.say(note)
    for number, text in enumerate(found.texts):
        if number:
            console.result("---")
        console.result(text)
