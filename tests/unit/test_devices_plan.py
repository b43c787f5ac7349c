"""The plan of devices: what is chosen on made-up machines, what is refused, and in which words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import nnrun
from nnrun.config import Config, load_config
from nnrun.config.dump import dump
from nnrun.devices import obstacles, wanted
from nnrun.devices.plan import Plan, plan
from nnrun.devices.probe import Probe
from nnrun.errors import ConfigError, MissingError, NnrunError, Problem

SMALL = {"data": {"source": {"sklearn": "iris"}}, "model": {"layers": [{"Dense": 8}]}}


@pytest.fixture
def config(tmp_path: Path) -> Any:
    """A config with a runtime: `config(device="gpu")`; what of `fit` is given stands beside it."""

    def written(fit: dict[str, Any] | None = None, **runtime: Any) -> Config:
        file = tmp_path / "a.yaml"
        file.write_text(dump({**SMALL, "fit": fit or {}, "runtime": runtime}), encoding="utf-8")
        return load_config(file)

    return written


@pytest.fixture
def hindered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A config that learns something else on several of TensorFlow's replicas, and with rows that fill a batch up."""
    monkeypatch.setattr(
        obstacles, "of_replicas", lambda *_: [Problem("Dropout draws for each replica", None, "", "use JAX")]
    )
    monkeypatch.setattr(obstacles, "of_padding", lambda *_: [Problem("BatchNormalization looks across the rows")])


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> None:
    """A config that nothing hinders."""
    monkeypatch.setattr(obstacles, "of_replicas", lambda *_: [])
    monkeypatch.setattr(obstacles, "of_padding", lambda *_: [])


def tensorflow(gpus: int = 0, tpus: int = 0) -> Probe:
    sought = {} if gpus else {"gpu": "TensorFlow sees no GPU"}
    return Probe("tensorflow", 8, ("H200",) * gpus, ("TPU",) * tpus, sought)


def jax(gpus: int = 0, tpus: int = 0) -> Probe:
    return Probe("jax", 8, ("H200",) * gpus, ("TPU v5",) * tpus, {} if gpus else {"gpu": "there is no sign of a GPU"})


def refusal(config: Config, probe: Probe) -> NnrunError:
    with pytest.raises(NnrunError) as caught:
        plan(config, probe)
    return caught.value


def told(error: NnrunError) -> list[str]:
    return [problem.what for problem in error.problems]


# What `auto` takes


@pytest.mark.parametrize(
    ("probe", "chosen", "line"),
    [
        (tensorflow(), Plan("cpu", names=("CPU",), reasons=("TensorFlow sees no GPU",)), "CPU; TensorFlow sees no GPU"),
        (jax(), Plan("cpu", names=("CPU",), reasons=("there is no sign of a GPU",)), "CPU; there is no sign of a GPU"),
        (tensorflow(gpus=1), Plan("gpu", determinism=True, names=("H200",)), "GPU (H200)"),
        (jax(gpus=1), Plan("gpu", names=("H200",)), "GPU (H200)"),
        (jax(tpus=1), Plan("tpu", names=("TPU v5",)), "TPU (TPU v5)"),
    ],
)
def test_plan_auto_takes_the_best_that_is_there(config: Any, free: None, probe: Probe, chosen: Plan, line: str) -> None:
    found = plan(config(), probe)
    assert found == chosen
    assert found.line == line


def test_plan_auto_takes_all_gpus_where_the_result_is_that_of_one(config: Any, free: None) -> None:
    found = plan(config(), tensorflow(gpus=2))
    assert (found.device, found.strategy, found.numbers, found.replicas) == ("gpu", "data_parallel", (0, 1), 2)
    assert found.line == "2 GPUs, data parallel, remainder: pad; the result is that of one GPU"
    assert plan(config(), jax(tpus=8)).line == "8 TPUs, data parallel; the result is that of one TPU"


def test_plan_auto_takes_as_many_as_are_asked_for(config: Any, free: None) -> None:
    found = plan(config(devices=2), tensorflow(gpus=8))
    assert (found.numbers, found.replicas) == ((0, 1), 2)
    assert plan(config(devices=1), tensorflow(gpus=8)).line == "GPU (H200)"


def test_plan_auto_takes_one_of_several_gpus_where_something_hinders(config: Any, hindered: None) -> None:
    found = plan(config(), tensorflow(gpus=8))
    assert (found.strategy, found.numbers, found.replicas, found.remainder) == ("one", (0,), 1, "short")
    assert found.line == "GPU (H200); one of 8 GPUs, since Dropout draws for each replica: use JAX"


def test_plan_auto_takes_one_of_several_gpus_where_a_batch_size_cannot_be_parted(config: Any, free: None) -> None:
    found = plan(config(fit={"batch_size": 30}), jax(gpus=8))
    assert found.strategy == "one"
    assert "since batch_size 30 cannot be parted evenly among 8 replicas: write `batch_size: 32`" in found.line


def test_plan_nothing_hinders_jax(config: Any, hindered: None) -> None:
    """One program computes for all devices, so that TensorFlow's obstacles are none."""
    found = plan(config(), jax(gpus=2))
    assert (found.strategy, found.remainder) == ("data_parallel", "short")
    assert plan(config(strategy="data_parallel"), jax(gpus=2)).replicas == 2


def test_plan_auto_never_parts_the_cpu(config: Any, free: None) -> None:
    found = plan(config(device="cpu", devices=8), jax())
    assert (found.strategy, found.numbers) == ("one", (0,))
    assert found.line == "CPU; not parted: that is slower, and takes `strategy: data_parallel`"


def test_plan_what_was_missed_is_not_told_where_something_better_was_found(config: Any, free: None) -> None:
    probe = Probe("jax", 8, (), ("TPU v5",), {"gpu": "there is no sign of a GPU"})
    assert plan(config(), probe).reasons == ()


# What is asked for by name


@pytest.mark.parametrize("strategy", ["data_parallel", "mirrored"])
def test_plan_mirrored_is_another_name_of_data_parallel(config: Any, free: None, strategy: str) -> None:
    found = plan(config(device="gpu", strategy=strategy, devices=[1, 3]), tensorflow(gpus=4))
    assert (found.strategy, found.numbers, found.replicas, found.names) == ("data_parallel", (1, 3), 2, ("H200",) * 2)


def test_plan_tpu_is_a_strategy_that_asks_for_the_device_too(config: Any, free: None) -> None:
    found = plan(config(strategy="tpu"), jax(gpus=1, tpus=8))
    assert (found.device, found.strategy, found.replicas) == ("tpu", "data_parallel", 8)
    assert plan(config(strategy="tpu", device="tpu"), jax(tpus=8)) == found


def test_plan_the_cpu_is_parted_where_a_strategy_is_asked_for(config: Any, free: None) -> None:
    found = plan(config(device="cpu", devices=2, strategy="data_parallel"), tensorflow(gpus=1))
    assert (found.numbers, found.replicas, found.names) == ((0, 1), 2, ("CPU",))
    assert found.line == "CPU in 2 parts, data parallel, remainder: pad"


def test_plan_data_parallel_on_one_device_is_that_device(config: Any, hindered: None) -> None:
    """Where nothing is parted, nothing can go wrong."""
    found = plan(config(strategy="mirrored", device="gpu"), tensorflow(gpus=1))
    assert (found.strategy, found.replicas, found.remainder) == ("one", 1, "short")
    assert found.line == "GPU (H200); one GPU: there is nothing to part a batch among"


def test_plan_one_takes_the_first(config: Any, free: None) -> None:
    assert plan(config(strategy="one"), tensorflow(gpus=8)).line == "GPU (H200)"
    found = plan(config(strategy="one", devices=[2, 3]), tensorflow(gpus=8))
    assert found.line == "GPU 2 (H200); the first of 2, since the strategy is `one`"
    assert plan(config(strategy="one", devices=[1]), tensorflow(gpus=8)).line == "GPU 1 (H200)"


def test_plan_a_device_is_told_without_a_name_where_it_has_none() -> None:
    assert Plan("gpu", numbers=(0,)).line == "GPU"
    assert Plan("gpu", numbers=(3,)).line == "GPU 3"


@pytest.mark.parametrize(
    ("written", "asked"),
    [({"device": "gpu"}, "GPU"), ({"device": "tpu"}, "TPU"), ({"strategy": "tpu"}, "TPU")],
)
def test_plan_a_device_that_is_not_there_is_an_error(config: Any, written: dict[str, str], asked: str) -> None:
    probe = Probe("tensorflow", 2, sought={"gpu": "TensorFlow sees no GPU"})
    error = refusal(config(**written), probe)
    reason = "TensorFlow sees no GPU" if asked == "GPU" else "none is there"
    assert isinstance(error, MissingError)
    assert told(error) == [f"the config asks for a {asked}, and {reason}"]
    [problem] = error.problems
    assert problem.where is not None
    assert problem.where.path == f"runtime.{next(iter(written))}"
    assert "nnrun doctor" in problem.hint


def test_plan_strategy_tpu_and_another_device_contradict_each_other(config: Any) -> None:
    error = refusal(config(strategy="tpu", device="gpu"), jax(gpus=1, tpus=1))
    assert isinstance(error, ConfigError)
    assert told(error) == ["strategy tpu asks for a TPU, and device for a GPU"]


@pytest.mark.parametrize(
    ("devices", "gpus", "words"),
    [
        (4, 2, "the config asks for 4 devices, and there are 2 GPUs"),
        ([0, 5], 2, "the config asks for the devices [0, 5], and there are 2 GPUs"),
        ([], 2, "the config asks for the devices [], and there are 2 GPUs"),
        (2, 0, "the config asks for 2 devices, and there is 1 CPU"),
    ],
)
def test_plan_more_devices_than_there_are_is_an_error(config: Any, devices: Any, gpus: int, words: str) -> None:
    error = refusal(config(devices=devices), tensorflow(gpus=gpus))
    assert isinstance(error, MissingError)
    assert told(error) == [words]
    assert ("parts the CPU" in error.problems[0].hint) is (gpus == 0)


def test_plan_a_device_named_twice_counts_once(config: Any, free: None) -> None:
    assert plan(config(devices=[1, 1, 0]), tensorflow(gpus=2)).numbers == (1, 0)


# What would go wrong


def test_plan_a_strategy_that_would_go_wrong_is_refused_and_all_is_told_at_once(config: Any, hindered: None) -> None:
    runtime = {"strategy": "data_parallel", "remainder": "pad"}
    error = refusal(config(fit={"batch_size": 5}, **runtime), tensorflow(gpus=2))
    assert isinstance(error, ConfigError)
    assert sorted(told(error)) == [
        "BatchNormalization looks across the rows",
        "Dropout draws for each replica",
        "batch_size 5 cannot be parted evenly among 2 replicas",
    ]


@pytest.mark.parametrize(
    ("fit", "replicas", "expected"),
    [
        ({"batch_size": 5}, 2, [("batch_size", "a multiple of 2, as 4 or 6", "write `batch_size: 6`")]),
        ({"batch_size": 3}, 8, [("batch_size", "a multiple of 8, as 8", "write `batch_size: 8`")]),
        (
            {"batch_size": 8, "validation_batch_size": 12},
            8,
            [("validation_batch_size", "a multiple of 8, as 8 or 16", "write `validation_batch_size: 16`")],
        ),
    ],
)
def test_plan_batch_sizes_are_multiples_of_the_replicas(
    config: Any, free: None, fit: dict[str, int], replicas: int, expected: list[tuple[str, str, str]]
) -> None:
    error = refusal(config(fit=fit, strategy="data_parallel"), tensorflow(gpus=replicas))
    found = [(problem.where and problem.where.path, problem.expected, problem.hint) for problem in error.problems]
    assert [(path, told, hint.partition("; ")[0]) for path, told, hint in found] == [
        (f"fit.{key}", told, hint) for key, told, hint in expected
    ]


def test_plan_the_usual_batch_size_of_32_can_be_parted_among_8(config: Any, free: None) -> None:
    assert plan(config(), tensorflow(gpus=8)).replicas == 8
    assert plan(config(fit={"validation_batch_size": 64}), tensorflow(gpus=8)).replicas == 8


# The last batch of an epoch


@pytest.mark.parametrize("written", ["drop", "error", "pad"])
@pytest.mark.parametrize("probe", [tensorflow(), tensorflow(gpus=2), jax(), jax(gpus=2)])
def test_plan_a_remainder_that_is_written_holds_everywhere(config: Any, free: None, written: str, probe: Probe) -> None:
    found = plan(config(remainder=written), probe)
    assert found.remainder == written
    assert f"remainder: {written}" in found.line


@pytest.mark.parametrize(("probe", "remainder"), [(tensorflow(), "short"), (jax(gpus=2), "short")])
def test_plan_a_last_batch_stays_short_on_one_device_and_on_jax(
    config: Any, hindered: None, probe: Probe, remainder: str
) -> None:
    assert plan(config(), probe).remainder == remainder


def test_plan_replicas_of_tensorflow_drop_a_last_batch_that_must_not_be_filled_up(
    config: Any, free: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(config(), tensorflow(gpus=2)).remainder == "pad"
    monkeypatch.setattr(obstacles, "of_padding", lambda *_: [Problem("BatchNormalization looks across the rows")])
    assert plan(config(), tensorflow(gpus=2)).remainder == "drop"
    assert told(refusal(config(remainder="pad"), tensorflow(gpus=2))) == ["BatchNormalization looks across the rows"]
    assert told(refusal(config(remainder="pad"), tensorflow())) == ["BatchNormalization looks across the rows"]


# Determinism


@pytest.mark.parametrize(
    ("written", "probe", "expected"),
    [
        (None, tensorflow(), False),
        (None, tensorflow(gpus=1), True),
        (None, jax(gpus=1), False),
        (True, tensorflow(), True),
        (False, tensorflow(gpus=1), False),
    ],
)
def test_plan_determinism_is_for_gpus_of_tensorflow(
    config: Any, free: None, written: bool | None, probe: Probe, expected: bool
) -> None:
    assert plan(config(determinism=written), probe).determinism is expected


# A model that is parted

MESH = {"batch": 2, "model": 4}
LAYOUT = {"dense.*kernel": [None, "model"]}


def test_plan_model_parallel_parts_a_model_over_a_mesh(config: Any, hindered: None) -> None:
    written = {"strategy": "model_parallel", "mesh": MESH, "layout": LAYOUT}
    found = plan(config(device="cpu", devices=8, **written), jax())
    assert (found.strategy, found.numbers, found.replicas) == ("model_parallel", tuple(range(8)), 2)
    assert (found.mesh, found.layout) == (MESH, {"dense.*kernel": (None, "model")})
    assert found.line == "CPU in 8 parts, model parallel"
    assert json.loads(json.dumps(found.to_data())) == {
        "device": "cpu",
        "strategy": "model_parallel",
        "devices": list(range(8)),
        "replicas": 2,
        "remainder": "short",
        "mesh": MESH,
        "layout": LAYOUT,
        "determinism": False,
        "names": ["CPU"],
        "reasons": [],
    }


def test_plan_mesh_and_layout_are_left_out_of_another_plan(config: Any, free: None) -> None:
    found = plan(config(), jax(gpus=2))
    assert (found.mesh, found.layout) == ({}, {})
    assert set(found.to_data()).isdisjoint({"mesh", "layout"})


@pytest.mark.parametrize(
    ("written", "devices", "words", "hint"),
    [
        ({}, 8, "model_parallel needs a mesh", "for example `mesh: {batch: 1, model: 8}`"),
        ({"mesh": MESH}, 8, "model_parallel needs a layout", "for example `mesh: {batch: 1, model: 8}`"),
        (
            {"mesh": MESH, "layout": LAYOUT},
            4,
            "the mesh has 2 x 4 = 8 places for 4 devices",
            "for example `mesh: {batch: 1, model: 4}`",
        ),
        (
            {"mesh": MESH, "layout": LAYOUT},
            1,
            "the mesh has 2 x 4 = 8 places for one device",
            "for example `mesh: {batch: 1, model: 1}`",
        ),
        (
            {"mesh": MESH, "layout": {"dense.*kernel": ["rows", "model"]}},
            8,
            "the layout names the axis 'rows', which the mesh has not",
            "",
        ),
    ],
)
def test_plan_model_parallel_needs_a_mesh_and_a_layout_that_fit(
    config: Any, written: dict[str, Any], devices: int, words: str, hint: str
) -> None:
    error = refusal(config(strategy="model_parallel", **written), jax(gpus=devices))
    assert isinstance(error, ConfigError)
    assert told(error) == [words]
    assert error.problems[0].hint.startswith(hint)


def test_plan_model_parallel_wants_a_batch_size_for_the_first_axis(config: Any) -> None:
    written = {"strategy": "model_parallel", "mesh": MESH, "layout": LAYOUT}
    assert told(refusal(config(fit={"batch_size": 9}, **written), jax(gpus=8))) == [
        "batch_size 9 cannot be parted evenly among 2 replicas"
    ]


@pytest.mark.parametrize(
    ("layout", "words"),
    [
        ({"dense(kernel": [None, "model"]}, "the pattern 'dense(kernel' cannot be read: "),
        (
            {"kernel": ["model", "model"]},
            "the layout parts two dimensions of a variable along the axis 'model'",
        ),
    ],
)
def test_plan_a_line_of_a_layout_that_cannot_be_meant(config: Any, layout: dict[str, Any], words: str) -> None:
    written = {"strategy": "model_parallel", "mesh": MESH, "layout": layout}
    [found] = told(refusal(config(**written), jax(gpus=8)))
    assert found.startswith(words)


def test_plan_tensorflow_cannot_part_a_model(config: Any) -> None:
    written = {"strategy": "model_parallel", "mesh": MESH, "layout": LAYOUT}
    error = refusal(config(**written), tensorflow(gpus=8))
    assert told(error) == ["TensorFlow cannot part a model among devices"]
    assert error.problems[0].hint == "`runtime: {backend: jax}`"


# The figure


@pytest.mark.parametrize(
    ("runtime", "count"),
    [({}, None), ({"device": "cpu"}, 1), ({"device": "cpu", "devices": 4}, 4), ({"devices": [1, 3]}, 2)],
)
def test_plan_how_many_devices_are_asked_for(config: Any, runtime: dict[str, Any], count: int | None) -> None:
    assert wanted.count(config(**runtime).runtime) == count


def test_plan_every_branch_is_taken_by_these_tests(tmp_path: Path) -> None:
    root = Path(nnrun.__file__).parents[1]
    environment = {**os.environ, "COVERAGE_FILE": str(tmp_path / "coverage"), "PYTHONPATH": str(root)}
    measured = ("--branch", "--include", "*/nnrun/devices/plan.py,*/nnrun/devices/wanted.py")
    others = ("-k", "not every_branch", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:randomly")
    tests = ("-m", "pytest", "-q", "-x", *others, __file__)
    commands = [("run", *measured, *tests), ("json", "-o", str(tmp_path / "found.json"))]
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", "coverage", *command], cwd=root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "found.json").read_bytes())["files"]
    assert sum(file["summary"]["num_branches"] for file in found.values()) > 50
    assert {name: (file["missing_lines"], file["missing_branches"]) for name, file in found.items()} == {
        name: ([], []) for name in found
    }
