"""`nnrun bench`: what it prints, and once with its processes, on both backends."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import pytest
import tiny
from commandline import Nnrun

from nnrun.bench import compare, variants
from nnrun.bench.variants import Measurement, Result, Variant

LOSSES = ((10, 2.0), (20, 1.0))


def measured(backend: str, precision: str, epoch: float, device_memory: int | None = None) -> Result:
    found = Measurement("CPU", 4.0, epoch / 8, epoch, 300 / epoch, 600 * 10**6, device_memory, LOSSES)
    return Result(Variant(backend, precision), found)


@pytest.fixture
def config(folder: Path) -> Path:
    return tiny.write(folder)


def gives(monkeypatch: pytest.MonkeyPatch, *results: Result, missing: dict[str, str] | None = None) -> None:
    found = [result.variant for result in results], missing or {}
    monkeypatch.setattr(variants, "variants", lambda *chosen: found)
    monkeypatch.setattr(compare, "compare", lambda *given: list(results))


def test_bench_prints_a_table_and_what_to_take(nnrun: Nnrun, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Result(Variant("jax", "mixed_float16"), None, "the loss is nan")
    gives(monkeypatch, measured("tensorflow", "float32", 4.0), measured("jax", "float32", 0.5), failed)
    done = nnrun("bench", config)
    assert (done.code, done.err) == (0, "3 variants, about 10 s each after its start\n")
    head, _, first, second, third, *rest = done.out.splitlines()
    assert re.split("  +", head) == [
        "backend", "precision", "device", "start s", "ms a step", "rows a second", "s an epoch", "memory MB",
        "loss after 20 steps",
    ]  # fmt: skip
    assert first.split() == ["tensorflow", "float32", "CPU", "4", "500", "75", "4", "600", "1.0000"]
    assert second.split() == ["jax", "float32", "CPU", "4", "62.5", "600", "0.5", "600", "1.0000"]
    assert third.split() == ["jax", "mixed_float16", *"-------"]
    assert rest == [
        "- jax with mixed_float16: the loss is nan",
        "Take jax with float32: 3 epochs in about 5.5 s in place of 16.0 s as the config has it, "
        "tensorflow with float32.",
        "runtime:",
        "  backend: jax",
        "  precision: float32",
    ]


def test_bench_says_no_yaml_where_the_config_has_it_right(
    nnrun: Nnrun, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gives(monkeypatch, measured("tensorflow", "float32", 4.0), missing={"jax": "pip install 'nnrun[jax]'"})
    done = nnrun("bench", config, "-q")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-2:] == [
        "- jax is not installed: pip install 'nnrun[jax]'",
        "Keep tensorflow with float32, which the config says: nothing else is left to compare.",
    ]


def test_bench_tells_the_memory_of_an_accelerator(nnrun: Nnrun, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gives(monkeypatch, measured("tensorflow", "float32", 4.0, device_memory=7 * 10**9))
    head, _, line, *_ = nnrun("bench", config).out.splitlines()
    assert "device MB" in head
    assert "7,000" in line.split()


def test_bench_as_json(nnrun: Nnrun, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Result(Variant("jax", "float32"), None, "the loss is nan")
    gives(monkeypatch, measured("tensorflow", "float32", 4.0), failed, missing={})
    done = nnrun("bench", config, "--json", "--seconds", "2")
    assert done.json == {
        "config": str(config),
        "seconds": 2.0,
        "steps": 20,
        "variants": [
            {
                "backend": "tensorflow", "precision": "float32", "device": "CPU", "start": 4.0, "step": 0.5,
                "epoch": 4.0, "rows_per_second": 75.0, "memory": 600 * 10**6, "device_memory": None, "loss": 1.0,
            },
            {"backend": "jax", "precision": "float32", "failed": "the loss is nan"},
        ],
        "missing": {},
        "advice": {
            "backend": "tensorflow",
            "precision": "float32",
            "text": "Keep tensorflow with float32, which the config says: nothing else is left to compare.",
        },
    }  # fmt: skip


def test_bench_where_nothing_can_be_measured(nnrun: Nnrun, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gives(monkeypatch, Result(Variant("tensorflow", "float32"), None, "killed by signal 9 (out of memory?)"))
    done = nnrun("bench", config, "-q")
    assert (done.code, done.out) == (3, "")
    assert done.err == (
        "nnrun: no variant could be measured\n    tensorflow with float32: killed by signal 9 (out of memory?)\n"
    )


def test_bench_refuses_a_wrong_config_before_anything_is_started(nnrun: Nnrun, folder: Path) -> None:
    config = tiny.write(folder, tiny.CONFIG.replace("relu", "relo"))
    done = nnrun("bench", config)
    assert (done.code, done.out) == (2, "")
    assert "relo" in done.err


def test_bench_measures_each_variant_and_leaves_nothing(
    nnrun: Nnrun, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax", reason="the extra `jax` is not installed")
    temporary = folder / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    config = tiny.write(folder)
    chosen = ("--backend", "jax", "--precision", "mixed_bfloat16")
    done = nnrun("bench", config, "--json", "--seconds", "0.1", "-s", "fit.keep=best", *chosen)
    assert done.code == 0, done.err
    found = done.json["variants"]
    assert [(told["backend"], told["precision"]) for told in found] == [
        ("tensorflow", "float32"),
        ("jax", "mixed_bfloat16"),
    ]
    for told in found:
        assert "failed" not in told, told
        assert 0 < told["step"] < told["epoch"]
        assert told["rows_per_second"] == pytest.approx(36 / 5 / told["step"])  # 36 rows, batches of 8, the last of 4
        assert told["memory"] > 10**8
        assert 0 < told["loss"] < 10
    assert done.json["steps"] % 5 == 0  # compared at the end of an epoch
    assert done.json["missing"] == {}
    assert done.json["advice"]["text"].startswith(("Keep ", "Take "))
    assert list(temporary.iterdir()) == []
    assert not (folder / "runs").exists()


def test_bench_looks_for_a_learning_rate(nnrun: Nnrun, folder: Path) -> None:
    """Iris has five steps an epoch: the search goes through many epochs, and keeps nothing."""
    (folder / "a.yaml").write_text("data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: 8}]}\n", encoding="utf-8")
    result = nnrun("bench", "a.yaml", "--learning-rate", "--json")
    told = json.loads(result.out)
    assert result.code == 0
    assert 1e-5 < told["suggestion"] < 1
    assert len(told["rates"]) == len(told["losses"]) > 50
    assert not (folder / "runs").exists()
