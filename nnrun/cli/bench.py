"""`nnrun bench CONFIG`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnrun.cli import options as o
from nnrun.cli.default import config_path

if TYPE_CHECKING:
    from nnrun.bench.variants import Result
    from nnrun.cli.console import Console
    from nnrun.experiment import Options


def bench(
    config: o.ConfigArgument = None,
    seconds: Annotated[
        float,
        typer.Option(
            "--seconds", metavar="SECONDS", min=0.1, help="How long each variant is trained, after its start."
        ),
    ] = 10.0,
    backend: Annotated[
        list[str] | None,
        typer.Option("--backend", metavar="NAME", help="Only this backend, beside the config's own; may be repeated."),
    ] = None,
    precision: Annotated[
        list[str] | None, typer.Option("--precision", metavar="NAME", help="The same for precisions.")
    ] = None,
    learning_rate: Annotated[
        bool, typer.Option("--learning-rate", help="Look for a learning rate in place of a backend.")
    ] = False,
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE.png", help="With --learning-rate: draw the loss by the rate."),
    ] = None,
    runs: o.Runs = Path("runs"),
    data_root: o.DataRoot = None,
    settings: o.Settings = None,
    allow_download: o.Download = False,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
) -> None:
    """Measure step time and memory for the backends and precisions that are installed, and say which to take.

    With --learning-rate: raise the rate from far too low to far too high, and say which to begin with.

    Example: nnrun bench configs/cnn.yaml --seconds 5
    """
    from nnrun import experiment
    from nnrun.bench.advice import advise, common_steps
    from nnrun.bench.compare import Request, compare, told
    from nnrun.bench.variants import Variant, variants
    from nnrun.errors import RunError

    console = o.console(quiet=quiet, as_json=as_json)
    path, overrides = config_path(config, runs, console), o.overrides(settings, None)
    if learning_rate or figure is not None:
        _learning_rate(
            path, overrides, experiment.Options(data_root=data_root, allow_download=allow_download), figure, console
        )
        return
    loaded = experiment.load(path, overrides, experiment.Options(data_root=data_root))
    own = Variant(loaded.runtime.backend, loaded.runtime.precision)
    found, missing = variants(own, backend or (), precision or ())
    console.say(f"{len(found)} variants, about {seconds:g} s each after its start")
    results = compare(Request(path, overrides, seconds, data_root, allow_download), found, console.say)
    advice, steps = advise(results, own, loaded.fit.epochs), common_steps(results)
    if advice is None:
        raise RunError("no variant could be measured", hint="\n    ".join(told(result) for result in results))
    console.json(
        {
            "config": str(path),
            "seconds": seconds,
            "steps": steps,
            "variants": [_data(result, steps) for result in results],
            "missing": missing,
            "advice": {**asdict(advice.variant), "text": advice.text},
        }
    )
    rows = [_row(result, steps) for result in results]
    if not any(row["device MB"] for row in rows):
        rows = [{name: value for name, value in row.items() if name != "device MB"} for row in rows]
    console.table(rows, right=frozenset(rows[0]) - {"backend", "precision", "device"})
    for result in results:
        if result.measurement is None:
            console.result(f"- {told(result)}")
    for name, how in missing.items():
        console.result(f"- {name} is not installed: {how}")
    console.result(advice.text)
    if advice.variant != own:
        console.result(advice.variant.yaml)


def _learning_rate(path: Path, overrides: list[str], options: Options, figure: Path | None, console: Console) -> None:
    from nnrun.bench.learning_rate import search

    found = search(path, overrides, options, console.say)
    if figure is not None:
        from nnrun.report.rate_search import draw_rate_search

        draw_rate_search(figure, found.rates, found.losses, lowest=found.lowest, suggestion=found.suggestion)
    told = {
        "suggestion": found.suggestion,
        "lowest": found.rates[found.lowest],
        "steepest": found.rates[found.steepest],
    }
    console.json({"config": str(path), **told, "rates": found.rates, "losses": found.losses})
    places = sorted({*range(0, len(found.rates), max(len(found.rates) // 12, 1)), found.steepest, found.lowest})
    notes = {found.lowest: "lowest", found.steepest: "falls fastest"}
    rows = [
        {"learning rate": f"{found.rates[place]:.2e}", "loss": found.losses[place], "": notes.get(place, "")}
        for place in places
    ]
    console.table(rows, right=frozenset({"learning rate", "loss"}))
    console.result(f"begin with a tenth of the rate at which the loss is lowest: {found.suggestion:g}")
    console.result(found.yaml)
    if figure is not None:
        console.result(str(figure))


def _row(result: Result, steps: int) -> dict[str, Any]:
    """A line of the table; dashes where nothing was measured."""
    data = _data(result, steps)
    memory, device_memory = data.get("memory"), data.get("device_memory")
    return {
        "backend": data["backend"],
        "precision": data["precision"],
        "device": data.get("device"),
        "start s": _digits(data.get("start")),
        "ms a step": _digits(data.get("step"), 1000),
        "rows a second": round(data["rows_per_second"]) if "rows_per_second" in data else None,
        "s an epoch": _digits(data.get("epoch")),
        "memory MB": memory and round(memory / 1e6),
        "device MB": device_memory and round(device_memory / 1e6),
        f"loss after {steps:,} steps": data.get("loss"),
    }


def _data(result: Result, steps: int) -> dict[str, Any]:
    """A result for programs: seconds and bytes; `failed` where nothing was measured."""
    if result.measurement is None:
        return {**asdict(result.variant), "failed": result.failed}
    measured = asdict(result.measurement)
    del measured["losses"]
    return {**asdict(result.variant), **measured, "loss": result.measurement.loss_after(steps)}


def _digits(seconds: float | None, factor: float = 1.0) -> str | None:
    """Three digits, which is more than the measurement holds."""
    return None if seconds is None else f"{seconds * factor:.3g}"
