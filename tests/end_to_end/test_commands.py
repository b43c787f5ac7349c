"""The commands as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import CONFIGS, Nnrun

from nnrun import load_config

NO_FIGURES = ("-s", "report.figures=[]")


@pytest.fixture
def project(folder: Path) -> Path:
    """A folder like the repository: configs/ with two files, pyproject.toml that names the default one."""
    (folder / "configs").mkdir()
    for name in ("cnn.yaml", "mlp.yaml"):
        shutil.copy(CONFIGS / name, folder / "configs" / name)
    (folder / "pyproject.toml").write_text('[tool.nnrun]\ndefault-config = "configs/cnn.yaml"\n')
    return folder


def test_commands_of_the_readme_train_cross_validate_and_plot(nnrun: Nnrun, project: Path) -> None:
    trained = nnrun("train", "configs/cnn.yaml", "--smoke")
    assert (trained.code, str(trained.run)) == (0, "runs/cnn-smoke"), trained.err

    folded = nnrun("cv", "--folds", "5", "--smoke", *NO_FIGURES)
    assert (folded.code, str(folded.run)) == (0, "runs/cnn-smoke-2"), folded.err
    assert "config: configs/cnn.yaml (default-config of pyproject.toml)" in folded.err
    assert sorted(path.name for path in folded.run.glob("fold-*")) == [f"fold-{number}" for number in range(1, 6)]

    shutil.rmtree(trained.run / "figures")
    (trained.run / "report.html").unlink()
    plotted = nnrun("plot", "runs/cnn-smoke")
    assert plotted.code == 0
    assert {"runs/cnn-smoke/figures/curves.png", "runs/cnn-smoke/report.html"} <= set(plotted.out.splitlines())
    for line in plotted.out.splitlines():
        assert (project / line).stat().st_size > 0


def test_check_without_the_data_says_that_the_model_was_not_checked(nnrun: Nnrun, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("data: {source: {npz: nowhere.npz}, target: y}\nmodel: {layers: [Dense: 4]}\n")

    checked = nnrun("check", file)

    assert checked.out == f"{file}: no problems (shapes were not checked: the data is not here)\n"
    assert "there is no 'nowhere.npz' here" in checked.err


def test_commands_take_the_named_config_before_any_default(
    nnrun: Nnrun, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNRUN_CONFIG", "configs/cnn.yaml")
    checked = nnrun("check", "configs/mlp.yaml")
    assert checked.out.startswith("configs/mlp.yaml: no problems")
    assert checked.err == ""


def test_commands_take_the_config_of_the_environment(
    nnrun: Nnrun, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNRUN_CONFIG", "configs/mlp.yaml")
    checked = nnrun("check")
    assert checked.out.startswith("configs/mlp.yaml: no problems")
    assert checked.err == "config: configs/mlp.yaml (NNRUN_CONFIG)\n"


def test_commands_take_the_default_of_the_project(nnrun: Nnrun, project: Path) -> None:
    checked = nnrun("check")
    assert checked.out.startswith("configs/cnn.yaml: no problems")
    assert checked.err == "config: configs/cnn.yaml (default-config of pyproject.toml)\n"


def test_commands_take_the_config_of_the_latest_run(nnrun: Nnrun, folder: Path) -> None:
    """The run may have been asked for from anywhere; its data is found where it was."""
    config = tiny.write(folder)
    assert nnrun("train", config, "--smoke", *NO_FIGURES).code == 0
    again = nnrun("train", "--smoke", *NO_FIGURES)
    assert again.code == 0, again.err
    assert "(the config of the latest run)" in again.err
    assert tiny.history(again.run) == tiny.history(folder / "runs" / "tiny-smoke")


def test_commands_take_the_only_config_there_is(nnrun: Nnrun, folder: Path) -> None:
    (folder / "configs").mkdir()
    shutil.copy(CONFIGS / "mlp.yaml", folder / "configs" / "mlp.yaml")
    checked = nnrun("check")
    assert checked.out.startswith("configs/mlp.yaml: no problems")
    assert checked.err == "config: configs/mlp.yaml (the only file in configs/)\n"


def test_commands_without_any_config_say_how_to_name_one(nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun("cv", "--folds", "5")
    assert (ended.code, ended.out) == (2, "")
    for way in ("nnrun train configs/cnn.yaml", "export NNRUN_CONFIG=", "[tool.nnrun]"):
        assert way in ended.err


def test_commands_between_two_configs_take_none(nnrun: Nnrun, project: Path) -> None:
    (project / "pyproject.toml").unlink()
    assert nnrun("check").code == 2


def test_commands_ls_shows_the_newest_run_first(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)
    for name in ("one", "two"):
        assert nnrun("train", config, "--smoke", "--name", name, *NO_FIGURES).code == 0

    listed = nnrun("ls", "--json")

    assert listed.code == 0
    assert {row["name"] for row in listed.json} == {"one-smoke", "two-smoke"}
    assert {row["status"] for row in listed.json} == {"complete"}
    assert {row["metric"] for row in listed.json} == {"accuracy"}
    assert "one-smoke" in nnrun("ls").out


def test_commands_ls_without_runs_says_so(nnrun: Nnrun, folder: Path) -> None:
    listed = nnrun("ls")
    assert (listed.code, listed.out.strip()) == (0, "")
    assert "no runs in runs" in listed.err


def test_commands_show_tells_a_config_and_a_run(nnrun: Nnrun, project: Path) -> None:
    shown = nnrun("show", "configs/cnn.yaml")
    assert shown.code == 0
    assert "parameters: 71,754" in shown.out.splitlines()

    run = nnrun("train", "configs/cnn.yaml", "--smoke", *NO_FIGURES).run
    told = nnrun("show", run)
    assert told.code == 0
    assert told.out.startswith("status: complete\n")
    with np.load(run / "probe.npz") as seen:
        assert list(seen["layers"]) == ["conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1"]
        assert (seen["filters"].shape, seen["picture"].shape) == ((3, 3, 1, 16), (8, 8, 1))
        assert [seen[f"maps_{number}"].shape for number in (0, 3)] == [(8, 8, 16), (2, 2, 16)]
    assert told.out.rstrip().endswith(str(run))


def test_commands_show_builds_what_arithmetic_does_not_know_and_draws(nnrun: Nnrun, folder: Path) -> None:
    text = """
data: {source: {sklearn: digits}}
model:
  layers:
    - Flatten
    - EinsumDense: {equation: "bi,ij->bj", output_shape: 5}
"""
    (folder / "einsum.yaml").write_text(text, encoding="utf-8")
    shown = nnrun("show", "einsum.yaml")
    assert "parameters: 0 without einsum_dense and 1 more: `--build` asks Keras" in shown.out.splitlines()
    built = nnrun("show", "einsum.yaml", "--build", "--svg", "einsum.svg")
    assert (built.code, f"parameters: {64 * 5 + 5 * 10 + 10}" in built.out.splitlines()) == (0, True)
    assert "* from the layers that Keras built: einsum_dense, label" in built.out.splitlines()
    assert (folder / "einsum.svg").read_text(encoding="utf-8").startswith("<svg ")


def test_commands_show_origin_tells_a_line_of_each_value(nnrun: Nnrun, project: Path) -> None:
    told = nnrun("show", "configs/cnn.yaml", "--origin", "-s", "fit.epochs=5")
    lines = [line.split(maxsplit=2) for line in told.out.splitlines()]
    assert ["fit.epochs", "5", "-s fit.epochs=5"] in lines
    assert ["fit.shuffle", "true", "default"] in lines


@pytest.mark.parametrize("command", ["check", "show"])
def test_commands_give_one_json_value_about_a_config(command: str, nnrun: Nnrun, project: Path) -> None:
    told = nnrun(command, "configs/cnn.yaml", "--json")
    assert told.code == 0
    assert told.json["config"] == "configs/cnn.yaml"


def test_commands_give_one_json_value_about_a_run(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    trained = nnrun("train", config, "--smoke", "--json")
    assert (trained.json["status"], set(trained.json["metrics"]["test"])) == ("complete", {"loss", "accuracy"})
    folded = nnrun("cv", config, "--smoke", "--json", "--folds", "2", *NO_FIGURES)
    assert len(folded.json["cv"]["metric"]["accuracy"]["folds"]) == 2
    shown = nnrun("show", trained.json["path"], "--json")
    assert shown.json["path"] == trained.json["path"]
    plotted = nnrun("plot", trained.json["path"], "--json", "--figure", "curves")
    assert [Path(path).name for path in plotted.json["figures"]] == ["curves.png"]


def test_commands_report_problems_as_json(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, tiny.CONFIG.replace("Dense", "Dens"))
    told = nnrun("check", config, "--json")
    assert told.code == 2
    assert [(problem["line"], problem["column"]) for problem in told.json["problems"]] == [(7, 13)]


def test_commands_override_any_key(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)

    ended = nnrun(
        "train", config, *NO_FIGURES, "-s", "fit.epochs=2", "-s", "model.layers.0.Dense.units=7", "--seed", "5"
    )

    assert ended.code == 0, ended.err
    assert len(tiny.history(ended.run)) == 2
    info = tiny.read_json(ended.run / "run.json")
    assert (info["seed"], info["parameters"]) == (5, 4 * 7 + 7 + 7 * 3 + 3)
    assert info["overrides"] == ["report.figures=[]", "fit.epochs=2", "model.layers.0.Dense.units=7", "seed=5"]
    assert (ended.run / "config.yaml").read_text() == tiny.CONFIG


def test_commands_refuse_an_override_of_no_key(nnrun: Nnrun, folder: Path) -> None:
    ended = nnrun("train", tiny.write(folder), "-s", "fit.epoch=2")
    assert ended.code == 2
    assert "epochs" in ended.err
    assert not (folder / "runs").exists()


def test_commands_run_as_a_module(nnrun_process: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)
    ended = nnrun_process("train", config, "--smoke", "-q", *NO_FIGURES)
    assert (ended.code, ended.err) == (0, "")
    assert str(ended.run) == "runs/tiny-smoke"
    assert tiny.read_json(ended.run / "run.json")["argv"][:2] == ["nnrun", "train"]


def test_commands_smoke_scores_two_batches_of_a_large_part(nnrun: Nnrun, folder: Path) -> None:
    """Keras cuts the prediction as it cuts the training; truths and answers stay together."""
    config = tiny.write(folder, table=tiny.rows(3_000))

    ended = nnrun("train", config, "--smoke", *NO_FIGURES)

    assert ended.code == 0, ended.err
    parts = [row["part"] for row in tiny.read_csv(ended.run / "predictions.csv")]
    assert (parts.count("validation"), parts.count("test")) == (512, 512)


def test_commands_are_functions_of_the_package(folder: Path) -> None:
    """Twice, since importing the rooms of the package must not hide its functions."""
    import nnrun

    config = tiny.write(folder)
    settings = ["report.figures=[]", "fit.epochs=1"]

    trained = [nnrun.train(config, overrides=settings) for _ in range(2)]
    folded = nnrun.cross_validate(config, overrides=[*settings, "cv.folds=2"])

    assert [(type(run), run.path, run.status) for run in trained] == [
        (nnrun.Run, folder / "runs" / name, "complete") for name in ("tiny", "tiny-2")
    ]
    assert [child.name for child in folded.children] == ["fold-1", "fold-2"]
    assert nnrun.load_config(config).name == "tiny"


def test_commands_cv_of_the_latest_run_takes_its_name_and_its_overrides(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder)
    trained = nnrun("train", config, "--name", "first", "--smoke", "-s", "fit.batch_size=20", *NO_FIGURES)
    config.unlink()

    ended = nnrun("cv", "--folds", "2", "--smoke")

    assert ended.code == 0, ended.err
    assert ended.err.startswith(f"config: {trained.run / 'resolved.yaml'} (the config of the latest run)\n")
    assert ended.run.name == "first-smoke-2"
    assert load_config(ended.run / "resolved.yaml").fit.batch_size == 20


def test_commands_run_is_named_after_any_file(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder).rename(folder / "my model.yaml")
    ended = nnrun("train", config, "--smoke", "-s", "report.figures=[]")
    assert (ended.code, str(ended.run)) == (0, "runs/my-model-smoke")
