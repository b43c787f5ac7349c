"""Imports run one way, and only one file knows Keras."""

from __future__ import annotations

import pytest
from house import ROOT, Import, files, imports, room, short

# What each room may import. `errors` and `version` are open to all. A room or file in a value is the whole of it.
ALLOWED = {
    "__init__": {"config", "experiment", "prediction", "runs"},
    "__main__": {"cli"},
    "errors": set[str](),
    "version": set[str](),
    "catalogue": set[str](),
    "run_name": set[str](),
    "storage": {"run_name"},
    "runs": {"run_name"},
    "trust": {"catalogue", "storage"},
    "config": {"catalogue", "run_name", "trust"},
    "tasks": {"config.spec"},
    "data": {"config.config", "config.spec", "storage.columns", "storage.unpacking"},
    "model": {"catalogue", "config", "runs", "trust"},
    "devices": {"catalogue", "config", "data.memory", "model", "storage.atomic", "storage.scratch"},
    "check": {
        "catalogue", "config", "data", "devices", "tasks", "model.expansion", "model.graph", "model.logged",
        "model.logits",
        "model.augmenting", "model.initializers", "model.layout", "model.losses", "model.metrics", "model.shapes",
        "model.unused",
        "model.earlier", "model.saved",  # a teacher, from its file
        "report.draw",  # the names of the figures
        "training.recipes",  # which networks a recipe has
    },
    "training": {"config", "data", "devices", "model", "runs", "storage", "tasks"},
    "studies": {"config", "data", "devices", "runs", "training"},
    "report": {"runs", "storage"},
    "survey": {"config", "data", "report.draw", "report.figures._probe", "report.style", "studies.plan", "training"},
    "resumption": {"config", "devices", "runs"},
    "reading": {"config", "data", "model.own_files", "training.progress", "training.usable"},
    "experiment": {
        "check", "config", "data", "devices", "model.earlier", "model.framework", "model.overview", "reading", "report",
        "resumption", "runs", "studies", "training",
    },
    "prediction": {
        "config", "data", "experiment", "model.framework", "model.own_files", "resumption", "runs", "storage.arrays",
        "training",
    },
    "generation": {"config", "prediction", "runs", "training"},
    "making": {
        "config", "model.framework", "model.own_files", "runs", "storage.atomic", "storage.pictures", "training",
    },
    "export": {"catalogue", "config", "data", "devices", "model", "storage", "training"},
    "transcribe": {"catalogue", "config.config", "config.dump", "config.step_names", "model.archive", "model.graph"},
    "guide": {
        "catalogue", "check", "config", "data", "tasks", "model.arithmetic", "model.shapes", "report.draw",
        "model.build", "model.framework", "report.style",  # pictures alone
    },
    "bench": {
        "config.sections", "experiment", "model.framework", "runs.index", "storage", "training.progress",
        "training.stopping",
    },
    "cli": {
        "bench", "check", "devices", "experiment", "export", "generation", "guide", "making", "prediction", "report",
        "runs", "survey", "transcribe",
        "trust",
        "config.origin", "model.arithmetic", "model.drawing", "model.graph", "model.overview", "model.shapes",  # `show`
        "model.earlier",  # which runs `check` and `show` look among
        "model.framework",  # the command line owns its process, and says so once
        "training.division",  # `check --data` tells how the rows would be parted
        "training.progress",
        "storage.tables",  # `predict --output`
        "storage.atomic",  # `init` and `schema --output` write a file where the person wants it
    },
}  # fmt: skip

HEAVY = frozenset({
    "numpy", "pandas", "sklearn", "scipy", "matplotlib", "PIL", "jinja2", "rich", "keras", "tensorflow",
})  # fmt: skip
ALL = [found for path in files() for found in imports(path)]


def test_import_directions_every_room_is_in_the_table() -> None:
    assert {room(short(path)) for path in files()} == set(ALLOWED)


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_import_directions_hold(name: str) -> None:
    assert [str(found) for found in ALL if room(found.file) == name and not _allowed(name, found)] == []


def test_import_directions_the_table_allows_nothing_that_nobody_uses() -> None:
    used = {
        (name, target)
        for name, targets in ALLOWED.items()
        for target in targets
        for found in ALL
        if room(found.file) == name and _within(found.module, target)
    }
    assert {(name, target) for name, targets in ALLOWED.items() for target in targets} - used == set()


def test_import_directions_only_the_framework_imports_keras() -> None:
    doors = {
        found.file for found in ALL if found.module.partition(".")[0] in ("keras", "tensorflow", "tf_keras", "jax")
    }
    assert doors == {"model/framework.py"}


def test_import_directions_only_training_imports_heavy_packages_when_it_is_imported() -> None:
    """Every other room is free to be imported by `--help`, `check`, `show`, `ls`: what is heavy waits in a function."""
    eager = [found for found in ALL if not found.lazy and not found.typing]
    heavy = [found for found in eager if found.module.partition(".")[0] in HEAVY]
    assert [str(found) for found in heavy if room(found.file) not in ("training", "studies")] == []
    assert {found.module.partition(".")[0] for found in heavy} == {"numpy"}


def test_import_directions_the_table_of_the_page_is_this_one() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    written = page.partition("<!-- generated: imports -->\n")[2].partition("<!-- end -->")[0]
    rooms = [name for name in ALLOWED if ALLOWED[name] and not name.startswith("__")]
    rows = [f"| `{name}` | {', '.join(f'`{target}`' for target in sorted(ALLOWED[name]))} |" for name in rooms]
    assert written.splitlines() == ["| room | may import |", "|---|---|", *rows]


def _allowed(name: str, found: Import) -> bool:
    package, _, inner = found.module.partition(".")
    if package != "nnrun" or inner.partition(".")[0] in (name, "errors", "version", ""):
        return True
    return any(_within(found.module, target) for target in ALLOWED[name])


def _within(module: str, target: str) -> bool:
    return f"{module}.".startswith(f"nnrun.{target}.")
