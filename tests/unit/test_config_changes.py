"""What differs between two configs, and what of it a run may take up."""

from __future__ import annotations

import pytest

from nnrun.config.changes import Change, changes
from nnrun.config.loader import load_text
from nnrun.config.overrides import apply

CONFIG = """\
data: {source: {sklearn: iris}}
model: {layers: [{Dense: {units: 4}}, Flatten]}
fit:
  epochs: 5
  callbacks: [EarlyStopping, {ReduceLROnPlateau: {patience: 2}}]
report: {figures: [curves]}
"""


def found(*overrides: str, before: str = CONFIG, after: str | None = None) -> list[Change]:
    """The changes that overrides, or another text, make."""
    now = load_text(before if after is None else after, "now.yaml")
    for override in overrides:
        apply(now, override)
    return changes(load_text(before, "begun.yaml"), now)


def test_config_changes_equal_configs_have_none() -> None:
    assert found() == []
    assert found("fit.epochs=5") == []
    assert found(after=CONFIG.replace("epochs: 5", "epochs: 5   # the same")) == []


@pytest.mark.parametrize(
    ("override", "path"),
    [
        ("fit.epochs=9", ("fit", "epochs")),
        ("fit.callbacks.ReduceLROnPlateau.patience=3", ("fit", "callbacks", 1, "ReduceLROnPlateau", "patience")),
        ("fit.callbacks.EarlyStopping.patience=3", ("fit", "callbacks", 0, "EarlyStopping", "patience")),
        ("runtime.snapshot_every=5", ("runtime", "snapshot_every")),
        ("runtime.steps_per_execution=2", ("runtime", "steps_per_execution")),
        ("runtime.device=cpu", ("runtime", "device")),
        ("runtime.devices=2", ("runtime", "devices")),
        ("runtime.strategy=one", ("runtime", "strategy")),
        ("runtime.remainder=pad", ("runtime", "remainder")),
        ("runtime.memory_growth=false", ("runtime", "memory_growth")),
        ("report.figures=[]", ("report", "figures")),
        ("name=other", ("name",)),
    ],
)
def test_config_changes_that_a_run_takes_up(override: str, path: tuple[str | int, ...]) -> None:
    (change,) = found(override)
    assert change.path == path
    assert change.is_free
    taken = load_text(CONFIG, "begun.yaml")
    apply(taken, change.override)
    again = load_text(CONFIG, "now.yaml")
    apply(again, override)
    assert taken.data == again.data


@pytest.mark.parametrize(
    "override",
    [
        "seed=1",
        "fit.batch_size=4",
        "model.layers.0.Dense.units=5",
        "fit.callbacks.ReduceLROnPlateau.factor=0.2",
        "fit.callbacks=[]",
        "runtime.threads=1",
        "runtime.backend=jax",
        "runtime.mesh={batch: 2}",
        "runtime.precision=mixed_bfloat16",
        "runtime.determinism=true",
        "data.source={sklearn: wine}",
        "cv.folds=3",
        "compile.optimizer=SGD",
    ],
)
def test_config_changes_that_a_run_refuses(override: str) -> None:
    assert [change.is_free for change in found(override)] == [False]


def test_config_changes_a_section_that_was_not_written_is_an_empty_one() -> None:
    short = "data: {source: {sklearn: iris}}\nmodel: {layers: [Flatten]}\n"
    (longer,) = found("fit.epochs=20", before=short)
    assert (longer.path, longer.after, longer.is_free) == (("fit", "epochs"), 20, True)
    assert found(before=short, after=f"{short}fit: {{}}\n") == []


def test_config_changes_other_devices_are_taken_up_by_their_numbers() -> None:
    before, after = (CONFIG + f"runtime: {{devices: {numbers}}}\n" for numbers in ("[0, 1]", "[0, 2]"))
    (change,) = found(before=before, after=after)
    assert (change.path, change.is_free, change.override) == (("runtime", "devices", 1), True, "runtime.devices.1=2")


def test_config_changes_what_is_taken_away_is_free_only_where_it_shows() -> None:
    without_epochs = found(after=CONFIG.replace("  epochs: 5\n", ""))
    without_report = found(after=CONFIG.replace("report: {figures: [curves]}\n", ""))
    assert [(change.path, change.is_free, change.is_written) for change in (*without_epochs, *without_report)] == [
        (("fit", "epochs"), False, False),
        (("report", "figures"), True, False),
    ]


def test_config_changes_only_epochs_and_patience_make_a_training_longer() -> None:
    lengths = ("fit.epochs=9", "fit.callbacks.EarlyStopping.patience=3", "runtime.snapshot_every=5", "name=other")
    assert [change.is_longer for change in found(*lengths)] == [True, True, False, False]


def test_config_changes_true_is_not_one() -> None:
    (change,) = found(before="seed: 1\n", after="seed: true\n")
    assert (change.before, change.after) == (1, True)


def test_config_changes_are_told_with_the_place_of_the_new_value() -> None:
    changed = load_text(CONFIG.replace("units: 4", "units: 8"), "now.yaml")
    (change,) = changes(load_text(CONFIG, "begun.yaml"), changed)
    problem = change.problem(changed)
    assert problem.what == "model.layers.0.Dense.units is 8, and the run was begun with 4"
    assert str(problem.where) == "now.yaml:2:34"
    (shortened,) = found(after=CONFIG.replace("[{Dense: {units: 4}}, Flatten]", f"[{'Flatten, ' * 30}]"))
    told = shortened.problem(changed).what
    assert told.startswith('model.layers is ["Flatten", "Flatten", ')
    assert told.endswith('..., and the run was begun with [{"Dense": {"units": 4}}, "Flatten"]')
