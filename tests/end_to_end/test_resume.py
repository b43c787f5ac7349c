"""A run that was stopped or killed goes on to the same bits; what cannot go on says why, and what to type instead."""

from __future__ import annotations

import hashlib
import itertools
import json
import pkgutil
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import tiny
from commandline import Nnrun

from nnrun.runs.run import Run
from nnrun.storage import snapshots
from nnrun.storage.locks import Lock

CONFIG = """\
data:
  source: {csv: table.csv}
  target: kind
  features: [{normalize: [height, weight]}, {one_hot: colour}]
  split: {validation: 0.2, test: 0.2}
model:
  layers: [{Dense: {units: 4, activation: relu}}, BatchNormalization, {Dropout: 0.3}]
fit: {epochs: 4, batch_size: 8}
cv: {folds: 2}
runtime: {steps_per_execution: 2}
report: {figures: []}
"""
WAITING = CONFIG.replace(
    "fit: {epochs: 4, batch_size: 8}",
    "fit:\n  epochs: 8\n  batch_size: 8\n  callbacks: [{EarlyStopping: {monitor: loss, min_delta: 9, patience: 2}}]",
)
FOLDED = CONFIG.replace("epochs: 4", "epochs: 2")
BEGUN, EPOCH = "nnrun.training.recorder.Recorder.go_on", "nnrun.training.recorder.Recorder.epoch"

Outcome = Mapping[str, Any]
StopAt = Callable[..., None]

EAGER = ("-s", "runtime.snapshot_every=0")
WITHOUT_LEARNING = ("-s", "compile.optimizer={SGD: 0.0}", "-s", "fit.epochs=1")

_whole: dict[tuple[str, ...], Outcome] = {}
_kept: dict[str, Path] = {}


@pytest.fixture
def stop_at(monkeypatch: pytest.MonkeyPatch) -> StopAt:
    """`stop_at("nnrun.training.recorder.Recorder.epoch", 2)`: the second call is where a signal comes, once."""

    def patch(target: str, call: int = 1, number: int = signal.SIGINT) -> None:
        before, calls = pkgutil.resolve_name(target), itertools.count(1)

        def act(*arguments: Any, **named: Any) -> Any:
            if next(calls) == call:
                signal.raise_signal(number)
            return before(*arguments, **named)

        monkeypatch.setattr(target, act)

    return patch


@pytest.fixture
def begun(nnrun: Nnrun, folder: Path, stop_at: StopAt) -> Path:
    """A run that was stopped before its first step, of `tiny.yaml`."""
    stop_at(BEGUN)
    assert nnrun("train", tiny.write(folder, CONFIG)).code == 130
    return Path("runs/tiny")


def outcome(run: Path) -> Outcome:
    """All that a run came to, but for times and places."""
    found: dict[str, Any] = {"history": tiny.history(run)} if (run / "history.csv").is_file() else {}
    for name in ("metrics.json", "predictions.csv", "steps.csv", "cv.json", "cv.csv"):
        if (run / name).is_file():
            found[name] = (run / name).read_bytes()
    newest = snapshots.newest(run / "snapshots")
    if newest is not None:
        found["state"] = {name: _digest(value) for name, value in enumerate(newest.arrays("variables").values())}
    for child in Run(run).children:
        found[child.name] = outcome(child.path)
    return found


def _digest(array: Any) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def whole(nnrun: Nnrun, folder: Path, verb: str, config: str, *settings: str) -> Outcome:
    """What the same command comes to where nothing happens to it; carried out once."""
    key = (verb, config, *settings)
    if key not in _whole:
        tiny.write(folder, config)  # the table, found from the current folder
        (folder / "whole").mkdir()
        (folder / "whole" / "tiny.yaml").write_text(config)
        ended = nnrun(verb, "whole/tiny.yaml", *settings, "--runs", "whole/runs", "-q")
        assert ended.code == 0, ended.err
        _whole[key] = outcome(ended.run)
    return _whole[key]


@pytest.fixture
def killed(
    nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A run as a death leaves it when two epochs are done: `runs/killed`, whose process is no more."""
    from nnrun.training.recorder import Recorder

    config, run = tiny.write(folder, CONFIG), folder / "runs" / "killed"
    if "killed" not in _kept:
        before, kept = Recorder.epoch, tmp_path_factory.mktemp("killed") / "killed"

        def copied(recorder: Recorder, *arguments: Any) -> None:
            before(recorder, *arguments)
            if len(recorder.rows) == 2:
                shutil.copytree(recorder.path, kept)

        with monkeypatch.context() as patched:
            patched.setattr(Recorder, "epoch", copied)
            ended = nnrun("train", config, *EAGER, "--runs", "other")
        assert ended.code == 0, ended.err
        _kept["killed"] = kept
    shutil.copytree(_kept["killed"], run)
    info = tiny.read_json(run / "run.json")
    info["process"] |= {"pid": 2**22 + 1, "started": 1}
    (run / "run.json").write_text(json.dumps({**info, "name": "killed", "config": str(config)}))
    return run


def kernel(run: Path) -> bytes:
    """The first layer's weights in the newest snapshot."""
    newest = snapshots.newest(run / "snapshots")
    assert newest is not None
    (found,) = (value for name, value in newest.arrays("variables").items() if name.endswith("/dense/kernel"))
    return bytes(found.tobytes())


# Where a signal comes, and how often that place is passed before.
MOMENTS = {
    "before the first step": (BEGUN, 1, signal.SIGINT),
    "within an epoch": ("nnrun.training.steps.Steps.__call__", 5, signal.SIGTERM),
    "at the end of an epoch": (EPOCH, 2, signal.SIGHUP),
    "in an evaluation": ("keras.Model.evaluate", 3, signal.SIGTERM),
    "in the last snapshot": ("nnrun.storage.snapshots.write", 1, signal.SIGTERM),
    "while it is scored": ("nnrun.training.scoring.score", 1, signal.SIGINT),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_resume_ends_as_if_nothing_had_happened(moment: str, nnrun: Nnrun, folder: Path, stop_at: StopAt) -> None:
    target, call, number = MOMENTS[moment]
    expected = whole(nnrun, folder, "train", CONFIG)
    stop_at(target, call, number)

    stopped = nnrun("train", tiny.write(folder, CONFIG))

    assert (stopped.code, stopped.out) == (128 + number, "")
    *_, what, advice = stopped.err.splitlines()
    assert what.startswith("nnrun: stopped")
    assert advice == "    go on with: nnrun resume runs/tiny"
    assert Run(folder / "runs" / "tiny").status == "stopped"

    resumed = nnrun("resume", "tiny")

    assert resumed.code == 0, resumed.err
    assert resumed.run == Path("runs/tiny")
    assert outcome(resumed.run) == expected


# Rows that are made when they are asked for, and rows of words.
WINDOWS = CONFIG.replace(
    "  target: kind\n  features: [{normalize: [height, weight]}, {one_hot: colour}]\n",
    "  target: {normalize: weight}\n  features: {series: {normalize: [height, weight]}}\n"
    "  windows: {length: 5, horizon: 1}\n",
).replace("{Dense: {units: 4, activation: relu}}", "{LSTM: 4}")
WORDS = CONFIG.replace(
    "[{normalize: [height, weight]}, {one_hot: colour}]",
    "{words: {text: {columns: colour, split: character}}, size: {normalize: height}}",
).replace(
    "[{Dense: {units: 4, activation: relu}}",
    "[{Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 3, mask_zero: true, from: words}}, {GRU: 4}, "
    "{Concatenate: {from: [previous, size]}}",
)

HIDDEN = CONFIG.replace(
    "  target: kind\n  features: [{normalize: [height, weight]}, {one_hot: colour}]\n",
    "  target: {masked: {input: words, rate: 0.4}}\n  features: {words: {text: {columns: colour, split: character}}}\n",
).replace(
    "[{Dense: {units: 4, activation: relu}}",
    "[{Embedding: {input_dim: $data.words.vocabulary_size, output_dim: 3}}, {GRU: {units: 4, return_sequences: true}}",
)


@pytest.mark.parametrize("config", [WINDOWS, WORDS, HIDDEN], ids=["windows", "words", "hidden"])
def test_resume_of_series_and_of_texts(config: str, nnrun: Nnrun, folder: Path, stop_at: StopAt) -> None:
    expected = whole(nnrun, folder, "train", config)
    stop_at("nnrun.training.steps.Steps.__call__", 5, signal.SIGTERM)
    assert nnrun("train", tiny.write(folder, config)).code == 128 + signal.SIGTERM

    resumed = nnrun("resume", "tiny")

    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == expected


def test_resume_of_a_killed_run_is_told_everywhere(killed: Path, nnrun: Nnrun, folder: Path) -> None:
    (row,) = nnrun("ls", "--json").json
    assert (row["name"], row["status"], row["epochs"]) == ("killed", "interrupted", 2)
    assert nnrun("plot", "killed", "--figure", "curves").code == 0

    resumed = nnrun("resume", "runs/killed", "--json", "-q")

    assert resumed.code == 0, resumed.err
    assert (resumed.json["status"], resumed.err) == ("complete", "")
    assert outcome(killed) == whole(nnrun, folder, "train", CONFIG)
    info = tiny.read_json(killed / "run.json")
    assert len(info["times"]["resumed"]) == 1
    assert info["times"]["started"] <= info["times"]["resumed"][0] <= info["times"]["ended"]
    log = (killed / "train.log").read_text()
    assert " resumed after epoch 1, step 10\n" in log  # the snapshot of an epoch's end is taken after its row
    assert log.endswith(" complete\n")


def test_resume_says_what_may_move_the_last_bits(killed: Path, nnrun: Nnrun) -> None:
    newest = snapshots.newest(killed / "snapshots")
    assert newest is not None
    told = dict(newest.manifest)
    (newest.path / snapshots.MANIFEST).write_text(json.dumps(told | {"threads": told["threads"] + 1}))
    resumed = nnrun("resume", "killed")
    expected = f"the snapshot was made with threads {told['threads'] + 1}: the result may differ in the last bits"
    assert expected in resumed.err.splitlines()
    assert resumed.code == 0


def test_resume_with_the_config_takes_the_newest_unfinished_run(nnrun: Nnrun, folder: Path, stop_at: StopAt) -> None:
    config = tiny.write(folder, CONFIG)
    stop_at(EPOCH, 2)
    assert nnrun("train", config, "--resume").err.startswith(
        "no unfinished run of this config in runs: a new one begins"
    )

    resumed = nnrun("train", config, "--resume", "-s", "fit.epochs=6")

    assert (resumed.code, resumed.run) == (0, Path("runs/tiny"))
    assert "resumed: 2 epochs are done" in resumed.err
    assert outcome(resumed.run) == whole(nnrun, folder, "train", CONFIG, "-s", "fit.epochs=6")
    assert tiny.read_json(resumed.run / "run.json")["overrides"] == ["fit.epochs=6"]
    assert "epochs: 6" in (resumed.run / "resolved.yaml").read_text()


def test_resume_of_a_complete_run_takes_more_epochs(nnrun: Nnrun, folder: Path) -> None:
    assert nnrun("train", tiny.write(folder, CONFIG)).code == 0

    refused = nnrun("resume", "latest")
    fewer = nnrun("resume", "tiny", "-s", "fit.epochs=3")
    shown = nnrun("resume", "tiny", "-s", "report.figures=[curves]")

    complete = "nnrun: runs/tiny is complete\n    for more epochs: nnrun resume runs/tiny -s fit.epochs=N\n"
    assert (refused.code, refused.err) == (3, complete)
    assert (shown.code, shown.err) == (3, complete)
    assert fewer.code == 2
    assert fewer.err.startswith("nnrun: -s fit.epochs=3: 3 epochs are fewer than the 4 that are done\n")
    assert "    expected: 4 or more\n" in fewer.err

    assert nnrun("resume", "tiny", "-s", "fit.epochs=6").code == 0
    assert outcome(Path("runs/tiny")) == whole(nnrun, folder, "train", CONFIG, "-s", "fit.epochs=6")


def test_resume_of_a_run_that_stopped_early_takes_more_patience(nnrun: Nnrun, folder: Path) -> None:
    more = ("-s", "fit.callbacks.EarlyStopping.patience=4")
    assert nnrun("train", tiny.write(folder, WAITING)).code == 0
    assert len(tiny.history(Path("runs/tiny"))) == 3

    longer = nnrun("resume", "tiny", "-s", "fit.epochs=20")

    assert longer.code == 0, longer.err
    assert len(tiny.history(Path("runs/tiny"))) == 3  # it has stopped, however many epochs there are

    resumed = nnrun("resume", "tiny", *more, "-s", "fit.epochs=8")

    assert resumed.code == 0, resumed.err
    assert len(tiny.history(Path("runs/tiny"))) == 5
    assert outcome(Path("runs/tiny")) == whole(nnrun, folder, "train", WAITING, *more)


@pytest.mark.parametrize(
    ("moment", "call"),
    [
        ("nnrun.studies.folds.Run", 2),
        ("nnrun.training.steps.Steps.__call__", 8),
        ("nnrun.studies.folds.Job", 2),
        ("nnrun.studies.folds._summarise", 1),
    ],
    ids=["when the first is told of", "in the second fold", "between the folds", "when they are summed up"],
)
def test_resume_of_a_cross_validation(moment: str, call: int, nnrun: Nnrun, folder: Path, stop_at: StopAt) -> None:
    expected = whole(nnrun, folder, "cv", FOLDED)
    config = tiny.write(folder, FOLDED)
    stop_at(moment, call)
    stopped = nnrun("cv", config)
    assert (stopped.code, stopped.out) == (130, "")
    assert stopped.err.endswith("    go on with: nnrun resume runs/tiny\n")

    part = nnrun("resume", "runs/tiny/fold-1")
    longer = nnrun("resume", "tiny", "-s", "fit.epochs=9")

    assert (part.code, part.err) == (
        2, "nnrun: runs/tiny/fold-1 is a part of runs/tiny\n    to go on with all of it: nnrun resume runs/tiny\n",
    )  # fmt: skip
    assert longer.code == 2
    anew = "nnrun cv tiny.yaml -s fit.epochs=9"
    assert f"some folds are complete, and all are trained alike; a new one: {anew}" in longer.err

    resumed = nnrun("cv", config, "--resume")

    assert resumed.code == 0, resumed.err
    assert "fold 1 is complete already" in resumed.err
    assert resumed.run == Path("runs/tiny")
    assert outcome(resumed.run) == expected
    first = resumed.run / "fold-1"
    assert (resumed.run / "resolved.yaml").read_bytes() == (first / "resolved.yaml").read_bytes()
    assert Run(resumed.run).info["parameters"] == Run(first).info["parameters"]
    done = nnrun("resume", "tiny", "-s", "fit.epochs=9")
    assert (done.code, done.out) == (2, "")
    assert nnrun("resume", "tiny").err == "nnrun: runs/tiny is complete: nothing is left to do\n"


def test_resume_finds_the_data_where_it_was(nnrun: Nnrun, folder: Path, stop_at: StopAt) -> None:
    """The command that a stopped run says is whole."""
    config = tiny.write(folder, CONFIG)
    (folder / "elsewhere").mkdir()
    (folder / "table.csv").rename(folder / "elsewhere" / "table.csv")
    stop_at(BEGUN)
    assert nnrun("train", config, "--data-root", "elsewhere").code == 130

    refused = nnrun("resume", "tiny", "-s", "seed=3")
    resumed = nnrun("resume", "tiny")

    assert refused.code == 2
    assert "nnrun train tiny.yaml -s seed=3 --data-root elsewhere --init-from runs/tiny" in refused.err
    assert resumed.code == 0, resumed.err


def test_resume_refuses_another_config(begun: Path, nnrun: Nnrun) -> None:
    config = Path("tiny.yaml")
    changed = CONFIG.replace("units: 4", "units: 8").replace("batch_size: 8", "batch_size: 9")
    config.write_text(f"seed: 3\n{changed}")

    refused = nnrun("train", config, "--resume")

    assert refused.code == 2
    assert refused.err.splitlines() == [
        "nnrun: 3 problems",
        "tiny.yaml:1:7: seed is 3, and the run was begun with nothing there",
        "    in seed",
        "tiny.yaml:8:28: model.layers.0.Dense.units is 8, and the run was begun with 4",
        "    in model.layers[0].Dense.units",
        "tiny.yaml:9:30: fit.batch_size is 9, and the run was begun with 8",
        "    in fit.batch_size",
        "    a run goes on with more epochs or patience, and with what only shows; "
        "a new run from its weights: nnrun train tiny.yaml --init-from runs/tiny",
    ]
    assert nnrun("resume", "tiny").code == 0  # the run has its own copy of the config


def test_resume_refuses_other_settings_and_keeps_its_own_in_the_command(
    nnrun: Nnrun, folder: Path, stop_at: StopAt
) -> None:
    stop_at(BEGUN)
    assert nnrun("train", tiny.write(folder, CONFIG), "-s", "compile.optimizer={SGD: 0.1}").code == 130

    refused = nnrun("resume", "tiny", "-s", "compile.optimizer.SGD=0.2")

    assert refused.code == 2
    assert "-s compile.optimizer.SGD=0.2: compile.optimizer.SGD" in refused.err
    anew = "nnrun train tiny.yaml -s 'compile.optimizer={SGD: 0.1}' -s compile.optimizer.SGD=0.2 --init-from runs/tiny"
    assert refused.err.endswith(f"a new run from its weights: {anew}\n")


def test_resume_refuses_other_data(begun: Path, nnrun: Nnrun, folder: Path) -> None:
    tiny.write(folder, CONFIG, tiny.rows()[:-3])

    refused = nnrun("resume", "tiny")

    assert refused.code == 3
    assert refused.err.splitlines()[-3:] == [
        "nnrun: the data is not what runs/tiny was begun with: table.csv",
        "    expected: the same files, byte for byte",
        "    a new run from its weights: nnrun train tiny.yaml --init-from runs/tiny",
    ]
    assert Run(begun).status == "stopped"


def test_resume_refuses_a_run_that_has_diverged(begun: Path, nnrun: Nnrun) -> None:
    info = tiny.read_json(begun / "run.json")
    (begun / "run.json").write_text(json.dumps({**info, "status": "diverged"}))

    refused = nnrun("resume", "tiny")

    assert (refused.code, refused.err) == (
        3,
        "nnrun: runs/tiny has diverged, and would again\n"
        "    a new run from its weights: nnrun train tiny.yaml --init-from runs/tiny\n",
    )


def test_resume_leaves_a_run_to_the_process_that_trains_it(begun: Path, nnrun: Nnrun) -> None:
    written = (begun / "run.json").read_bytes()
    with Lock.take(begun):
        busy = nnrun("resume", "tiny")
    assert busy.code == 75
    assert "is being trained by another process" in busy.err
    assert (begun / "run.json").read_bytes() == written


def test_resume_refuses_what_is_no_run(nnrun: Nnrun, folder: Path) -> None:
    (folder / "runs" / "empty").mkdir(parents=True)
    for name in ("empty", "runs/empty"):
        refused = nnrun("resume", name)
        assert (refused.code, refused.out) == (3, "")
        assert "is no run\n    expected: a folder with run.json\n" in refused.err
    assert "there is no run 'nothing' in runs" in nnrun("resume", "nothing").err


def test_resume_is_offered_beside_an_unfinished_twin(begun: Path, nnrun: Nnrun) -> None:
    second = nnrun("train", "tiny.yaml")
    assert second.run == Path("runs/tiny-2")
    told = "runs/tiny is of the same config and unfinished; to go on with it: nnrun resume runs/tiny"
    assert told in second.err
    assert Run(begun).status == "stopped"


def test_resume_by_name_takes_only_a_run_of_that_name(begun: Path, nnrun: Nnrun, stop_at: StopAt) -> None:
    other = nnrun("train", "tiny.yaml", "--name", "other", "--resume", "--smoke")
    assert other.run == Path("runs/other-smoke")
    assert nnrun("train", "tiny.yaml", "--name", "tiny", "--resume").run == Path("runs/tiny")


def test_init_from_begins_with_the_weights_of_another_run(
    killed: Path, nnrun: Nnrun, folder: Path, stop_at: StopAt
) -> None:
    command = ("train", "tiny.yaml", "--init-from", "killed", *WITHOUT_LEARNING)
    from_snapshot = nnrun(*command, "--name", "a")
    assert from_snapshot.code == 0, from_snapshot.err
    assert kernel(from_snapshot.run) == kernel(killed)
    assert nnrun("resume", "killed").code == 0
    from_model = nnrun(*command, "--name", "b")
    assert from_model.code == 0, from_model.err
    assert kernel(from_model.run) == kernel(killed) != kernel(from_snapshot.run)
    assert tiny.read_json(from_model.run / "run.json")["init_from"] == str(killed)

    stop_at(BEGUN)
    assert nnrun(*command, "--name", "c").code == 130
    assert nnrun("resume", "c").code == 0
    assert outcome(folder / "runs" / "c") == outcome(from_model.run)


def test_init_from_is_not_needed_once_there_is_a_snapshot(
    killed: Path, nnrun: Nnrun, folder: Path, stop_at: StopAt
) -> None:
    command = ("train", "tiny.yaml", "--init-from", "killed", "--name")
    whole = nnrun(*command, "a")
    stop_at(EPOCH, 2)
    assert nnrun(*command, "b").code == 130
    shutil.rmtree(killed)
    resumed = nnrun("resume", "b")
    assert resumed.code == 0, resumed.err
    assert outcome(resumed.run) == outcome(whole.run)


@pytest.mark.parametrize("has_model", [True, False])
def test_init_from_refuses_weights_that_do_not_fit(has_model: bool, killed: Path, nnrun: Nnrun) -> None:
    if has_model:
        assert nnrun("resume", "killed").code == 0
    for setting in ("layers.0.Dense.units=5", "layers=[{Dense: 4}, {Dense: 4}]", "layers=[{Dense: 3}]"):
        refused = nnrun("train", "tiny.yaml", "--init-from", "killed", "--name", "b", "-s", f"model.{setting}")
        assert refused.code == 3, refused.err
        assert "nnrun: the weights of runs/killed do not fit: " in refused.err
        assert refused.err.endswith("    expected: a run of a model with the same layers\n")


def test_init_from_refuses_a_run_without_weights(begun: Path, nnrun: Nnrun) -> None:
    refused = nnrun("train", "tiny.yaml", "--name", "b", "--init-from", "tiny")
    assert refused.code == 3
    assert refused.err.endswith("nnrun: runs/tiny has no weights: neither model.keras nor a snapshot\n")
    assert nnrun("train", "tiny.yaml", "--init-from", "nothing").code == 3
