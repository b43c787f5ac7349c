"""Slips of the hand: what a person, or an editor, may do to a config that was right, in its text or in its values."""

from __future__ import annotations

import copy
import random
from typing import Any

Path = tuple[Any, ...]

ODD_WORDS = (
    "", "null", "true", "-1", "0", "1e400", ".nan", "99999999999999999999", '""', "[]", "{}", "[[]]", "[null]",
    "{a: b}", "{1: 2}", "$data", "$data.image", "ü", "\u200b", "\U0001f600", "'", "&a [*a]", "*a", "!!str x", "- x",
    "# c", "/etc/passwd", "{Dense: 64}", "[Dense, Dense]", "Dense", "yes", "12:30", "2016-01-01", "0x1F", "0o17",
    "$width", "$(", "$(max(1, 2))", "$(1 / 0)", "{from: [a, b]}", "encoder.$(2 - turn).skip", "[" * 80, "{a: " * 80,
    "a" * 500,
)  # fmt: skip

REFERENCES = (
    "$width", "$(width * 2)", "$turn", "$(turn // 0)", "$(turn + 1)", "$input.channels", "$previous.length",
    "$(2 ** 99999)",
    "$(9 ** 9 ** 9)", "$data.num_classes", "$data", "$data.", "$(", "$()", "$(1 +)", "$", "$ a", "$1", "$(not width)",
    "$(width if turn else 3)", "$(__import__('os').system('true'))", "$(min())", "$(max(1))", "$('a' * 9)",
    "$(1 < 'a')", "$(1 < 2 < width)", "$(round(1.5, 2))", "$(round(2, -999999999))", "$(1e308 * 10)", "$(1e400)",
    "$(0 * 1e400)", "$(-(-3))", "$(5 % 0)", "$((1).real)", "$(a.b.c)", "$(a.0.channels)", "$(x[0])", "$(lambda: 0)",
    "$(1, 2)", "$(true and null)", "$((((((((1))))))))", "$(" + "(" * 300, "$(" + "-" * 400 + "1)",
    "$(" + "1+" * 240 + "1)", "$(" + "9" * 490 + ")", "$$", "$$width", "a.$width.b", "$width$width", "$(ü)", "$(\\)",
    "$(1\n)", "$('\x00')", "$(0x)", "$(1_0)", "$(1j)", "$(width ** -1)", "$(0 ** -1)", "$(-8 ** 0.5)", "$((-8) ** 0.5)",
    "$(not not 1)", "$(1 @ 2)", "$(1 | 2)", "$(~1)", "$(1 if)", "$(a := 3)", "$(*a)", "$(max(*a))", "$(max(a=1))",
)  # fmt: skip

SOURCES: tuple[Any, ...] = (
    "previous", "input", "turn", "data", "a", "a.b", "a.0", "a.-1", "a.99", "a.", ".a", ".", "..", "0", "", " ",
    "previous.0",
    "previous.1", "input.0", "encoder.0.skip", "encoder.$(turn)", "encoder.$turn.skip", "$width", "$(1 / 0)", "a.٣",
    "a.²",
    "Dense", "dense", "conv2d", "conv2d.0.0.0", "label", [], [[]], ["previous"], ["previous", "previous"],
    ["previous", "input"], [None], ["a", 3], {}, {"inputs": "previous"}, {"query": "previous", "value": "previous"},
    {"": "previous"}, {1: "previous"}, {"inputs": []}, {"inputs": {"inputs": "previous"}}, {"inputs": None},
    {"sequences": "previous", "initial_state": ["previous", "previous"]}, {"input": "previous", "other": "previous"},
    {"from": "previous"}, {"inputs": ["previous", "previous"]}, {"x1": "previous"}, True, 0, None, "previous " * 40,
)  # fmt: skip

TURNS: tuple[Any, ...] = (
    0, 1, 2, -1, 10**9, 10_001, 2.0, "2", "two", True, [], [1, 2], {}, {"units": [1, 2]}, {"units": []}, {"units": 3},
    {"units": [[1], [2]]}, {"units": [1, 2], "filters": [1]}, {"filters": [4, 8]}, {"filters": ["$width", "$turn"]},
    {"from": ["previous", "previous"]}, {"from": "previous"}, {"from": []}, {"from": ["a", "b"], "units": [1, 2]},
    {"from": {"inputs": "previous"}}, {"from": ["previous"], "units": [1, 2]}, {"name": ["a", "b"]}, {"repeat": [1, 2]},
    {"filters": "$width"}, {"filters": "$many"}, {1: [2]}, {"if": [True, False]}, {"nothing": [1, 2]}, "$width",
    "$(turn)",
    "$data.num_classes", "$(0)", "$(width > 1)", {"units": [None, None]}, {"activation": ["relu", {"Dense": 3}]},
)  # fmt: skip

CONDITIONS: tuple[Any, ...] = (
    True, False, None, "true", "yes", 0, 1, [], {}, "$(turn > 0)", "$(input.channels != 8)", "$width", "$('a')",
    "$nope",
    "$(previous.height > 4 and turn)", "$data.num_classes", "$(1 / 0)", "$(", {"Dense": 3},
)  # fmt: skip

NAMES: tuple[Any, ...] = (
    "a", "b", "skip", "encoder", "image", "table", "label", "previous", "input", "turn", "data", "Dense", "dense",
    "dense_1", "conv2d", "a.b", "a b", "0", "_", "ü", "", "name", "from", "repeat", "relu", "ops.add", "x" * 300, 5,
    None,
    True, [], {}, "$width", "$(1)", "a/b", "../a", "a$b", "residual", "position_embedding", "unet_up", "kl",
)  # fmt: skip

STEPS: tuple[Any, ...] = (
    "Flatten", "Concatenate", "Add", "ops.add", {"ops.add": 0.5}, {"ops.stack": {"from": ["previous", "previous"]}},
    {"ops.einsum": {"subscripts": "bij,bkj->bik", "from": ["previous", "previous"]}}, {"ops.reshape": [2, 2]},
    {"ops.transpose": None}, {"ops.sum": {"axis": 0}}, {"ops.split": 2}, {"ops.map": None}, {"ops.matmul": [[1.0]]},
    {"Variable": {"shape": [4], "initializer": "zeros"}}, {"Constant": {"value": [1, [2]]}}, {"Constant": "$width"},
    "previous", "a", {"a": {"from": "previous"}}, {"a": 3}, {"residual": {"filters": 8}}, "position_embedding",
    "unet_up",
    {"MobileNetV2": {"weights": "imagenet", "name": "base"}}, {"ResNet50": {"input_shape": [8, 8, 3]}}, "ResNet50",
    {"EfficientNetB0": {"trainable": {"from": "x"}}}, {"MultiHeadAttention": {"num_heads": 2, "key_dim": 2}},
    {"LSTM": {"units": 3, "return_state": True, "name": "encoder"}}, {"Dense": 8, "activation": "relu"},
    {"Dense:8": None},
    {"Bidirectional": {"LSTM": 3}}, {"TimeDistributed": {"Dense": 3}}, {"RNN": {"cell": {"LSTMCell": 3}}}, None, 5,
    [], {},
)  # fmt: skip

ODD_DATA: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 10**400, -(10**30), float("inf"), float("nan"), "", " ", "5", "1e-3", "$data", "$data.a.b",
    "$$", "a.b", "a/b", "../x", "\U0001f600", [], {}, [[]], [None], [1, "a"], {1: 2}, {"": 1}, {"a": None}, {"name": 5},
    "Dense", "relu", "Adam", {"Dense": None}, {"Dense": {"Dense": 8}}, {"Dense": [8, "relu"]}, {"Adam": 0.1},
    {"Bidirectional": {"LSTM": {"units": []}}}, {"repeat": {"units": []}},
    {"Conv2D": {"filters": 8, "kernel_size": [3, None]}},
    {"Dense": {"units": 8, "from": [], "repeat": 10**9, "name": ""}}, {"Dense": {"from": "previous", "units": 10**400}},
    {"L2": "x"}, {"type": "Adam"}, {"csv": None}, {"csv": {"path": ["a"]}}, {"index": []},
    {"columns": "a", "steps": [5]},
)  # fmt: skip

SECTIONS: dict[str, tuple[Any, ...]] = {
    "extends": (
        "base.yaml", "mutated.yaml", "unet", ["unet", "sequences"], [], [None], 3, "../x.yaml", "/etc/passwd",
        "unett", {},
        ["residual", "residual"], "", "a\x00.yaml", "x" * 5000 + ".yaml", ".yaml",
    ),
    "variables": (
        {"width": 8}, {"data": 3}, {"a": "$b", "b": 3}, {"a": "$a"}, [], 3, {1: 2}, {"width": None}, {"a b": 1}),
    "blocks": (
        {"a": ["Flatten", "a"]}, {"a": ["b"], "b": ["a"]}, {"a": []}, {"a": None}, {"Dense": ["Flatten"]}, [], 5,
        {"a": {"parameters": ["filters", {"n": 3}], "layers": [{"Dense": "$filters"}, {"Dense": "$n"}]}},
        {"a": {"parameters": {"n": 3}, "layers": ["Flatten"]}},
        {"a": {"inputs": ["x", "x"], "layers": [{"Add": {"from": ["x"]}}]}},
        {"a": {"inputs": [], "layers": ["Flatten"]}}, {"a": {"parameters": ["from"], "layers": ["Flatten"]}},
        {1: ["Flatten"]},
    ),
    "model": ({"layers": ["Flatten"], "losses": {"kl": {"gaussian_kl": {"from": ["previous", "previous"]}}}},),
}  # fmt: skip


def places(data: Any, path: Path = ()) -> list[Path]:
    """The paths of everything inside plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [found for key, value in inner for found in ((*path, key), *places(value, (*path, key)))]


def at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def altered(data: Any, draw: random.Random) -> Any:
    """One to three slips that leave YAML, of any value or of the language's own words."""
    for _ in range(draw.randint(1, 3)):
        found = places(data)
        if not found:
            return data
        path = draw.choice(found)
        draw.choice((_any, _any, _reference, _word, _step, _section))(data, path, draw)
    return data


def _any(data: Any, path: Path, draw: random.Random) -> None:
    """A value replaced, wrapped, doubled or deleted; a key renamed or moved; two values swapped."""
    holder, last = at(data, path[:-1]), path[-1]
    value = holder[last]
    match draw.randrange(8):
        case 0:
            del holder[last]
        case 1:
            holder[last] = draw.choice([[value], {"a": value}, str(value), [value, value]])
        case 2 if isinstance(holder, dict) and isinstance(last, str):
            renamed = draw.choice([last.upper(), last.lower(), last[1:], last + "s", "name", 5, "from", "if"])
            holder[renamed] = holder.pop(last)
        case 3 if isinstance(data, dict) and isinstance(last, str):
            data[last] = copy.deepcopy(value)
        case 4:
            other = draw.choice(places(data))
            if other[: len(path)] != path and path[: len(other)] != other:
                holder[last], at(data, other[:-1])[other[-1]] = at(data, other), value
        case 5 if isinstance(holder, list):
            holder.insert(draw.randrange(len(holder)), holder.pop(last))
        case _:
            holder[last] = copy.deepcopy(draw.choice(ODD_DATA))


def _reference(data: Any, path: Path, draw: random.Random) -> None:
    holder = at(data, path[:-1])
    if isinstance(holder[path[-1]], str) and draw.random() < 0.3:
        holder[path[-1]] += draw.choice(REFERENCES)
    else:
        holder[path[-1]] = draw.choice(REFERENCES)


def _word(data: Any, path: Path, draw: random.Random) -> None:
    """One of our words, or a name, in a mapping of arguments."""
    mappings = [found for found in (path, *places(data)) if isinstance(at(data, found), dict) and len(found) > 2]
    if not mappings:
        return
    word, values = draw.choice(
        (
            ("from", SOURCES),
            ("repeat", TURNS),
            ("each", TURNS),
            ("if", CONDITIONS),
            ("name", NAMES),
            ("trainable", TURNS),
        )
    )
    at(data, draw.choice(mappings))[word] = copy.deepcopy(draw.choice(values))


def _step(data: Any, path: Path, draw: random.Random) -> None:
    """A strange step among the others, or a name where a name stands already."""
    lists = [found for found in (path, *places(data)) if isinstance(at(data, found), list) and found[-1] == "layers"]
    if not lists:
        return
    steps = at(data, draw.choice(lists))
    steps.insert(draw.randint(0, len(steps)), copy.deepcopy(draw.choice(STEPS)))


def _section(data: Any, path: Path, draw: random.Random) -> None:
    if isinstance(data, dict):
        section = draw.choice(tuple(SECTIONS))
        value = copy.deepcopy(draw.choice(SECTIONS[section]))
        if isinstance(value, dict) and isinstance(data.get(section), dict):
            data[section].update(value)
        else:
            data[section] = value


def mutated(text: str, draw: random.Random) -> str:
    """One to three slips: lines deleted, doubled, swapped, indented; characters changed; values replaced."""
    for _ in range(draw.randint(1, 3)):
        lines = text.splitlines() or [""]
        place, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        line = lines[place]
        key, colon, _rest = line.partition(":")
        match draw.randrange(9):
            case 0:
                del lines[place]
            case 1:
                lines.insert(other, line)
            case 2:
                lines[place], lines[other] = lines[other], line
            case 3:
                lines[place] = draw.choice(["  " + line, line[1:], "\t" + line, "- " + line, line.lstrip()])
            case 4 if line:
                spot = draw.randrange(len(line))
                lines[place] = line[:spot] + draw.choice("abz019:,-[]{}()'\"#&*!|>%@` .$~\n\t\0ü") + line[spot + 1 :]
            case 5 if line:
                spot = draw.randrange(len(line))
                lines[place] = line[:spot] + line[spot + 1 :]
            case 6 if colon:
                lines[place] = f"{key}: {draw.choice(ODD_WORDS)}"
            case 7:
                words = line.split(" ")
                words[draw.randrange(len(words))] = draw.choice(ODD_WORDS)
                lines[place] = " ".join(words)
            case _:
                lines = lines[: place + 1]
        text = "\n".join(lines) + "\n"
    return text
