"""The reader on small packages of our own making: a file is a component, its signature the settings."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from nnrun import catalogue
from nnrun.catalogue import reader
from nnrun.errors import MissingError

PARQUET = '''
"""Reads parquet."""
LIMIT = 2**10

def parquet(path: str, *, rows: int | None = None, share: float = 0.5, strict: bool = True,
            limit: int = LIMIT, columns: list[str] = (), **more) -> None:
    """Rows of a parquet file.

    Args:
        path: Where it lies.
        rows: How many rows,
            at most.
        **more: Passed on.
    """
'''


SCALE = '''
"""Numbers made comparable."""

def fit(values: list, *, robust: bool = False) -> dict:
    """The state.

    Args:
        values: The numbers.
        robust: Whether outliers count less.
    """
'''


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "our_package" / "sources"
    folder.mkdir(parents=True)
    (tmp_path / "our_package" / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    (folder / "parquet.py").write_text(PARQUET)
    (folder / "_shared.py").write_text("def _shared(): ...")
    (folder / "scale.py").write_text(SCALE)
    (folder / "helper.py").write_text("def another(): ...")
    (folder / "broken.py").write_text("def broken(:")
    monkeypatch.syspath_prepend(tmp_path)
    reader.package_folder.cache_clear()
    catalogue.own.cache_clear()
    return "our_package.sources"


def test_catalogue_own_components_of_a_folder(package: str) -> None:
    found = catalogue.own(package)
    assert list(found) == ["parquet", "scale"]
    parquet = found["parquet"]
    assert (parquet.name, parquet.slot, parquet.module) == ("parquet", "sources", package + ".parquet")
    assert parquet.keywords
    assert parquet.doc.startswith("Rows of a parquet file.")
    assert [(p.name, p.required, p.default, p.kind, p.annotation) for p in parquet.parameters] == [
        ("path", True, None, "string", "str"),
        ("rows", False, None, "integer", "int | None"),
        ("share", False, 0.5, "number", "float"),
        ("strict", False, True, "boolean", "bool"),
        ("limit", False, 1024, "integer", "int"),
        ("columns", False, (), "any", "list[str]"),
    ]
    assert [p.doc for p in parquet.parameters[:3]] == ["Where it lies.", "How many rows, at most.", ""]
    assert "our_package" not in sys.modules


def test_catalogue_own_components_settings_of_a_fit(package: str) -> None:
    scale = catalogue.own(package)["scale"]
    assert (scale.name, scale.doc) == ("scale", "Numbers made comparable.")
    assert [(p.name, p.kind, p.doc) for p in scale.parameters] == [
        ("robust", "boolean", "Whether outliers count less.")
    ]


@pytest.mark.parametrize("slot", catalogue.SLOTS)
def test_catalogue_own_components_beside_keras_are_what_python_finds(slot: str) -> None:
    """Every name of nnrun's own in a family of Keras: its signature, and a line about each of its parameters."""
    for name in catalogue.own_names(slot):
        found = catalogue.own_find(slot, name)
        assert found is not None
        real = inspect.signature(getattr(importlib.import_module(found.module), name)).parameters.values()
        assert [(p.name, p.required) for p in found.parameters] == [(p.name, p.default is p.empty) for p in real]
        assert [p.name for p in found.parameters if not p.doc] == [], name
        assert found.doc, name
        assert catalogue.find(slot, found.module.rpartition(".")[2]) == catalogue.find(slot, name)


def test_catalogue_own_components_of_a_folder_that_is_not_there(package: str) -> None:
    assert catalogue.own("our_package.figures") == {}


def test_catalogue_own_components_of_a_package_that_is_not_there() -> None:
    with pytest.raises(MissingError, match="the package 'no_such_package' is not installed"):
        catalogue.own("no_such_package.sources")


def test_catalogue_own_components_by_the_name_of_the_folder() -> None:
    names = catalogue.own_names("sources")
    assert "csv" in names
    assert list(names) == sorted(names)
    csv = catalogue.own_find("sources", "csv")
    assert csv is catalogue.own("nnrun.data.sources")["csv"]
    assert catalogue.own_find("sources", "no_such_source") is None
    assert catalogue.own_find("no_such_folder", "csv") is None
    assert catalogue.own_names("no_such_folder") == ()
