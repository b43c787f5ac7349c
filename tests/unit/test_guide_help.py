"""`nnrun help`: what it says of names and words, of what it does not know, and how little it loads for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import Nnrun, environment

from nnrun.guide import prose

HEAVY = ("tensorflow", "keras", "pandas", "sklearn", "scipy", "matplotlib", "jinja2")


def test_guide_help_tells_of_a_layer_what_a_person_asks(nnrun: Nnrun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    lines = nnrun("help", "Conv2D").out.splitlines()
    assert lines[0] == "Conv2D (also Convolution2D): layer"
    assert "Parameters, * is required; the first is filters" in lines
    [kernel] = [number for number, line in enumerate(lines) if line.startswith("  kernel_size *  ")]
    assert lines[kernel].endswith("The size of the convolution window (a whole number, or a list of")
    assert lines[kernel + 1].split() == ["them)"]
    assert any(line.startswith("  strides: [1, 1]     ") for line in lines)
    assert "Stands in: a step of `model.layers` or of a block, or under `model.outputs`" in lines
    assert lines[-5:] == [
        "  data: {source: {sklearn: digits}}",
        "  model:",
        "    layers:",
        "      - Conv2D: {filters: 16, kernel_size: 3}",
        "      - Flatten",
    ]


def test_guide_help_tells_what_a_value_alone_sets(nnrun: Nnrun) -> None:
    assert "Parameters, * is required; `Dropout: VALUE` sets rate" in nnrun("help", "Dropout").out.splitlines()


def test_guide_help_tells_what_a_config_may_not_give(nnrun: Nnrun) -> None:
    [topic] = nnrun("help", "celu", "--json").json["topics"]
    assert topic["withheld"] == {"alpha": "Keras saves an activation by its name alone; write the step ops.celu"}


def test_guide_help_tells_every_meaning_of_a_name(nnrun: Nnrun) -> None:
    told = nnrun("help", "mse", "--json").json
    assert [(topic["family"], topic["name"]) for topic in told["topics"]] == [
        ("losses", "MeanSquaredError"),
        ("metrics", "MeanSquaredError"),
    ]


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("conv2d", "Conv2D (also Convolution2D): layer"),
        ("keep", "fit.keep: word of a config"),
        ("from", "from: word of a config"),
        ("$turn", "$turn: word of a config"),
        ("data.split", "data.split: word of a config"),
        ("ops.relu", "ops.relu"),
        ("csv", "csv: source of data"),
        ("normalize", "normalize: preparation of columns"),
        ("binary", "binary: task"),
        ("curves", "curves: figure of a run"),
        ("gaussian_kl", "gaussian_kl: block that nnrun ships"),
        ("layers.Dense", "Dense: layer"),
    ],
)
def test_guide_help_finds_what_is_meant(asked: str, first: str, nnrun: Nnrun) -> None:
    assert nnrun("help", asked).out.startswith(first)


def test_guide_help_of_one_parameter_is_its_whole_text(nnrun: Nnrun) -> None:
    [topic] = nnrun("help", "Conv2D.padding", "--json").json["topics"]
    assert topic["parameter"]["written"] == "valid"
    assert "no padding" in topic["parameter"]["text"]
    assert "parameters" not in topic


def test_guide_help_of_what_a_config_may_not_name_says_what_to_write(nnrun: Nnrun) -> None:
    told = nnrun("help", "ModelCheckpoint")
    assert told.code == 0
    assert "A config may not name it: write `fit: {keep: best}`" in told.out
    assert "Example" not in told.out


def test_guide_help_of_a_family_lists_its_names(nnrun: Nnrun) -> None:
    told = nnrun("help", "optimizers", "--json").json
    assert told["names"][:2] == ["Adadelta", "Adafactor"]
    assert "Ftrl" in nnrun("help", "optimizers").out


def test_guide_help_alone_tells_what_can_be_asked(nnrun: Nnrun) -> None:
    rows = nnrun("help", "--json").json
    assert {"layers", "ops", "losses", "sources", "words"} <= {row["ask for"] for row in rows}
    assert all(row["names"] > 0 for row in rows)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("Dence", "did you mean 'Dense'? `nnrun help Dense`"),
        ("fit.kep", "did you mean 'fit.keep'? `nnrun help fit.keep`"),
        ("CuDNNLSTM", "today it is LSTM: `nnrun help LSTM`"),
        ("lr", "today it is learning_rate, inside the optimizer"),
        ("qqqqqq", "`nnrun help` lists what there is"),
    ],
)
def test_guide_help_of_an_unknown_name_says_what_is_meant(asked: str, hint: str, nnrun: Nnrun) -> None:
    told = nnrun("help", asked)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"nnrun: there is no help for {asked!r}\n")
    assert hint in told.err


def test_guide_help_loads_nothing_heavy_and_takes_no_time(tmp_path: Path) -> None:
    """About 0.3 s of the processor; twice as much would be felt."""
    program = f"""
import json, sys, time
from nnrun.cli import main
for asked in (["help"], ["help", "Conv2D"]):
    try:
        main(asked)
    except SystemExit:
        pass
print(json.dumps([[name for name in {HEAVY!r} if name in sys.modules], time.process_time()]))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    loaded, seconds = json.loads(done.stdout.splitlines()[-1])
    assert loaded == []
    assert seconds < 1.2


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("int, the number of filters.", "The number of filters"),
        ("Optional. Boolean, whether to shuffle. Defaults to `True`.", "Whether to shuffle"),
        (
            "Float between 0 and 1. Fraction of the units to drop.",
            "Float between 0 and 1. Fraction of the units to drop",
        ),
        ("int or tuple/list of 2 integer, specifying the size.", "The size"),
        ("See [the paper](https://example.org/a).", "See the paper"),
        ("", ""),
    ],
)
def test_guide_prose_tells_what_a_parameter_is_for(written: str, told: str) -> None:
    assert prose.sentence(written) == told


def test_guide_prose_ends_where_a_list_or_an_example_begins() -> None:
    doc = "Does a thing.\n\nIt has three steps:\n\n- one\n- two\n\nArgs:\n    a: A number."
    assert prose.paragraphs(doc) == ["Does a thing."]
