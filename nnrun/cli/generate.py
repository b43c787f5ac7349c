"""`nnrun generate RUN`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.errors import UsageError
from nnrun.runs.run import place


def generate(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's folder, or its name in the folder of the runs.")],
    prompt: Annotated[
        str | None, typer.Option("--prompt", metavar="TEXT", help="What a text begins with; default: the config's.")
    ] = None,
    count: Annotated[int | None, typer.Option("--count", min=1, help="How many; default: 1 text, 64 rows.")] = None,
    of_class: Annotated[
        str | None, typer.Option("--class", metavar="CLASS", help="Rows of this class; default: all in turn.")
    ] = None,
    to_class: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="CLASS", help="From --class to this one, of the same random numbers; default: 8 rows."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A folder of pictures, FILE.png, a sheet, or FILE.npz; default: RUN/made.",
        ),
    ] = None,
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
        float | None,
        typer.Option("--top-p", min=0.0, max=1.0, help="Draw from the fewest that have this probability."),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, help="Of the draws; default: 0.")] = None,
    runs: o.Runs = Path("runs"),
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Make something new with a trained run: texts with a language model, rows such as pictures with a generator.

    Example: nnrun generate runs/next_character --prompt "this is the" --count 3
    """
    from nnrun import generation, making
    from nnrun.cli.study import prepared
    from nnrun.runs.index import find

    console = o.console(quiet=quiet, as_json=as_json)
    prepared(as_json=as_json, verbose=False, quiet=quiet, runs=runs)
    path = find(runs, run).path
    of_texts = {"prompt": prompt, "max_length": max_length, "temperature": temperature, "top_k": top_k, "top_p": top_p}
    of_rows = {"class": of_class, "to": to_class, "output": output}
    makes_rows = making.makes_rows(path)
    _refuse(path, of_texts if makes_rows else of_rows, "rows" if makes_rows else "texts")
    if makes_rows:
        if to_class is not None and of_class is None:
            raise UsageError("--to says where rows go, and nothing where they begin", hint=f"--class A --to {to_class}")
        written = making.write(making.make(path, count, of_class, seed, to_class), output or path / "made")
        console.json({"paths": [str(file) for file in written]})
        console.result(str(output or Path(place(path), "made")))
        return
    found = generation.texts(
        path,
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


def _refuse(run: Path, options: Mapping[str, Any], makes: str) -> None:
    """Options of what the run does not make."""
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value is not None]
    if given:
        raise UsageError(f"{place(run)} makes {makes}, and {given[0]} has no meaning there", hint="leave it out")
