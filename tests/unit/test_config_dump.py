from __future__ import annotations

from nnrun.config.dump import dump


def test_config_dump_keeps_the_order_and_short_lists_on_a_line() -> None:
    data = {"b": [1, 2], "a": {"c": [{"Dense": 8}, "Flatten"]}}
    assert dump(data) == "b: [1, 2]\na:\n  c:\n  - Dense: 8\n  - Flatten\n"


def test_config_dump_quotes_texts_that_would_read_as_something_else() -> None:
    assert dump({"a": "5", "b": "null", "c": "1e-3", "d": "plain"}) == "a: '5'\nb: 'null'\nc: '1e-3'\nd: plain\n"


def test_config_dump_writes_numbers_that_every_reader_takes_for_numbers() -> None:
    assert dump({"a": 1e-07, "b": float("inf"), "c": 0.001}) == "a: 1.0e-07\nb: .inf\nc: 0.001\n"


def test_config_dump_writes_equal_parts_twice_and_not_as_an_alias() -> None:
    shared = {"units": 8}
    assert dump([shared, shared]) == "- units: 8\n- units: 8\n"
