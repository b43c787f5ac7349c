from __future__ import annotations

import math
import time
from typing import Any

import pytest

from nnrun.config.loader import load_text
from nnrun.errors import ConfigError

HANG = 30  # seconds: a guard against a hang, never a measure of speed


def refused(text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(text, "a.yaml")
    return str(caught.value).splitlines()[0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E3", 1000.0), (".5", 0.5), ("5.", 5.0), ("+1.5", 1.5), ("-.5e1", -5.0),
        ("010", 10), ("-7", -7), ("+7", 7), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"), ("0b11", "0b11"),
        ("no", "no"), ("Yes", "Yes"), ("on", "on"), ("off", "off"), ("y", "y"), ("12:30", "12:30"),
        ("190:20:30", "190:20:30"), ("2016-01-01", "2016-01-01"), ("true", True), ("FALSE", False), ("tRue", "tRue"),
        ("null", None), ("~", None), ("", None), ("NULL", None), (".inf", math.inf), ("-.INF", -math.inf),
        ("inf", "inf"), ("nan", "nan"), ("'5'", "5"), ('"true"', "true"), ("1e", "1e"), ("e3", "e3"), (".", "."),
        ("1.2.3", "1.2.3"), ("=", "="), ("<<", "<<"), ("99999999999999999999", 99999999999999999999),
    ],
)  # fmt: skip
def test_config_loader_scalars_are_those_of_yaml_1_2(text: str, value: Any) -> None:
    loaded = load_text(f"key: {text}", "a.yaml").data["key"]
    assert (loaded, type(loaded)) == (value, type(value))


def test_config_loader_reads_not_a_number() -> None:
    assert math.isnan(load_text("key: .nan", "a.yaml").data["key"])


def test_config_loader_knows_the_places_of_keys_and_values() -> None:
    document = load_text("fit:\n  epochs: 5\nmodel:\n  layers:\n    - Dense: {units: 8}\n    - Flatten\n", "a.yaml")
    path = ("model", "layers", 0, "Dense", "units")
    assert str(document.key(("fit", "epochs"))) == "a.yaml:2:3"
    assert str(document.value(("fit", "epochs"))) == "a.yaml:2:11"
    assert str(document.key(path)) == "a.yaml:5:15"
    assert str(document.value(path)) == "a.yaml:5:22"
    assert document.value(path).path == "model.layers[0].Dense.units"
    assert str(document.value(("model", "layers", 1))) == "a.yaml:6:7"


def test_config_loader_place_of_what_was_not_written_is_its_parents() -> None:
    document = load_text("fit:\n  epochs: 5\n", "a.yaml")
    where = document.value(("fit", "callbacks", 0))
    assert (str(where), where.path) == ("a.yaml:2:3", "fit.callbacks[0]")


def test_config_loader_name_is_the_key_of_a_spec_and_the_value_where_it_stands_alone() -> None:
    document = load_text("a: {Adam: 0.1}\nb: Adam\n", "a.yaml")
    assert str(document.name(("a", "Adam"), "Adam")) == "a.yaml:1:5"
    assert str(document.name(("b",), "Adam")) == "a.yaml:2:4"


def test_config_loader_renamed_key_keeps_the_places_below_it() -> None:
    document = load_text("modell: {layers: [Flatten]}\n", "a.yaml")
    document.rename(("modell",), ("model",))
    assert str(document.value(("model", "layers", 0))) == "a.yaml:1:19"


def test_config_loader_values_of_an_alias_stand_where_the_alias_is() -> None:
    document = load_text("a: &x [1, 2]\nb: *x\n", "a.yaml")
    assert document.data == {"a": [1, 2], "b": [1, 2]}
    assert str(document.value(("b",))) == "a.yaml:2:4"


def test_config_loader_every_duplicate_key_is_told() -> None:
    with pytest.raises(ConfigError) as caught:
        load_text("a: 1\nb: 2\na: 3\nb: 4\n", "a.yaml")
    assert [problem.what for problem in caught.value.problems] == [
        "the key 'a' stands twice (first in line 1)",
        "the key 'b' stands twice (first in line 2)",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: \xff\n", "a.yaml:1:4: not UTF-8 text"),
        (b"a: 1\nb: \xe4\n", "a.yaml:2:4: not UTF-8 text"),
        ("a: \0\n", "a.yaml:1:4: a character that YAML does not allow (#x0000)"),
        (
            "a: !!python/name:os.system x",
            "a.yaml:1:4: the tag 'tag:yaml.org,2002:python/name:os.system' is not allowed",
        ),
        ("a: !mine 5", "a.yaml:1:4: the tag '!mine' is not allowed"),
        ("a: *x", "a.yaml:1:4: the alias *x has no anchor &x above it"),
        ("a: 1\n---\nb: 2\n", "a.yaml:2:1: a second document in the file"),
        ("? [a, b]\n: 1\n", "a.yaml:1:3: a key must be a name"),
        ("\ta: 1\n", "a.yaml:1:1: not YAML: a tab in the indentation"),
        ("a: 'b\n", "a.yaml:1:4: not YAML: this quote is never closed"),
        ("a: [", "a.yaml:2:1: not YAML: did not find expected node content"),
        ("x" * 1_000_001, "a.yaml:1:1: larger than 1,000,000 bytes"),
    ],
)
def test_config_loader_refuses_with_the_place(text: str | bytes, message: str) -> None:
    assert refused(text) == message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 100_000, "nested deeper than 64 levels"),
        ("{a: " * 100_000, "nested deeper than 64 levels"),
        ("\n".join(" " * level + "a:" for level in range(1_000)), "nested deeper than 64 levels"),
        ("a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
        ), "more than 20,000 values once the aliases are written out"),
        ("a: &a [*a]\n", "deeper than 64 levels once the aliases are written out"),
        ("a: &a {b: *a}\n", "deeper than 64 levels once the aliases are written out"),
        ("[" + "1," * 150_000 + "1]", "more than 20,000 values"),
    ],
    ids=["brackets", "braces", "indentation", "aliases", "itself", "itself as mapping", "values"],
)  # fmt: skip
def test_config_loader_budgets_end_hostile_files(text: str, reason: str) -> None:
    begun = time.process_time()
    assert refused(text).split(": ", 1)[1] == reason
    assert time.process_time() - begun < HANG


def test_config_loader_takes_a_byte_order_mark_and_windows_lines() -> None:
    assert load_text(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "a.yaml").data == {"a": 1, "b": 2}
