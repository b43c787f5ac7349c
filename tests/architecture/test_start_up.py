"""What starts without Keras, and what `import nnrun` does to the process that imports it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from house import ROOT

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "scipy", "numpy", "matplotlib", "jinja2")

# A finder that makes the packages named in the first argument raise, as on a machine that lacks them.
WITHOUT = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name in sys.argv[1].split(","):
            raise AssertionError(f"{name} was imported")
"""
MAIN = """
sys.meta_path.insert(0, Refusing())
sys.argv = ["nnrun", *sys.argv[2:]]
from nnrun.cli import main
main()
"""


def python(code: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter, with warnings as errors, and nothing of ours set in its environment."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NNRUN_")}
    environment |= {"PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code), *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def without(packages: str, *arguments: str, folder: Path) -> str:
    """What a command prints where importing any of the packages fails."""
    done = python(WITHOUT + MAIN, packages, *arguments, folder=folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with a finished run of two epochs, written by hand."""
    folder = tmp_path / "runs" / "iris"
    folder.mkdir(parents=True)
    info = {
        "format": 1,
        "status": "complete",
        "times": {"started": "2026-01-02T03:04:05+00:00"},
        "task": {"species": {"task": "multiclass", "classes": ["setosa", "versicolor"]}},
        "monitor": {"name": "val_loss", "mode": "min"},
    }
    (folder / "run.json").write_text(json.dumps(info))
    (folder / "history.csv").write_text("epoch,seconds,learning_rate,loss,val_loss\n1,1,0.1,1.0,1.1\n2,1,0.1,0.5,0.7\n")
    (folder / "metrics.json").write_text(json.dumps({"format": 1, "test": {"loss": 0.7}, "floor": {}}))
    return tmp_path


LIGHT = "tensorflow,keras,pandas,sklearn,scipy,matplotlib"


def test_start_up_help_needs_no_heavy_package(tmp_path: Path) -> None:
    assert "Usage: nnrun [OPTIONS] COMMAND" in without(",".join(HEAVY), "--help", folder=tmp_path)


def test_start_up_check_needs_no_keras_pandas_scikit_learn_or_matplotlib(tmp_path: Path) -> None:
    config = str(ROOT / "configs" / "cnn.yaml")
    assert without(LIGHT, "check", config, folder=tmp_path).endswith(": no problems (8 layers, 71,754 parameters)\n")


def test_start_up_show_config_needs_no_keras_pandas_scikit_learn_or_matplotlib(tmp_path: Path) -> None:
    shown = without(LIGHT, "show", str(ROOT / "configs" / "cnn.yaml"), folder=tmp_path)
    assert "parameters: 71,754" in shown.splitlines()


def test_start_up_data_and_the_proof_of_no_leaks_need_no_keras(tmp_path: Path) -> None:
    config = str(ROOT / "configs" / "mixed_columns.yaml")
    assert without("tensorflow,keras,matplotlib", "data", config, folder=tmp_path).startswith("300 rows; split: ")
    assert without("tensorflow,keras,matplotlib", "check", "--leaks", config, folder=tmp_path).startswith("no leaks: ")


def test_start_up_ls_needs_no_keras_pandas_scikit_learn_or_matplotlib(runs: Path) -> None:
    assert "iris" in without(LIGHT, "ls", folder=runs)


def test_start_up_show_run_needs_no_keras_pandas_scikit_learn_or_matplotlib(runs: Path) -> None:
    assert without(LIGHT, "show", "iris", folder=runs).splitlines()[-1] == "runs/iris"


def test_start_up_plot_needs_no_keras_pandas_or_scikit_learn(runs: Path) -> None:
    drawn = without("tensorflow,keras,pandas,sklearn", "plot", "iris", folder=runs).split()
    assert "runs/iris/figures/curves.png" in drawn
    assert drawn[-1] == "runs/iris/report.html"


def test_start_up_import_nnrun_leaves_the_process_as_it_was(tmp_path: Path) -> None:
    """A notebook's `import nnrun` touches no finder, sets no variable, and imports nothing heavy."""
    code = """
    import json, os, sys
    finders, variables = list(sys.meta_path), dict(os.environ)
    import nnrun
    nnrun.load_config
    heavy = sorted(name for name in sys.argv[1].split(",") if name in sys.modules)
    print(json.dumps([heavy, sys.meta_path == finders, dict(os.environ) == variables]))
    """
    done = python(code, ",".join((*HEAVY, "pydantic", "typer", "rich", "yaml")), folder=tmp_path)
    assert (done.stderr, json.loads(done.stdout)) == ("", [[], True, True])


def test_start_up_every_public_name_of_nnrun_is_there(tmp_path: Path) -> None:
    code = "import nnrun; print([name for name in nnrun.__all__ if getattr(nnrun, name, None) is None])"
    assert python(code, folder=tmp_path).stdout == "[]\n"


def test_start_up_no_public_name_is_the_name_of_a_room() -> None:
    """Python binds an imported room as an attribute of the package, where it would hide the verb of its name."""
    assert {path.stem for path in (ROOT / "nnrun").iterdir()} & {
        "train",
        "cross_validate",
        "load_config",
        "Run",
    } == set()
