"""What is done with a package as soon as somebody imports it: the GPUs hidden from TensorFlow where JAX computes."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from commandline import environment

from nnrun.model import importing


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A package that nobody has imported yet."""
    (tmp_path / "stand_in_package").mkdir()
    (tmp_path / "stand_in_package" / "__init__.py").write_text("whole = True\n", encoding="utf-8")
    (tmp_path / "stand_in_package" / "inner.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    finders = list(sys.meta_path)
    yield "stand_in_package"
    sys.meta_path[:] = finders
    for name in [name for name in sys.modules if name.startswith("stand_in_package")]:
        del sys.modules[name]


def test_importing_acts_once_the_package_is_whole(stand_in: str) -> None:
    seen: list[bool] = []
    before = list(sys.meta_path)
    importing.after_import(stand_in, lambda module: seen.append(module.whole))
    assert seen == []
    importlib.import_module(f"{stand_in}.inner")
    assert seen == [True]
    assert sys.meta_path == before
    importlib.reload(sys.modules[stand_in])
    assert seen == [True]


def test_importing_acts_at_once_on_what_is_loaded(stand_in: str) -> None:
    module = importlib.import_module(stand_in)
    seen: list[Any] = []
    importing.after_import(stand_in, seen.append)
    assert seen == [module]


def test_importing_whoever_only_looks_for_the_package_changes_nothing(stand_in: str) -> None:
    seen: list[Any] = []
    importing.after_import(stand_in, seen.append)
    assert importlib.util.find_spec(stand_in) is not None
    with importing.without([stand_in]), pytest.raises(ImportError):
        importlib.import_module(stand_in)
    assert seen == []
    importlib.import_module(stand_in)
    assert len(seen) == 1


def test_importing_a_package_that_is_not_there_stays_so() -> None:
    finders = list(sys.meta_path)
    try:
        importing.after_import("no_such_package", lambda module: pytest.fail("it is not there"))
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("no_such_package")
    finally:
        sys.meta_path[:] = finders


def test_importing_hides_the_gpus_from_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    config = SimpleNamespace(set_visible_devices=lambda *arguments: told.append(arguments))
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(config=config))
    importing.hide_gpus_from_tensorflow(loud=False)
    assert told == [([], "GPU")]


FRAMEWORK = """
import sys
from nnrun.model import framework
framework.configure(lean=True)
framework.use("jax")
framework.keras()
import tensorflow
print(tensorflow.hidden)
"""


def test_importing_under_jax_the_framework_sees_to_it(tmp_path: Path) -> None:
    """With a TensorFlow of our own, which says whether it was told to see no GPU."""
    pytest.importorskip("jax", reason="the extra `jax` is not installed")
    code = """
import os
os.write(2, b"noise")
hidden = False
class config:
    @staticmethod
    def set_visible_devices(devices, kind):
        global hidden
        hidden = (devices, kind)
"""
    (tmp_path / "tensorflow.py").write_text(code, encoding="utf-8")
    variables = environment()
    variables["PYTHONPATH"] = f"{tmp_path}:{variables['PYTHONPATH']}"
    done = subprocess.run([sys.executable, "-c", FRAMEWORK], env=variables, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("([], 'GPU')\n", "")
