"""That both sides of a benchmark do the same work, that the light commands stay light, and (nightly) the numbers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bench
import pytest

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "scipy", "matplotlib")
REPORT = """
import sys
from nnrun.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    code = end.code
loaded = sorted({name.partition(".")[0] for name in sys.modules})
print(*loaded, file=open("modules.txt", "w"))
sys.exit(code)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place with one finished run, `runs/small`."""
    run = tmp_path / "runs" / "small"
    run.mkdir(parents=True)
    info = {
        "format": 1,
        "status": "complete",
        "times": {"started": "2026-01-02T03:04:05+00:00"},
        "task": {"label": {"task": "multiclass", "classes": ["a", "b"]}},
        "monitor": {"name": "val_loss", "mode": "min"},
    }
    (run / "run.json").write_text(json.dumps(info))
    (run / "history.csv").write_text(
        "epoch,seconds,learning_rate,loss,accuracy,val_loss,val_accuracy\n"
        "1,0.1,0.001,0.9,0.5,1.0,0.4\n2,0.1,0.001,0.5,0.8,0.6,0.7\n3,0.1,0.001,0.3,0.9,0.5,0.8\n"
    )
    (run / "metrics.json").write_text(json.dumps({"format": 1, "test": {"loss": 0.5, "accuracy": 0.75}}))
    (run / "predictions.csv").write_text(
        "row,part,target,prediction,p_a,p_b\n0,test,a,a,0.9,0.1\n1,test,b,b,0.2,0.8\n2,test,a,b,0.4,0.6\n"
    )
    return tmp_path


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The packages that a command of nnrun has imported when it ends."""
    path = str(bench.ROOT)
    ended = subprocess.run(
        [sys.executable, "-c", REPORT, *arguments],
        cwd=folder,
        env={"PATH": "", "PYTHONPATH": path, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return set((folder / "modules.txt").read_text().split())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["train", "--help"],
        ["check", str(bench.HERE / "fifteen_layers.yaml")],
        ["show", str(bench.HERE / "fifteen_layers.yaml")],
        ["show", "small"],
        ["ls"],
    ],
    ids=["help", "train-help", "check", "show-config", "show-run", "ls"],
)
def test_cli_light_commands_import_nothing_heavy(arguments: list[str], folder: Path) -> None:
    assert loaded(folder, *arguments) & set(HEAVY) == set()


def test_cli_plot_draws_without_the_frameworks(folder: Path) -> None:
    assert loaded(folder, "plot", "runs/small") & set(HEAVY) == {"matplotlib"}
    assert (folder / "runs" / "small" / "figures" / "curves.png").exists()


def test_bench_config_for_check_has_fifteen_layers() -> None:
    text = (bench.HERE / "fifteen_layers.yaml").read_text()
    layers = text.partition("  layers:\n")[2].partition("\ncompile:")[0].splitlines()
    assert len(layers) == 15


def test_bench_every_config_has_its_script_and_every_script_its_config() -> None:
    scripts = {path.name.removesuffix("_by_hand.py") for path in bench.HERE.glob("*_by_hand.py")}
    configs = {path.stem for path in bench.HERE.glob("*.yaml")} - {"fifteen_layers"}
    assert scripts == configs == set(bench.NEEDS_DATA)


def test_bench_ratio_is_paired() -> None:
    ours = [bench.Cost(1, 2), bench.Cost(3, 3), bench.Cost(5, 5)]
    theirs = [bench.Cost(2, 2), bench.Cost(4, 2), bench.Cost(4, 1)]
    told = bench.Comparison("table", ours, theirs)
    assert told.ratios("wall") == [0.5, 0.75, 1.25]
    assert str(told).splitlines() == [
        "table, 3 pairs",
        "  wall  ratio 0.75 (0.50 to 1.25)   3.00 s against 4.00 s",
        "  cpu   ratio 1.50 (1.00 to 5.00)   3.00 s against 2.00 s",
    ]


def test_bench_run_measures_the_process_and_shows_a_failure(tmp_path: Path) -> None:
    cost = bench.run([sys.executable, "-c", "sum(range(10**6))"], tmp_path)
    assert cost.cpu > 0
    assert cost.wall > 0
    with pytest.raises(SystemExit, match=r"ended with 3:\nthe reason"):
        bench.run([sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], tmp_path)


@pytest.mark.nightly
@pytest.mark.parametrize("name", bench.NEEDS_DATA)
def test_bench_both_sides_do_the_same_work(name: str, tmp_path: Path) -> None:
    _skip_without_data(name)
    import keras

    bench.run(bench.by_nnrun(name, tmp_path, epochs=2), tmp_path)
    bench.run(bench.by_hand(name, tmp_path, epochs=2), tmp_path)
    ours, theirs = tmp_path / "runs" / name, tmp_path
    assert _history(ours) == _history(theirs)
    assert _network(keras.models.load_model(ours / "model.keras")) == _network(
        keras.models.load_model(theirs / "model.keras")
    )
    parts = json.loads((ours / "metrics.json").read_text())["test"]
    assert set(parts) == set(json.loads((theirs / "metrics.json").read_text()))


@pytest.mark.nightly
@pytest.mark.parametrize("name", bench.NEEDS_DATA)
def test_bench_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints and never decides: a bound is a matter of `bench.py` on a quiet machine."""
    _skip_without_data(name)
    told = bench.benchmark(name, pairs=1, epochs=2)
    with capsys.disabled():
        print(f"\n{told}")
    assert len(told.ratios("wall")) == 1


@pytest.mark.nightly
def test_bench_startup_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints and never decides."""
    lines = bench.startups(times=3)
    told = bench.keras_import(pairs=3)
    with capsys.disabled():
        print("", *lines, told, sep="\n")
    assert len(lines) == 2


def _skip_without_data(name: str) -> None:
    if name not in bench.available():
        pytest.skip(f"the benchmark {name} reads files: set NNRUN_DATA to the folder of the data sets")


def _history(folder: Path) -> tuple[int, set[str]]:
    """How many epochs, and what was recorded of each."""
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    return len(rows), set(rows[0]) - {"seconds", "learning_rate"}


def _network(model: Any) -> dict[str, Any]:
    """The layers with their shapes, the loss, and the optimizer with its settings."""
    settings = model.optimizer.get_config()
    return {
        "layers": [(type(layer).__name__, layer.output.shape, layer.count_params()) for layer in model.layers],
        "optimizer": type(model.optimizer).__name__,
        "learning rate": pytest.approx(settings["learning_rate"], rel=1e-6),
        "steps": int(model.optimizer.iterations),
    }
