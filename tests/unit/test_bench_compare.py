"""The processes of the variants: what they answer, how they die, and that they die with us."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

from nnrun.bench import compare
from nnrun.bench.variants import Result, Variant
from nnrun.errors import DataError, StoppedError
from nnrun.storage.scratch import scratch

FIRST, SECOND = Variant("tensorflow", "float32"), Variant("jax", "float32")
MEASURED = {
    "device": "CPU", "start": 2.0, "step": 0.001, "epoch": 0.1, "rows_per_second": 32000.0, "memory": 5,
    "device_memory": None, "losses": [[10, 0.5], [20, None]],
}  # fmt: skip
ANSWER = """
import json, pathlib, sys
request = json.loads(sys.argv[1])
pathlib.Path(request["folder"], "answer.json").write_text(json.dumps({answer}))
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made, so that one which is left would be seen."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def compared(monkeypatch: pytest.MonkeyPatch, code: str, *variants: Variant) -> tuple[list[Result], list[str]]:
    """What comes of variants whose process is this code."""
    monkeypatch.setattr(compare, "COMMAND", (sys.executable, "-c", code))
    said: list[str] = []
    request = compare.Request(Path("cnn.yaml"), ["seed=1"], 2.0)
    return compare.compare(request, variants or (FIRST,), said.append), said


def answering(answer: object) -> str:
    return ANSWER.replace("{answer}", repr(answer))


def test_compare_reads_what_the_processes_answer(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    results, said = compared(monkeypatch, answering({"measurement": MEASURED}), FIRST, SECOND)
    assert [result.variant for result in results] == [FIRST, SECOND]
    found = results[0].measurement
    assert found is not None
    assert (found.step, found.memory, found.loss_after(10)) == (0.001, 5, 0.5)
    assert str(found.loss_after(20)) == "nan"
    assert said == ["tensorflow with float32: 1 ms a step", "jax with float32: 1 ms a step"]
    assert list(temporary.iterdir()) == []


def test_compare_tells_a_process_what_to_measure(monkeypatch: pytest.MonkeyPatch, temporary: Path) -> None:
    code = answering("REQUEST").replace("json.dumps('REQUEST')", "json.dumps({'failed': sys.argv[1]})")
    results, _ = compared(monkeypatch, code)
    request = json.loads(results[0].failed)
    assert request["overrides"] == ["seed=1", "runtime.backend=tensorflow", "runtime.precision=float32"]
    assert (request["config"], request["seconds"], request["data_root"]) == ("cnn.yaml", 2.0, None)
    assert Path(request["folder"]).parent == temporary


def test_compare_keeps_the_reason_of_a_variant_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    results, said = compared(monkeypatch, answering({"failed": "the loss is nan", "hint": "", "exit_code": 5}))
    assert results == [Result(FIRST, None, "the loss is nan")]
    assert said == ["tensorflow with float32: the loss is nan"]


def test_compare_raises_what_is_wrong_with_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"failed": "cnn.csv is empty", "hint": "fill it", "exit_code": 3}
    with pytest.raises(DataError, match=r"^cnn\.csv is empty\n    fill it$"):
        compared(monkeypatch, answering(answer), FIRST, SECOND)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemError('no such operation')", "SystemError: no such operation"),
        ("import os; os.kill(os.getpid(), 9)", "killed by signal 9 (out of memory?)"),
        ("import os; os.abort()", "killed by signal 6"),
        ("raise SystemExit(7)", "ended with code 7"),
    ],
)
def test_compare_says_how_a_process_died(
    code: str, reason: str, monkeypatch: pytest.MonkeyPatch, temporary: Path
) -> None:
    results, _ = compared(monkeypatch, code)
    assert results == [Result(FIRST, None, reason)]
    assert list(temporary.iterdir()) == []


def test_compare_gives_a_variant_up_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "PATIENCE", 0.001)
    monkeypatch.setattr(compare, "TIMES", 0.0)
    code = answering({"failed": "first"}) + "if 'backend=jax' in sys.argv[1]:\n    import time; time.sleep(600)"
    results, _ = compared(monkeypatch, code, FIRST, SECOND)
    assert results == [Result(FIRST, None, "first"), Result(SECOND, None, "given up after 0 s")]


@pytest.mark.parametrize(("number", "exit_code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_compare_ends_the_process_when_a_signal_comes(
    number: str, exit_code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The process sends the signal to us and then would sleep."""
    code = f"""
import os, pathlib, signal, time
pathlib.Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
os.kill(os.getppid(), signal.{number})
time.sleep(600)
"""
    with pytest.raises(StoppedError) as error:
        compared(monkeypatch, code, FIRST, SECOND)
    assert error.value.exit_code == exit_code
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_scratch_leaves_nothing(temporary: Path) -> None:
    with scratch() as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_text("x")
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []
