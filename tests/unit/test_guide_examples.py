"""Every name and word that can be asked for: its text, and an example that `nnrun check` accepts."""

from __future__ import annotations

import math

import pytest

from nnrun.config.config import STEP_WORDS
from nnrun.config.read_phases import KEYS
from nnrun.config.read_target import KEYS as TARGET
from nnrun.config.sections import (
    COMPILE,
    FIT,
    AnomalySection,
    BeamSection,
    CrossValidationSection,
    DataSection,
    GreedySection,
    JudgeSection,
    ModelSection,
    PredictSection,
    ReportSection,
    RuntimeSection,
    SampleSection,
    Section,
    Sections,
    SplitSection,
    WindowsSection,
)
from nnrun.errors import NnrunError
from nnrun.guide import example, prose, reckoning, topics, words
from nnrun.guide.explanation import checked, explained
from nnrun.guide.topics import Topic

FAMILIES = [family for family in topics.families() if topics.names(family)]
MEND = "a rule of nnrun/guide/families serves it, or a few steps in nnrun/guide/examples do"


def of(family: str) -> list[Topic]:
    return [topics.of(family, name)[0] for name in topics.names(family)]


@pytest.mark.parametrize("family", FAMILIES)
def test_guide_every_example_is_accepted_by_check(family: str) -> None:
    refused = {topic.name: said for topic in of(family) if (said := problems_of(topic))}
    assert refused == {}, MEND


@pytest.mark.parametrize("family", FAMILIES)
def test_guide_every_example_holds_what_it_is_about(family: str) -> None:
    spoken = {"$data.INPUT.vocabulary_size": "$data.sex.vocabulary_size", "$turn": "turn"}
    spoken |= {"$data.INPUT.vectors": "$data.words.vectors"}
    texts = {topic.name: topic.example for topic in of(family)}
    lacking = [name for name, text in texts.items() if spoken.get(name, name).rpartition(".")[2] not in text]
    assert lacking == []


@pytest.mark.parametrize("family", FAMILIES)
def test_guide_every_name_has_a_text(family: str) -> None:
    assert [topic.name for topic in of(family) if not prose.paragraphs(topic.component.doc)] == []


def problems_of(topic: Topic) -> list[str]:
    try:
        found = checked(topic.example)
    except (NnrunError, KeyError) as error:  # a KeyError: a rule has no value for an argument
        return [str(error)]
    said = [str(problem) for problem in found.problems if "there is no run 'my-run'" not in problem.what]
    return said + [
        warning for warning in found.warnings if "is not checked" not in warning and "there is no" not in warning
    ]


def test_guide_a_wrong_example_would_be_seen() -> None:
    with pytest.raises(NnrunError, match="Dence"):
        checked("data: {source: {sklearn: iris}}\nmodel: {layers: [{Dence: 8}]}\n")


def test_guide_the_arithmetic_of_the_examples_is_that_of_the_check() -> None:
    """The rule with its numbers, reckoned by Python, gives what nnrun reckons with."""
    found = [(topic.name, line) for topic in of("layers") for line in lines_of(topic)]
    assert len(found) >= 50
    wrong = []
    for name, line in found:
        value = eval(line.numbers)  # our own text: numbers and signs alone
        if (math.floor(value) if line.floor else value) != line.result:
            wrong.append(f"{name}: {line}")
    assert wrong == []


def lines_of(topic: Topic) -> list[reckoning.Line]:
    if not reckoning.covers(topic.name):
        return []
    seen = checked(topic.example)
    shapes = {**dict(seen.inputs), **{row.name: row.shape for row in seen.rows}}
    row = next((row for row in seen.rows if row.layer == topic.name), None)
    if row is None:  # a cell stands inside of another layer
        return []
    shape = shapes[row.sources[0]]
    return reckoning.lines(row, shape) if isinstance(shape, tuple) else []


def test_guide_a_convolution_is_explained_as_in_the_notes() -> None:
    told = {line["what"]: line["text"] for line in explained(topics.of("layers", "Conv2D")[0])["arithmetic"]}
    assert told == {
        "output size": "[1 + (n + 2p - f) / s] = [1 + (8 + 2·0 - 3) / 1] = 6",
        "with padding: same": "[1 + (n + 2p - f) / s] = [1 + (8 + 2·1 - 3) / 1] = 8",
        "receptive field": "r + (f - 1)·j = 1 + (3 - 1)·1 = 3",
        "parameters": "(f·f·channels + 1)·filters = (3·3·1 + 1)·16 = 160",
    }


@pytest.mark.parametrize(
    ("layer", "parameters"),
    [
        ("LSTM", "4·(features + units + 1)·units = 4·(8 + 16 + 1)·16 = 1,600"),
        ("Dense", "(features + 1)·units = (64 + 1)·16 = 1,040"),
        ("SeparableConv2D", "f·f·channels·depth_multiplier + channels·depth_multiplier·filters + filters = "
         "3·3·1·1 + 1·1·16 + 16 = 41"),
    ],
)  # fmt: skip
def test_guide_parameters_are_explained_by_their_rule(layer: str, parameters: str) -> None:
    assert explained(topics.of("layers", layer)[0])["arithmetic"][-1]["text"] == parameters


def test_guide_every_word_of_a_config_has_a_page_and_no_page_is_left_over() -> None:
    inside: dict[str, type[Section]] = {
        "": Sections, "data": DataSection, "data.split": SplitSection, "data.windows": WindowsSection,
        "model": ModelSection, "predict": PredictSection, "cv": CrossValidationSection, "runtime": RuntimeSection,
        "report": ReportSection, "report.judge": JudgeSection, "predict.greedy": GreedySection,
        "predict.beam": BeamSection, "predict.sample": SampleSection, "predict.anomaly": AnomalySection,
    }  # fmt: skip
    keys = {f"{section}.{key}".lstrip(".") for section, schema in inside.items() for key in schema.model_fields}
    keys |= {f"compile.{key}" for key in COMPILE} | {f"fit.{key}" for key in FIT} | set(STEP_WORDS)
    others = {"previous", "$turn", "$data.num_classes", "$data.INPUT.vocabulary_size", "$data.INPUT.vectors"}
    others |= {f"phases.{key}" for key in KEYS}
    others |= {f"blocks.{key}" for key in ("parameters", "inputs", "layers")}
    others |= {f"data.features.{key}" for key in ("columns", "steps")} | {f"data.target.{key}" for key in TARGET}
    others |= {"data.target.masked"}
    assert set(words.words()) == keys | others, "write it in nnrun/guide/words, with an example"


def test_guide_examples_by_hand_are_of_names_that_there_are() -> None:
    """A name that Keras or nnrun no longer has leaves no example behind."""
    left = {
        f"{family} {name}"
        for family in topics.families()
        for name in example.by_hand(family)
        if name not in topics.names(family)
    }
    assert left == set()
