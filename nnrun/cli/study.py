"""What `train` and `cv` have in common: find the config, load it, carry the verb out, tell about an early end."""

from __future__ import annotations

from pathlib import Path

from nnrun.cli import options as o
from nnrun.cli.default import config_path
from nnrun.cli.progress import progress
from nnrun.runs.run import Run


def carry_out(
    verb: str,
    *,
    config: str | None,
    name: str | None,
    runs: Path,
    data_root: Path | None,
    seed: int | None,
    settings: list[str] | None,
    smoke: bool,
    allow_download: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> Run:
    """The run that `experiment.<verb>` gives."""
    from nnrun import experiment
    from nnrun.check import examine_file
    from nnrun.errors import ConfigError
    from nnrun.model import framework

    console = o.console(quiet=quiet, as_json=as_json)
    framework.configure(lean=True, loud=verbose)
    path = config_path(config, runs, console)
    found = examine_file(
        path,
        o.overrides(settings, seed),
        experiment.roots_of(path.parent, data_root),
        cross_validation=verb == "cross_validate",
    )
    if found.config is None or found.problems:
        raise ConfigError(found.problems)
    options = experiment.Options(
        runs=runs,
        name=name,
        data_root=data_root,
        allow_download=allow_download,
        smoke=smoke,
        argv=o.argv(),
        progress=progress(console),
    )
    run: Run = getattr(experiment, verb)(found.config, options)
    return run
