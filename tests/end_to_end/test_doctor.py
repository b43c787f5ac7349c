"""`nnrun doctor`: what it tells of this machine, of a backend that hangs, and of a config."""

from __future__ import annotations

import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import tiny
from commandline import Nnrun

from nnrun.devices import asking, doctor, nvidia, signs
from nnrun.devices.asking import Answer
from nnrun.devices.signs import Signs
from nnrun.version import __version__

CPU = Answer((("cpu", "CPU"),))


@pytest.fixture
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Answer]:
    """What the backends answer on a machine of our own; without this fixture they are asked."""
    found = {"tensorflow": CPU, "jax": CPU}
    monkeypatch.setattr(asking, "ask", lambda backend, limit=None: found[backend])
    monkeypatch.setattr(signs, "look", Signs)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(nvidia, "gpus", list)
    monkeypatch.setattr(doctor, "_version", lambda package: "1.2.3")
    return found


@pytest.fixture
def cards(answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two GPUs, which JAX has no package for."""
    answers["tensorflow"] = Answer((("cpu", "CPU"), ("gpu", "NVIDIA H200"), ("gpu", "NVIDIA H200")), {"cuda": "12.5.1"})
    monkeypatch.setattr(signs, "look", lambda: Signs(gpus=("/dev/nvidia0", "/dev/nvidia1")))
    table = "0, NVIDIA H200, 143771, 143000, 580.95, 9.0\n1, NVIDIA H200, 143771, [N/A], 580.95, 9.0\n"
    monkeypatch.setattr(nvidia, "gpus", lambda: nvidia.read(table))


def test_doctor_asks_the_real_backends(nnrun: Nnrun, folder: Path) -> None:
    """Whatever this machine is: both forms tell the same, and nothing is left behind."""
    found = nnrun("doctor", "--json", "-q")
    assert (found.code, found.err) == (0, "")
    told = found.json
    assert (told["nnrun"], told["packages"]["keras"]) == (__version__, version("keras"))
    assert told["processors"] >= 1
    assert 0 < told["memory"]["available"] <= told["memory"]["whole"]
    backend = told["backends"]["tensorflow"]
    assert (backend["version"], backend["failed"]) == (version("tensorflow"), None)
    assert backend["devices"][0] == {"kind": "cpu", "name": "CPU"}
    assert backend["auto"]["device"] in ("cpu", "gpu")
    assert backend["auto"]["line"].startswith(("CPU", "GPU"))
    assert list(folder.iterdir()) == []


def test_doctor_says_it_in_tables(nnrun: Nnrun, answers: dict[str, Answer]) -> None:
    done = nnrun("doctor")
    assert done.code == 0
    assert done.err == "asking each backend what it sees\n"
    lines = done.out.splitlines()
    assert lines[0].startswith(f"nnrun {__version__}, Python 3.")
    assert lines[-5:] == [
        "tensorflow  CPU   CPU",
        "jax         CPU   CPU",
        "",
        "- tensorflow: TensorFlow sees no GPU",
        "- jax: there is no sign of a GPU",
    ]
    assert "GPU  name" not in done.out


def test_doctor_tells_the_gpus_their_memory_and_what_auto_takes(nnrun: Nnrun, cards: None) -> None:
    lines = [" ".join(line.split()) for line in nnrun("doctor").out.splitlines()]
    assert "0 NVIDIA H200 150.8 GB 149.9 GB 580.95" in lines
    assert "1 NVIDIA H200 150.8 GB - 580.95" in lines
    assert "tensorflow CPU, 2 x NVIDIA H200 2 GPUs, data parallel, remainder: pad" in lines
    assert "- tensorflow: the result is that of one GPU" in lines
    assert "jax CPU CPU" in lines
    assert any(line.startswith("- jax: JAX has no package for the GPU that is there") for line in lines)
    told = nnrun("doctor", "--json").json
    assert told["gpus"][1] == {
        "number": 1,
        "name": "NVIDIA H200",
        "memory": 143771 * 2**20,
        "free": None,
        "driver": "580.95",
        "compute_capability": "9.0",
    }
    assert told["backends"]["tensorflow"]["auto"]["replicas"] == 2


def test_doctor_tells_what_a_better_device_would_need(
    nnrun: Nnrun, cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signs, "look", lambda: Signs(gpus=("/dev/nvidia0",), tpu_name="v5"))
    told = nnrun("doctor").out
    assert "- tensorflow: a TPU may be there (TPU_NAME is set), but this TensorFlow cannot use one" in told


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_doctor_a_backend_that_hangs_is_ended_in_time(
    nnrun: Nnrun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """A JAX of our own that never comes back; TensorFlow answers all the same."""
    hanging = tmp_path / "hanging"
    hanging.mkdir()
    (hanging / "jax.py").write_text("import time\ntime.sleep(600)\n", encoding="utf-8")
    (hanging / "tensorflow.py").write_text("raise SystemExit('no such processor')\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(hanging))
    monkeypatch.setattr(asking, "LIMIT", 1.0)
    monkeypatch.setattr(doctor, "_version", lambda package: "1.2.3")
    began = time.monotonic()
    done = nnrun("doctor", *words)
    assert time.monotonic() - began < 20
    assert done.code == 4
    assert "nothing can be trained here (tensorflow: no such processor; jax: no answer within 1 s)" in done.err
    if words:
        assert done.json["backends"]["jax"] | {"seconds": 0} == {
            "version": "1.2.3",
            "failed": "no answer within 1 s",
            "seconds": 0,
            "devices": [],
            "build": {},
            "sought": {"gpu": "JAX did not say which GPUs it sees: no answer within 1 s"},
            "auto": None,
        }
    else:
        assert "jax         -     nothing" in done.out.splitlines()
        assert "- jax: no answer within 1 s" in done.out.splitlines()


def test_doctor_jax_trains_on_the_cpu_where_a_tpu_does_not_answer(
    nnrun: Nnrun, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers["jax"] = Answer(failed="no answer within 60 s")
    monkeypatch.setattr(signs, "look", lambda: Signs(tpu_name="v5", has_libtpu=True))
    line = "CPU; a TPU may be there (TPU_NAME is set), but JAX did not say so: no answer within 60 s; "
    assert nnrun("doctor", "--json").json["backends"]["jax"]["auto"]["line"].startswith(line)


def test_doctor_one_backend_is_enough(
    nnrun: Nnrun, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_version", lambda package: None if package == "jax" else "1.2.3")
    done = nnrun("doctor")
    assert done.code == 0
    assert "- jax: not installed" in done.out.splitlines()


def test_doctor_says_on_what_a_config_would_be_trained(nnrun: Nnrun, cards: None, folder: Path) -> None:
    config = tiny.write(folder)
    done = nnrun("doctor", config, "-s", "runtime.strategy=one")
    assert (done.code, done.out.splitlines()[-1]) == (0, f"{config}: GPU (NVIDIA H200)")
    told = nnrun("doctor", config, "--json", "-s", "runtime.devices=[1]").json["config"]
    assert (told["file"], told["plan"]["line"], told["problems"]) == (str(config), "GPU 1 (NVIDIA H200)", [])


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ("runtime.device=tpu", 4, "the config asks for a TPU, and this TensorFlow cannot use one"),
        ("runtime.devices=4", 4, "the config asks for 4 devices, and there are 2 GPUs"),
        ("compile.loss=mze", 2, "mze"),
    ],
)
def test_doctor_says_why_a_config_cannot_be_trained_after_all_else(
    nnrun: Nnrun, cards: None, folder: Path, changed: str, code: int, words: str
) -> None:
    config = tiny.write(folder)
    done = nnrun("doctor", config, "-s", changed)
    assert done.code == code
    assert words in done.err
    assert "2 x NVIDIA H200" in done.out
    told: Any = nnrun("doctor", config, "-s", changed, "--json")
    assert (told.code, told.json["config"]["plan"]) == (code, None)
    assert any(words in problem for problem in told.json["config"]["problems"])


def test_doctor_a_config_of_a_backend_that_cannot_train(nnrun: Nnrun, answers: dict[str, Answer], folder: Path) -> None:
    answers["jax"] = Answer(failed="ImportError: no jaxlib")
    done = nnrun("doctor", tiny.write(folder), "-s", "runtime.backend=jax")
    assert done.code == 4
    assert "the config's backend is jax, which cannot train here: ImportError: no jaxlib" in done.err


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            '{"backend": "jax", "floatx": "float32"}',
            "keras.json is ignored (backend: jax): what counts stands in the config",
        ),
        ('{"backend": "tensorflow"}', "keras.json is ignored: what counts stands in the config"),
        ("{", "keras.json is ignored and cannot be read: what counts stands in the config"),
    ],
)
def test_doctor_says_that_keras_json_is_ignored(
    nnrun: Nnrun, answers: dict[str, Answer], tmp_path: Path, text: str, note: str
) -> None:
    assert "keras.json" not in nnrun("doctor").out
    (tmp_path / "keras.json").write_text(text, encoding="utf-8")
    assert note in nnrun("doctor").out


def test_doctor_names_the_optional_packages_that_are_missing(
    nnrun: Nnrun, answers: dict[str, Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ["keras>=3.15", "jax<0.11,>=0.10; extra == 'jax'", 'openpyxl>=3.1; extra == "excel"', "x; extra == 'dev'"]
    monkeypatch.setattr(doctor, "requires", lambda package: wanted)
    monkeypatch.setattr(doctor, "_version", lambda package: None if package in ("openpyxl", "x") else "1.2.3")
    assert nnrun("doctor", "--json").json["missing"] == {"excel": "pip install 'nnrun[excel]'"}
    assert "- optional, not installed: excel (`pip install 'nnrun[excel]'`)" in nnrun("doctor").out.splitlines()


def test_doctor_the_table_of_nvidia_s_tool_may_be_absent_or_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert nvidia.gpus() == []
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '0, A, 100, 50, 580.95, 9.0'\nexit ${CODE:-0}\n", encoding="utf-8")
    tool.chmod(0o755)
    assert [(gpu["name"], gpu["memory"]) for gpu in nvidia.gpus()] == [("A", 100 * 2**20)]
    monkeypatch.setenv("CODE", "9")
    assert nvidia.gpus() == []
    assert nvidia.read("No devices were found\n") == []
