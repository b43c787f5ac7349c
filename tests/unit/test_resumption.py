"""Which run goes on, and the commands that are told instead; end_to_end/test_resume.py carries them out."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from runfolders import write_run

from nnrun import resumption
from nnrun.config import Config, load_config
from nnrun.devices.plan import Plan
from nnrun.errors import ConfigError, DataError, RunError, UsageError
from nnrun.runs import process
from nnrun.runs.run import Run

CONFIG = "data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: 4}]}\nfit: {epochs: 5}\n"


@pytest.fixture
def config(folder: Path) -> Config:
    """`iris.yaml`, beside which `runs` lies."""
    (folder / "iris.yaml").write_text(CONFIG)
    return load_config(Path("iris.yaml"))


def begun(folder: Path, name: str, *, at: int = 0, text: str = CONFIG, **info: Any) -> Run:
    """A run of `iris.yaml` that was begun in the minute `at`."""
    told = {"kind": "train", "smoke": False, "status": "stopped", "config": str(folder / "iris.yaml"), "overrides": []}
    run = write_run(folder / "runs" / name, **{**told, "times": {"started": f"2026-01-02T03:{at:02}:00+00:00"}, **info})
    (run.path / "config.yaml").write_text(text)
    return run


def chosen(config: Config, **wanted: Any) -> str | None:
    found = resumption.to_go_on(config, Path("runs"), "train", **wanted)
    return None if found is None else found[0].name


def test_resumption_takes_the_newest_that_has_not_ended(config: Config, folder: Path) -> None:
    assert chosen(config) is None
    begun(folder, "old", at=1)
    begun(folder, "new", at=2, status="failed")
    begun(folder, "done", at=3, status="complete")
    begun(folder, "lost", at=4, status="diverged")
    begun(folder, "folds", at=5, kind="cv")
    begun(folder, "rehearsal", at=6, smoke=True)
    begun(folder, "other", at=7, config=str(folder / "other.yaml"))
    assert chosen(config) == "new"
    assert chosen(config, smoke=True) == "rehearsal"
    assert [run.name for run in resumption.unfinished(config, Path("runs"), "train")] == ["new", "old"]


def test_resumption_takes_one_that_still_runs_last(config: Config, folder: Path) -> None:
    begun(folder, "old", at=1)
    begun(folder, "busy", at=2, status="running", process=process.identity())
    assert chosen(config) == "old"
    shutil.rmtree(folder / "runs" / "old")
    assert chosen(config) == "busy"


def test_resumption_refuses_a_damaged_data_file(config: Config, folder: Path) -> None:
    run = begun(folder, "old")
    (run.path / "data.json").write_text("{")
    with pytest.raises(RunError, match="is damaged"):
        resumption.refuse_other_data(run, {})


TWO = Plan(strategy="data_parallel", numbers=(0, 1), replicas=2, remainder="drop")


@pytest.mark.parametrize(
    ("begun_with", "now", "told"),
    [
        (
            TWO,
            Plan(),
            "runs/old was begun with strategy data_parallel, replicas 2, remainder drop; "
            "here it would go on with strategy one, replicas 1, remainder short\n"
            "    expected: as many devices, the same strategy and the same remainder\n"
            "    as it was begun: nnrun resume runs/old -s runtime.strategy=data_parallel -s runtime.devices=2 "
            "-s runtime.remainder=drop; a new run from its weights: nnrun train iris.yaml --init-from runs/old",
        ),
        (Plan(), TWO, "-s runtime.strategy=one -s runtime.remainder=auto;"),
        (None, TWO, "begun with strategy one, replicas 1, remainder short; here it would go on with strategy data_"),
        (TWO, replace(TWO, remainder="pad"), "as it was begun: nnrun resume runs/old -s runtime.remainder=drop;"),
        (TWO, replace(TWO, strategy="model_parallel", mesh={"batch": 2, "model": 1}), "mesh none; here it would go on"),
    ],
)
def test_resumption_refuses_another_plan(
    begun_with: Plan | None, now: Plan, told: str, config: Config, folder: Path
) -> None:
    known: dict[str, Any] = {} if begun_with is None else {"plan": begun_with.to_data()}
    run = begun(folder, "old", **known)
    resumption.refuse_other_plan(run, now)  # no step is done yet
    (run.path / "snapshots" / "snapshot-3").mkdir(parents=True)
    with pytest.raises(RunError) as caught:
        resumption.refuse_other_plan(run, now)
    assert told in str(caught.value)
    resumption.refuse_other_plan(run, begun_with or Plan())


def test_resumption_takes_another_device_of_the_same_plan(config: Config, folder: Path) -> None:
    run = begun(
        folder, "old", plan=replace(TWO, device="gpu", names=("A", "B"), reasons=("2 GPUs are there",)).to_data()
    )
    (run.path / "snapshots" / "snapshot-1").mkdir(parents=True)
    resumption.refuse_other_plan(run, TWO)


def test_resumption_holds_every_fold_to_the_plan_of_those_that_are_complete(config: Config, folder: Path) -> None:
    whole = begun(folder, "old", kind="cv", plan=Plan().to_data())
    write_run(whole.path / "fold-1", plan=TWO.to_data())
    with pytest.raises(RunError, match="begun with strategy data_parallel"):
        resumption.refuse_other_plan(whole, Plan())
    resumption.refuse_other_plan(whole, TWO)


def test_resumption_passes_over_an_unreadable_run(config: Config, folder: Path) -> None:
    begun(folder, "old", at=1)
    (begun(folder, "new", at=2).path / "run.json").write_text("{")
    assert chosen(config) == "old"


@pytest.mark.parametrize(("name", "found"), [("a", "a-2"), ("a-b", "a-b"), ("b", None), ("a.", None), (None, "a-b")])
def test_resumption_by_name(name: str | None, found: str | None, config: Config, folder: Path) -> None:
    for minute, run in enumerate(("a", "a-2", "a-b")):
        begun(folder, run, at=minute)
    assert chosen(config, name=name) == found


def test_resumption_by_the_weights_that_it_began_with(config: Config, folder: Path) -> None:
    source = begun(folder, "source", status="complete")
    begun(folder, "theirs", at=1, init_from=str(source.path))
    begun(folder, "plain", at=2)
    assert chosen(config, init_from=source) == "theirs"
    assert chosen(config) == "plain"


def test_resumption_takes_up_what_may_change(config: Config, folder: Path) -> None:
    begun(folder, "a", text=CONFIG.replace("epochs: 5", "epochs: 3") + "report: {figures: [curves]}\n")
    found = resumption.to_go_on(config, Path("runs"), "train")
    assert found is not None
    assert found[1] == ["fit.epochs=5"]


def test_resumption_prefers_a_run_that_was_begun_alike(config: Config, folder: Path) -> None:
    begun(folder, "same", at=1)
    begun(folder, "other", at=2, text=f"seed: 3\n{CONFIG}")
    assert chosen(config) == "same"
    shutil.rmtree(folder / "runs" / "same")
    with pytest.raises(ConfigError, match="seed is nothing there, and the run was begun with 3"):
        chosen(config)


def test_resumption_reads_a_config_with_the_overrides_of_its_run(config: Config, folder: Path) -> None:
    begun(folder, "a", text=f"seed: 3\n{CONFIG}", overrides=["seed=4"])
    with pytest.raises(ConfigError, match="the run was begun with 4"):
        chosen(config)


def test_resumption_commands_can_be_pasted(config: Config, folder: Path) -> None:
    inside, outside = folder / "my runs" / "a", folder.parent / "runs" / "a"
    assert resumption.advice(inside) == "nnrun resume 'my runs/a'"
    assert resumption.advice(outside) == f"nnrun resume {outside}"


def test_resumption_of_a_part_names_the_whole(folder: Path) -> None:
    whole = begun(folder, "a", kind="cv")
    part = write_run(whole.path / "fold-1")
    with pytest.raises(UsageError) as caught:
        resumption.refuse_part(part)
    assert str(caught.value) == ("runs/a/fold-1 is a part of runs/a\n    to go on with all of it: nnrun resume runs/a")
    resumption.refuse_part(whole)


@pytest.mark.parametrize(
    ("info", "longer", "told"),
    [
        ({"status": "stopped"}, False, ""),
        ({"status": "complete"}, True, ""),
        ({"status": "complete"}, False, "complete\n    for more epochs: nnrun resume runs/a -s fit.epochs=N"),
        ({"status": "complete", "kind": "cv"}, True, "complete: nothing is left to do"),
        (
            {"status": "diverged", "overrides": ["fit.batch_size=4"]}, False,
            "diverged, and would again\n    a new run from its weights: "
            "nnrun train iris.yaml -s fit.batch_size=4 --init-from runs/a",
        ),
        ({"status": "diverged", "kind": "cv"}, False, "would again\n    a new one: nnrun cv iris.yaml"),
    ],
)  # fmt: skip
def test_resumption_of_a_run_that_has_ended(info: dict[str, Any], longer: bool, told: str, folder: Path) -> None:
    run = begun(folder, "a", **info)
    if not told:
        resumption.refuse_ended(run, longer=longer)
        return
    with pytest.raises(RunError) as caught:
        resumption.refuse_ended(run, longer=longer)
    assert str(caught.value).endswith(told)


@pytest.mark.parametrize(("done", "enough"), [(4, True), (5, True), (6, False)])
def test_resumption_counts_the_epochs_that_are_done(done: int, enough: bool, config: Config, folder: Path) -> None:
    run = begun(folder, "a", kind="cv")
    write_run(run.path / "fold-1", {"loss": [0.5] * done})
    if enough:
        resumption.refuse_fewer_epochs(run, config)
        return
    with pytest.raises(ConfigError, match="5 epochs are fewer than the 6 that are done") as caught:
        resumption.refuse_fewer_epochs(run, config)
    assert str(caught.value.problems[0].where) == "iris.yaml:3:15"


@pytest.mark.parametrize(("done", "before", "swaps", "goes_on"), [
    (3, 3, "true", False), (2, 3, "true", True), (3, 3, "false", True), (5, 5, "true", True),
])  # fmt: skip
def test_resumption_has_no_way_on_from_averages(
    done: int, before: int, swaps: str, goes_on: bool, folder: Path
) -> None:
    """`swap_on_epoch` ends a training with the averages in the place of the weights, which are lost."""
    text = CONFIG.replace("epochs: 5", f"epochs: 5, callbacks: [{{SwapEMAWeights: {{swap_on_epoch: {swaps}}}}}]")
    (folder / "iris.yaml").write_text(text)
    config, run = load_config(Path("iris.yaml")), begun(folder, "a", text=text)
    write_run(run.path / "fold-1", {"loss": [0.5] * done})
    if goes_on:
        resumption.refuse_averaged(run, before, config)
        return
    with pytest.raises(ConfigError, match="the weights of runs/a are averages since its last epoch") as caught:
        resumption.refuse_averaged(run, before, config)
    assert str(caught.value).endswith("nnrun train iris.yaml --init-from runs/a")


def test_resumption_refuses_an_edited_copy_of_the_config(folder: Path) -> None:
    run = begun(folder, "a", fingerprints=resumption.fingerprints(CONFIG.encode(), {}))
    resumption.refuse_edited(run)
    (run.path / "config.yaml").write_text(CONFIG.replace("epochs: 5", "epochs: 9"))
    with pytest.raises(RunError) as caught:
        resumption.refuse_edited(run)
    assert str(caught.value) == (
        "runs/a/config.yaml was edited after the run was begun\n    expected: the config as it was written\n"
        "    restore it from iris.yaml, or change what may change with -s"
    )


def test_resumption_fingerprints_tell_configs_and_data_apart() -> None:
    one, same, config, data = (
        resumption.fingerprints(written, {"a.csv": {"sha256": sum_}})
        for written, sum_ in ((b"a", "1"), (b"a", "1"), (b"b", "1"), (b"a", "2"))
    )
    assert one == same
    assert [key for key in one if one[key] != config[key]] == ["config"]
    assert [key for key in one if one[key] != data[key]] == ["data"]


def test_resumption_names_the_files_that_changed(folder: Path) -> None:
    run = begun(folder, "a")
    resumption.refuse_other_data(run, {"a.csv": {"sha256": "1"}})  # it was killed before it wrote what it had read
    before = {"same.csv": {"sha256": "1"}, "changed.csv": {"sha256": "1"}, "gone.csv": {"sha256": "1"}}
    (run.path / "data.json").write_text(json.dumps({"files": before}))
    resumption.refuse_other_data(run, before)
    with pytest.raises(DataError, match=r"begun with: changed\.csv, gone\.csv, new\.csv\n"):
        resumption.refuse_other_data(
            run, {"same.csv": {"sha256": "1"}, "changed.csv": {"sha256": "2"}, "new.csv": {"sha256": "1"}}
        )
