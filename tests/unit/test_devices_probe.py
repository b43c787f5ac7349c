"""What a machine has: cheap signs on made-up files, the backends' answers, and sentences about what is not there."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commandline import environment

from nnrun.config.sections import RuntimeSection
from nnrun.devices import asking, probe, signs
from nnrun.devices.asking import Answer
from nnrun.devices.signs import Signs
from nnrun.model import framework, importing

NOTHING = Signs()
NVIDIA = Signs(gpus=("/dev/nvidia0",))
CUDA = Signs(gpus=("/dev/nvidia0",), plugins=("xla_cuda13",))
TPU = Signs(tpus=("/dev/accel0", "/dev/accel1"), has_libtpu=True)
CPU = Answer((("cpu", "CPU"),))


def machine(root: Path, *files: str) -> Path:
    for file in files:
        (root / "dev" / file).parent.mkdir(parents=True, exist_ok=True)
        (root / "dev" / file).touch()
    return root


# Signs


@pytest.mark.parametrize(
    ("files", "gpus", "tpus"),
    [
        ((), (), ()),
        (("null", "vfio/vfio", "accel/accel0", "nvram"), (), ()),  # any host of machines, another maker's accelerator
        (("nvidia0", "nvidia1", "nvidia-uvm"), ("/dev/nvidia0", "/dev/nvidia1"), ()),
        (("nvidiactl",), ("/dev/nvidiactl",), ()),
        (("dxg",), ("/dev/dxg",), ()),
        (("kfd",), ("/dev/kfd",), ()),
        (("accel0", "accel1"), (), ("/dev/accel0", "/dev/accel1")),
        (("vfio/0", "vfio/vfio"), (), ("/dev/vfio/0",)),
    ],
)
def test_signs_are_device_files(
    tmp_path: Path, files: tuple[str, ...], gpus: tuple[str, ...], tpus: tuple[str, ...]
) -> None:
    found = signs.look(machine(tmp_path, *files), {})
    assert (found.gpus, found.tpus) == (gpus, tpus)
    assert found.is_amd is (gpus == ("/dev/kfd",))


def test_signs_are_variables(tmp_path: Path) -> None:
    found = signs.look(tmp_path, {"TPU_NAME": "v5", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "0,1"})
    assert (found.tpu_name, found.of_tpu, found.jax_platforms, found.hidden) == ("v5", "TPU_NAME is set", "cpu", "")
    assert signs.look(tmp_path, {"CUDA_VISIBLE_DEVICES": ""}).hidden == "CUDA_VISIBLE_DEVICES=''"
    assert signs.look(tmp_path, {"CUDA_VISIBLE_DEVICES": "-1"}).hidden == "CUDA_VISIBLE_DEVICES='-1'"


def test_signs_are_packages_which_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = tmp_path / "jax_plugins" / "xla_cuda13"
    plugin.mkdir(parents=True)
    (plugin / "__init__.py").write_text("raise AssertionError('imported')")
    (tmp_path / "libtpu.py").write_text("raise AssertionError('imported')")
    (tmp_path / "tensorflow_tpu-2.22.0.dist-info").mkdir()
    (tmp_path / "tensorflow_tpu-2.22.0.dist-info" / "METADATA").write_text("Name: tensorflow-tpu\nVersion: 2.22.0\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = signs.look(tmp_path, {})
    assert (found.plugins, found.has_libtpu, found.has_tensorflow_tpu) == (("xla_cuda13",), True, True)


# What comes of an answer


def test_probe_what_is_there_is_told_by_name() -> None:
    answer = Answer((("cpu", "CPU"), ("gpu", "NVIDIA H200"), ("gpu", "NVIDIA H200")))
    found = probe.seen("tensorflow", NVIDIA, answer)
    assert (found.gpus, found.tpus, found.sought) == (("NVIDIA H200",) * 2, (), {})
    assert (found.of("cpu"), found.of("gpu"), found.processors >= 1) == (("CPU",), found.gpus, True)
    assert found.to_data()["gpus"] == ["NVIDIA H200"] * 2


@pytest.mark.parametrize(
    ("backend", "found", "answer", "sentence"),
    [
        ("tensorflow", NOTHING, CPU, "TensorFlow sees no GPU"),
        ("tensorflow", Signs(hidden="CUDA_VISIBLE_DEVICES=''"), CPU, "CUDA_VISIBLE_DEVICES='' hides every GPU"),
        ("tensorflow", NVIDIA, CPU, "TensorFlow cannot use the GPU that is there (/dev/nvidia0): the driver or "),
        (
            "tensorflow",
            NVIDIA,
            Answer(about={"has_gpu_support": False}),
            "TensorFlow cannot use the GPU that is there (/dev/nvidia0): it is built without",
        ),
        ("tensorflow", Signs(gpus=("/dev/kfd",)), CPU, "TensorFlow cannot use AMD's GPU, which is there (/dev/kfd)"),
        ("tensorflow", NVIDIA, Answer(failed="slow"), "TensorFlow did not say which GPUs it sees: slow"),
        ("jax", NOTHING, CPU, "there is no sign of a GPU"),
        ("jax", Signs(plugins=("xla_cuda13",)), CPU, "there is no sign of a GPU"),
        (
            "jax",
            NVIDIA,
            CPU,
            "JAX has no package for the GPU that is there (/dev/nvidia0): `pip install 'jax[cuda13]'`",
        ),
        ("jax", Signs(gpus=("/dev/kfd",)), CPU, "JAX has no package for AMD's GPU, which is there (/dev/kfd)"),
        ("jax", CUDA, CPU, "JAX sees no GPU"),
        (
            "jax",
            CUDA,
            Answer(failed="no answer within 60 s"),
            "JAX did not say which GPUs it sees: no answer within 60",
        ),
        ("jax", Signs(hidden="CUDA_VISIBLE_DEVICES='-1'"), CPU, "CUDA_VISIBLE_DEVICES='-1' hides every GPU"),
        ("jax", Signs(gpus=("/dev/nvidia0",), jax_platforms="cpu"), CPU, "JAX_PLATFORMS='cpu' hides every GPU"),
    ],
)
def test_probe_says_why_there_is_no_gpu(backend: str, found: Signs, answer: Answer, sentence: str) -> None:
    assert probe.seen(backend, found, answer).sought["gpu"].startswith(sentence)


ENDS = "this TensorFlow cannot use one (its package tensorflow-tpu ends at 2.20; `backend: jax` can)"
NONE = "there is no sign of a TPU (no /dev/accel*, no /dev/vfio/*, and TPU_NAME is not set)"


@pytest.mark.parametrize(
    ("backend", "found", "answer", "asked", "sentence"),
    [
        ("tensorflow", NOTHING, CPU, "auto", None),
        ("tensorflow", NOTHING, CPU, "tpu", ENDS),
        ("tensorflow", Signs(tpu_name="v5"), CPU, "auto", f"a TPU may be there (TPU_NAME is set), but {ENDS}"),
        ("tensorflow", Signs(has_tensorflow_tpu=True), CPU, "tpu", NONE),
        (
            "tensorflow",
            Signs(tpu_name="v5", has_tensorflow_tpu=True),
            CPU,
            "auto",
            "a TPU may be there (TPU_NAME is set): `device: tpu` asks for it",
        ),
        ("jax", NOTHING, CPU, "auto", None),
        ("jax", NOTHING, CPU, "tpu", NONE),
        (
            "jax",
            Signs(tpus=("/dev/accel0",)),
            CPU,
            "auto",
            "a TPU may be there (/dev/accel0), but JAX has no package for it: `pip install 'jax[tpu]'`",
        ),
        ("jax", TPU, CPU, "auto", "JAX sees no TPU"),
        (
            "jax",
            TPU,
            Answer(failed="no answer within 60 s"),
            "auto",
            "a TPU may be there (/dev/accel0), but JAX did not say so: no answer within 60 s",
        ),
        ("jax", Signs(tpu_name="v5", jax_platforms="cpu"), CPU, "auto", "JAX_PLATFORMS='cpu' hides every TPU"),
    ],
)
def test_probe_speaks_of_a_tpu_only_where_one_is_asked_for_or_may_be_there(
    backend: str, found: Signs, answer: Answer, asked: str, sentence: str | None
) -> None:
    assert probe.seen(backend, found, answer, asked).sought.get("tpu") == sentence


def test_probe_counts_a_tpu_of_tensorflow_without_connecting_to_it() -> None:
    able = Signs(tpus=("/dev/accel0", "/dev/accel1"), has_tensorflow_tpu=True)
    assert probe.seen("tensorflow", able, CPU, "tpu").tpus == ("TPU", "TPU")
    assert probe.seen("tensorflow", Signs(tpu_name="a", has_tensorflow_tpu=True), CPU, "tpu").tpus == ("TPU",)
    assert probe.seen("tensorflow", able, CPU, "auto").tpus == ()


# Who is asked


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which backends a process of their own was started for; JAX is in force."""
    found: list[str] = []

    def ask(backend: str, limit: float | None = None) -> Answer:
        found.append(backend)
        return Answer((("cpu", "CPU"), ("tpu", "TPU v5")))

    monkeypatch.setattr(asking, "ask", ask)
    monkeypatch.setattr(asking, "jax_is_awake", lambda: False)
    monkeypatch.setattr(framework, "backend", lambda: "jax")
    return found


@pytest.mark.parametrize(
    ("found", "device", "starts"),
    [
        (NOTHING, "auto", False),
        (NOTHING, "tpu", False),
        (NVIDIA, "auto", False),  # JAX could not use it
        (Signs(plugins=("xla_cuda13",), has_libtpu=True), "auto", False),  # there is nothing to use
        (CUDA, "auto", True),
        (CUDA, "gpu", True),
        (CUDA, "tpu", False),
        (TPU, "auto", True),
        (TPU, "tpu", True),
        (TPU, "gpu", False),
        (TPU, "cpu", False),
        (CUDA, "cpu", False),
    ],
)
def test_probe_asks_jax_only_where_it_could_see_more_than_the_cpu(
    asked: list[str], found: Signs, device: Any, starts: bool
) -> None:
    seen = probe.probe(RuntimeSection(backend="jax", device=device), found)
    assert asked == (["jax"] if starts else [])
    assert seen.tpus == (("TPU v5",) if starts else ())


def test_probe_strategy_tpu_asks_for_the_device(asked: list[str]) -> None:
    assert probe.probe(RuntimeSection(backend="jax", strategy="tpu"), TPU).tpus == ("TPU v5",)
    assert probe.probe(RuntimeSection(backend="jax", strategy="tpu"), NOTHING).sought["tpu"] == NONE


def test_probe_asks_jax_here_where_it_holds_its_devices_already(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = SimpleNamespace(platform="gpu", device_kind="NVIDIA H200")
    monkeypatch.setattr(asking, "jax_is_awake", lambda: True)
    monkeypatch.setattr(framework, "jax", lambda: SimpleNamespace(local_devices=lambda: [gpu]))
    assert probe.probe(RuntimeSection(backend="jax"), CUDA).gpus == ("NVIDIA H200",)
    assert asked == []


def test_asking_jax_is_awake_once_it_has_looked_at_its_devices() -> None:
    pytest.importorskip("jax", reason="the extra `jax` is not installed")
    code = """
from nnrun.devices import asking
found = [asking.jax_is_awake()]
import jax
found.append(asking.jax_is_awake())
jax.config.update("jax_platforms", "cpu")
jax.devices()
print([*found, asking.jax_is_awake()])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert (done.stdout, done.stderr) == ("[False, False, True]\n", "")


def test_probe_asks_tensorflow_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framework, "backend", lambda: "tensorflow")
    monkeypatch.setattr(framework, "tensorflow", lambda: made_up_tensorflow(["NVIDIA H200", None]))
    assert probe.probe(RuntimeSection(), NVIDIA).gpus == ("NVIDIA H200", "GPU")
    monkeypatch.setattr(framework, "tensorflow", lambda: pytest.fail("the config asks for the CPU"))
    assert probe.probe(RuntimeSection(device="cpu"), NVIDIA).gpus == ()


# What the backends tell


def made_up_tensorflow(gpus: list[str | None]) -> Any:
    details = {place: {"device_name": name} if name else {} for place, name in enumerate(gpus)}
    config = SimpleNamespace(
        list_physical_devices=lambda kind: list(details) if kind == "GPU" else [],
        experimental=SimpleNamespace(get_device_details=details.__getitem__),
    )
    build = {"cuda_version": "12.5.1", "is_cuda_build": True}
    return SimpleNamespace(
        config=config,
        sysconfig=SimpleNamespace(get_build_info=lambda: build),
        test=SimpleNamespace(is_built_with_gpu_support=lambda: True),
    )


def test_asking_tensorflow_tells_its_gpus_and_its_build() -> None:
    assert asking.of_tensorflow(made_up_tensorflow(["NVIDIA H200"])) == Answer(
        (("cpu", "CPU"), ("gpu", "NVIDIA H200")), {"cuda": "12.5.1", "has_gpu_support": True}
    )


@pytest.mark.parametrize(
    ("devices", "expected"),
    [
        ([("cpu", "cpu")], (("cpu", "CPU"),)),
        ([("gpu", "NVIDIA H200")], (("cpu", "CPU"), ("gpu", "NVIDIA H200"))),
        ([("cuda", "NVIDIA H200")], (("cpu", "CPU"), ("gpu", "NVIDIA H200"))),
        ([("tpu", "TPU v5 lite")] * 2, (("cpu", "CPU"), ("tpu", "TPU v5 lite"), ("tpu", "TPU v5 lite"))),
    ],
)
def test_asking_jax_tells_its_devices(devices: list[tuple[str, str]], expected: tuple[tuple[str, str], ...]) -> None:
    found = [SimpleNamespace(platform=platform, device_kind=kind) for platform, kind in devices]
    assert asking.of_jax(SimpleNamespace(local_devices=lambda: found)).devices == expected


def package(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JAX of our own, which the other process imports."""
    (folder / "jax.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


def test_asking_a_process_of_its_own_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "class D: platform, device_kind = 'tpu', 'TPU v5'\ndef local_devices(): print('noise'); return [D()]\n"
    package(tmp_path, code, monkeypatch)
    found = asking.ask("jax")
    assert (found.of("tpu"), found.failed) == (("TPU v5",), "")
    assert 0 < found.seconds < asking.LIMIT


def test_asking_a_backend_that_hangs_ends_in_time_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process and what it has started are gone, though they do not listen to SIGTERM."""
    code = f"""
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(tmp_path / "pids")!r}, "w").write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(600)
"""
    package(tmp_path, code, monkeypatch)
    began = time.monotonic()
    assert asking.ask("jax", 3).failed == "no answer within 3 s"
    assert time.monotonic() - began < 10
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    ends = time.monotonic() + 5
    while any(map(_lives, pids)) and time.monotonic() < ends:  # the grandchild is reaped by whoever takes it up
        time.sleep(0.05)
    assert [pid for pid in pids if _lives(pid)] == []


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise RuntimeError('no driver\\nis there')", "is there"),
        ("import os; os._exit(3)", "its process ended with code 3"),
        ("import os; os.abort()", "its process was killed by signal 6"),
    ],
)
def test_asking_a_backend_that_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    package(tmp_path, code, monkeypatch)
    assert asking.ask("jax").failed == reason


def test_asking_the_process_ends_by_itself_when_nobody_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alarms: list[int] = []
    monkeypatch.setattr(signal, "alarm", alarms.append)
    monkeypatch.setattr(importing, "alone", lambda name: SimpleNamespace(local_devices=list))
    asking.main(["jax", str(tmp_path / "answer.json"), "60"])
    assert alarms == [70]
    assert (tmp_path / "answer.json").is_file()


def test_probe_imports_no_backend() -> None:
    code = "import sys; import nnrun.devices.probe; print({'tensorflow', 'keras', 'jax', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert (done.stdout, done.stderr) == ("set()\n", "")
