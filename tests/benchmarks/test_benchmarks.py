"""That both sides of a benchmark do the same work, that the light commands stay light, and (nightly) the numbers."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import bench
import epochs
import pytest
import sizes

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
    of_tasks = {name for name, one in bench.BENCHMARKS.items() if one.folder == bench.TASKS}
    assert all((bench.TASKS / f"{name}.yaml").exists() for name in of_tasks)
    assert scripts - of_tasks == configs == set(bench.BENCHMARKS) - of_tasks
    assert set(epochs.MOONSHOTS) <= set(epochs.BOUNDS) <= configs


def test_bench_ratio_is_paired() -> None:
    ours = [bench.Cost(1, 2, 100), bench.Cost(3, 3, 100), bench.Cost(5, 5, 130)]
    theirs = [bench.Cost(2, 2, 100), bench.Cost(4, 2, 80), bench.Cost(4, 1, 100)]
    told = bench.Comparison("table", ours, theirs, {"peak": 1.15})
    assert told.ratios("wall") == [0.5, 0.75, 1.25]
    assert str(told).splitlines() == [
        "table, 3 pairs",
        "  wall  ratio 0.75 (0.50 to 1.25)   3.00 s against 4.00 s",
        "  cpu   ratio 1.50 (1.00 to 5.00)   3.00 s against 2.00 s",
        "  peak  ratio 1.25 (1.00 to 1.30)   100.00 MiB against 100.00 MiB, bound 1.15",
    ]


def test_bench_run_measures_the_process_and_shows_a_failure(tmp_path: Path) -> None:
    cost = bench.run([sys.executable, "-c", "sum(range(10**6))"], tmp_path)
    assert cost.cpu > 0
    assert cost.wall > 0
    with pytest.raises(SystemExit, match=r"ended with 3:\nthe reason"):
        bench.run([sys.executable, "-c", "print('the reason'); raise SystemExit(3)"], tmp_path)


def test_bench_peak_is_the_memory_that_the_process_held(tmp_path: Path) -> None:
    """No upper bound can be told: it is at least what this process held."""
    held = bench.run([sys.executable, "-c", "b'1' * (1 << 28)"], tmp_path)
    assert 1 << 8 < held.peak < 1 << 16


def test_bench_a_benchmark_says_its_verb(tmp_path: Path) -> None:
    assert bench.by_nnrun("cv_auto_mpg", tmp_path)[3:5] == ["cv", str(bench.HERE / "cv_auto_mpg.yaml")]
    assert bench.by_nnrun("digits", tmp_path)[3:5] == ["train", str(bench.HERE / "digits.yaml")]


def test_epochs_leave_the_first_out(tmp_path: Path) -> None:
    history = tmp_path / "history.csv"
    history.write_text("epoch,seconds,loss\n1,9,0.5\n2,0.25,0.4\n3,0.75,0.3\n4,0.5,0.2\n")
    assert epochs.median_epoch(history) == 0.5
    history.write_text("epoch,seconds\n1,9\n")
    with pytest.raises(SystemExit, match="has 1 epochs: at least 2 are needed"):
        epochs.median_epoch(history)


def test_epochs_ratio_is_paired() -> None:
    told = epochs.Comparison("digits_mlp", [0.015, 0.03, 0.02], [0.1, 0.1, 0.2])
    assert told.ratios == pytest.approx([0.15, 0.3, 0.1])
    assert str(told).splitlines() == [
        "digits_mlp, 3 pairs",
        "  epoch ratio 0.150 (0.100 to 0.300)   20.0 ms against 100.0 ms, bound 0.20, moonshot 0.10",
    ]


def test_sizes_growth_is_against_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = bench.Cost(1, 1, 900)
    monkeypatch.setattr(sizes, "_train", lambda rows, batch_size, number: (0.01 + rows / 10**5, cost))
    assert sizes.by_rows([1_000, 10_000], [32], times=1, most=3) == [
        ["32", "1,000", "20.0", "20.00", "", "1", "900"],
        ["32", "10,000", "110.0", "11.00", "0.55", "1", "900"],
    ]
    walls = {2: 12.0, 5: 15.0, 10: 25.0}
    monkeypatch.setattr(
        sizes, "_cross_validate", lambda folds, number: ((1.5, 0.5), bench.Cost(walls[folds], 1, 900 + folds))
    )
    assert sizes.by_folds([2, 5, 10], times=1, most=3) == [
        ["2", "12.0", "1.50", "0.50", "", "", "902"],
        ["5", "15.0", "1.50", "0.50", "1.00", "", "905"],
        ["10", "25.0", "1.50", "0.50", "2.00", "2.00", "910"],
    ]


def test_sizes_write_into_their_place_on_the_page(tmp_path: Path) -> None:
    assert len(sizes.GENERATED.findall(sizes.PAGE.read_text(encoding="utf-8"))) == 1
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- generated: sizes -->\nold\n<!-- end -->\nafter\n")
    sizes.write("| a \\1 |\n", page)
    assert page.read_text() == "before\n<!-- generated: sizes -->\n| a \\1 |\n<!-- end -->\nafter\n"
    page.write_text("nothing to fill in\n")
    with pytest.raises(SystemExit, match="has 0 places"):
        sizes.write("new", page)


@pytest.mark.nightly
@pytest.mark.parametrize("name", bench.BENCHMARKS)
def test_bench_both_sides_do_the_same_work(name: str, tmp_path: Path) -> None:
    _skip_without_data(name)
    import keras

    bench.run(bench.by_nnrun(name, tmp_path, epochs=2), tmp_path)
    bench.run(bench.by_hand(name, tmp_path, epochs=2), tmp_path)
    ours, theirs = tmp_path / "runs" / name, tmp_path
    folds = [f"fold-{number}" for number in range(1, 6)] if bench.BENCHMARKS[name].verb == "cv" else [""]
    for fold in folds:
        assert _history(ours / fold) == _history(theirs / fold)
        if bench.BENCHMARKS[name].saves_alike:
            assert _network(keras.models.load_model(ours / fold / "model.keras")) == _network(
                keras.models.load_model(theirs / fold / "model.keras")
            )
    assert set(_scores(ours)) == set(_scores(theirs))


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("name", "metric", "apart"),
    [
        ("cv_auto_mpg", "r2_score", 0.02),
        ("digits_mlp", "accuracy", 0.02),
        ("course_cnn", "accuracy", 0.02),
        ("gradient_tape", "accuracy", 0.02),
        ("vae_fashion", "loss", 45.0),  # of 273 to 310: a seed may use one of the two numbers of the code for a while
    ],
)
def test_bench_both_sides_score_alike(name: str, metric: str, apart: float, tmp_path: Path) -> None:
    """All epochs of both, with other first weights and another order of the rows."""
    _skip_without_data(name)
    bench.run(bench.by_nnrun(name, tmp_path), tmp_path)
    bench.run(bench.by_hand(name, tmp_path), tmp_path)
    assert _scores(tmp_path / "runs" / name)[metric] == pytest.approx(_scores(tmp_path)[metric], abs=apart)


@pytest.mark.nightly
@pytest.mark.parametrize("name", bench.BENCHMARKS)
def test_bench_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints and never decides: a bound is a matter of `bench.py` on a quiet machine."""
    _skip_without_data(name)
    told = bench.benchmark(name, pairs=1, epochs=2)
    with capsys.disabled():
        print(f"\n{told}")
    assert len(told.ratios("wall")) == 1


@pytest.mark.nightly
@pytest.mark.parametrize("name", epochs.BOUNDS)
def test_epochs_numbers(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prints and never decides."""
    _skip_without_data(name)
    told = epochs.compare(name, pairs=1, epochs=3)
    with capsys.disabled():
        print(f"\n{told}")
    assert len(told.ratios) == 1


@pytest.mark.nightly
def test_sizes_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints and never decides."""
    rows, folds = sizes.by_rows([1_000], [32], times=1, most=2), sizes.by_folds([2, 3], times=1, most=2)
    with capsys.disabled():
        print("", sizes.report(rows, folds), sep="\n")
    assert [len(line) for line in (*rows, *folds)] == [7, 7, 7]


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


def _scores(folder: Path) -> dict[str, float]:
    """Of the rows that were held out last, of all where none were; a script writes the scores alone."""
    parts = json.loads((folder / "metrics.json").read_text())
    return next((dict(parts[part]) for part in ("held_out", "test", "validation", "train") if part in parts), parts)


def _network(model: Any) -> dict[str, Any]:
    """The layers with their shapes, the loss, and the optimizer with its settings."""
    layers = [(type(layer).__name__, layer.output.shape, layer.count_params()) for layer in model.layers]
    if getattr(model, "optimizer", None) is None:  # a network of several is saved alone
        return {"layers": layers}
    settings = model.optimizer.get_config()
    rate = settings["learning_rate"]
    return {
        "layers": layers,
        "optimizer": type(model.optimizer).__name__,
        "learning rate": pytest.approx(rate["config"] if isinstance(rate, dict) else rate, rel=1e-6),
        "steps": int(model.optimizer.iterations),
    }
