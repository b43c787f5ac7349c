"""A plan put in force on accelerators that are not there: stand-ins for what the backends are told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from nnrun.config.sections import RuntimeSection
from nnrun.devices import begin
from nnrun.devices.plan import Plan
from nnrun.errors import UsageError
from nnrun.model import framework


class MadeUpTensorflow:
    """Two GPUs; where it `has_computed`, what it sees and how it takes memory is fixed."""

    def __init__(self, *, has_computed: bool = False, growing: tuple[str, ...] = ()) -> None:
        self.seen, self.growing, self._fixed = ["gpu0", "gpu1"], set(growing), has_computed
        self.config = SimpleNamespace(
            list_physical_devices=lambda kind: ["gpu0", "gpu1"] if kind == "GPU" else ["cpu"],
            get_visible_devices=lambda _: self.seen,
            set_visible_devices=self._see,
            experimental=SimpleNamespace(set_memory_growth=self._grow),
        )

    def _see(self, chosen: list[str], _: str) -> None:
        if self._fixed:
            raise RuntimeError("Visible devices cannot be modified after being initialized")
        self.seen = chosen

    def _grow(self, gpu: str, asked: bool) -> None:
        if gpu in self.growing and asked:
            return
        if self._fixed:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        self.growing.add(gpu)


class MadeUpJax:
    """A CPU and two GPUs, which it has looked at already: its platforms can be set, and stay as they are."""

    def __init__(self, default: str) -> None:
        self.told: dict[str, Any] = {}
        self._default = default
        self.config = SimpleNamespace(update=self.told.__setitem__)

    def devices(self, kind: str | None = None) -> list[str]:
        kind = kind or self._default
        return [f"{kind}:{number}" for number in range(1 if kind == "cpu" else 2)]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a plan in force on a made-up backend."""

    def act(found: Plan, backend: Any, **runtime: Any) -> Any:
        is_jax = isinstance(backend, MadeUpJax)
        monkeypatch.setattr(framework, "jax" if is_jax else "tensorflow", lambda: backend)
        monkeypatch.setattr(begin, "_distributed", lambda _, names: names)
        return begin._jax(found) if is_jax else begin._tensorflow(found, RuntimeSection(**runtime))

    return act


def test_begin_tensorflow_sees_the_gpu_that_is_asked_for(put: Any) -> None:
    tensorflow = MadeUpTensorflow()
    assert put(Plan("gpu", numbers=(1,)), tensorflow) is None
    assert (tensorflow.seen, tensorflow.growing) == (["gpu1"], {"gpu1"})


def test_begin_tensorflow_takes_all_memory_where_it_is_asked_for(put: Any) -> None:
    tensorflow = MadeUpTensorflow()
    put(Plan("gpu"), tensorflow, memory_growth=False)
    assert (tensorflow.seen, tensorflow.growing) == (["gpu0"], set())


def test_begin_tensorflow_sees_no_gpu_where_the_cpu_computes(put: Any) -> None:
    tensorflow = MadeUpTensorflow()
    put(Plan("cpu"), tensorflow)
    assert tensorflow.seen == []


def test_begin_tensorflow_that_has_computed_keeps_the_memory_that_it_holds(put: Any) -> None:
    """As in a notebook: nothing is wrong with such a training."""
    tensorflow = MadeUpTensorflow(has_computed=True)
    tensorflow.seen = ["gpu0"]
    put(Plan("gpu"), tensorflow)
    assert tensorflow.growing == set()


def test_begin_tensorflow_that_has_computed_cannot_see_other_gpus(put: Any) -> None:
    with pytest.raises(UsageError, match="this process has computed already, and with other GPUs"):
        put(Plan("gpu", numbers=(1,)), MadeUpTensorflow(has_computed=True))


@pytest.mark.parametrize(
    ("default", "found", "device"),
    [
        ("cpu", Plan("cpu"), None),
        ("gpu", Plan("gpu"), None),
        ("gpu", Plan("gpu", numbers=(1,)), "gpu:1"),
        ("gpu", Plan("cpu"), "cpu:0"),  # a process that has computed on a GPU before
    ],
)
def test_begin_jax_computes_on_the_one_that_is_asked_for(put: Any, default: str, found: Plan, device: Any) -> None:
    jax = MadeUpJax(default)
    assert put(found, jax) is None
    assert jax.told["jax_default_device"] == device


def test_begin_jax_forgets_the_one_device_of_a_training_before(put: Any) -> None:
    jax = MadeUpJax("gpu")
    put(Plan("gpu", numbers=(1,)), jax)
    seen: Any = [SimpleNamespace(platform="gpu", id=number) for number in (0, 1)]
    jax.devices = lambda _=None: seen  # type: ignore[method-assign, assignment]
    assert put(Plan("gpu", "data_parallel", (0, 1), 2), jax) == ["gpu:0", "gpu:1"]
    assert jax.told["jax_default_device"] is None
