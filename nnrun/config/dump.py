"""Plain data to YAML text that our own loader reads back to the same data."""

from __future__ import annotations

from typing import Any

import yaml

from nnrun.config.loader import scalar


class _Dumper(yaml.SafeDumper):
    """Quotes exactly what a YAML 1.2 reader would take for something else; short lists stay on one line."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    ambiguous = not isinstance(scalar(value), str)
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if ambiguous else None)


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.ScalarNode:
    if value != value or value in (float("inf"), float("-inf")):
        text = ".nan" if value != value else ".inf" if value > 0 else "-.inf"
    else:
        text = repr(value)
        if "e" in text and "." not in text:
            text = text.replace("e", ".0e")  # PyYAML and editors agree that this is a number
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    short = all(not isinstance(item, list | dict) for item in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=short)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(float, _float)
_Dumper.add_representer(list, _list)


def dump(data: Any) -> str:
    """YAML text of plain data, keys in their order."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False)


class _Line(_Dumper):
    """Everything in braces and brackets."""


_Line.add_representer(list, lambda dumper, value: dumper.represent_sequence("tag:yaml.org,2002:seq", value, True))


def line(data: Any) -> str:
    """The same on one line, as it may stand behind a key or a dash."""
    text = yaml.dump(data, Dumper=_Line, sort_keys=False, allow_unicode=True, width=10**6, default_flow_style=True)
    return str(text).removesuffix("...\n").strip()
