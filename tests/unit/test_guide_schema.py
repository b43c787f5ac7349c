"""`nnrun schema`: it is a schema of draft 7, accepts what the check accepts, and knows every key and name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from commandline import REPOSITORY, Nnrun
from jsonschema import Draft7Validator

from nnrun.config.loader import Document, load_text
from nnrun.config.names import Names
from nnrun.config.read_training import TrainingReader
from nnrun.config.sections import COMPILE, FIT
from nnrun.errors import ConfigError
from nnrun.guide import topics
from nnrun.guide.schema import schema

GOOD = sorted(
    path for folder in ("configs", "tests/gallery", "tests/tasks") for path in (REPOSITORY / folder).glob("*.yaml")
)
BAD = sorted((REPOSITORY / "tests" / "golden" / "mistakes").glob("*.yaml"))
NEEDED = "data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: 8}]}\n"


@cache
def made() -> dict[str, Any]:
    return schema()


@cache
def validator() -> Draft7Validator:
    return Draft7Validator(made())


def faults(text: str | bytes) -> list[str]:
    """What the schema says of a config, read as nnrun reads YAML; an editor's keys are texts."""
    return [error.message for error in validator().iter_errors(with_texts(load_text(text, "config.yaml").data))]


def with_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): with_texts(item) for key, item in value.items()}
    return [with_texts(item) for item in value] if isinstance(value, list) else value


def test_guide_schema_is_one_of_draft_7() -> None:
    assert made()["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(made())


def test_guide_schema_has_nothing_that_editors_refuse() -> None:
    """Reference names that exist, enumerations with at least one word, no words of a newer draft."""
    found = list(inside(made()))
    assert [one for one in found if one.get("enum") == []] == []
    newer = {"$defs", "prefixItems", "dependentRequired", "unevaluatedProperties"}
    assert [one for one in found if newer & set(one)] == []
    names = {one["$ref"].removeprefix("#/definitions/") for one in found if isinstance(one.get("$ref"), str)}
    assert names - set(made()["definitions"]) == set()


def inside(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(item)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_guide_schema_accepts_every_config(path: Path) -> None:
    assert faults(path.read_bytes()) == []


@pytest.mark.parametrize("family", [family for family in topics.families() if topics.names(family)])
def test_guide_schema_accepts_every_example_of_help(family: str) -> None:
    refused = {}
    for name in topics.names(family):
        if found := faults(topics.of(family, name)[0].example):
            refused[name] = found
    assert refused == {}


def test_guide_schema_catches_the_mistakes_of_names_and_keys() -> None:
    """Shapes, columns and what does not go together only the check can see."""
    caught = []
    for path in BAD:
        try:
            caught += [path.stem] if faults(path.read_bytes()) else []
        except ConfigError:
            continue  # no YAML at all, which an editor marks by itself
    assert len(caught) >= 125
    assert {
        "argument_beside_the_layer", "argument_dropout_p", "argument_missing", "argument_unknown", "callback_beside",
        "compile_key_unknown", "cv_strategy", "figure_unknown", "fit_epochs_misspelled", "fit_keep_unknown",
        "layer_unknown",
    } <= set(caught)  # fmt: skip


TARGET = "data: {source: {csv: a.csv}, target: TARGET}\nmodel: {layers: [{Dense: 8}]}\n"


@pytest.mark.parametrize(
    ("target", "right"),
    [
        ("price", True),
        ("{next: words}", True),
        ("{log: price}", True),
        ("{rescale: {columns: price, scale: 0.1}}", True),
        ("{text: {columns: answer, split: character}}", True),
        ("{columns: [a, b], steps: [log, normalize], unit: pounds, name: both}", True),
        ("[{columns: a, name: main}, {columns: a, one_hot: true}, {one_hot: b}]", True),
        ("{nxet: words}", False),
        ("{columns: a, stesp: [log]}", False),
        ("{steps: [log]}", False),
        ("{columns: a, steps: [logg]}", False),
        ("{columns: a, one_hot: 1}", False),
    ],
)
def test_guide_schema_knows_every_form_of_a_target(target: str, right: bool) -> None:
    assert (faults(TARGET.replace("TARGET", target)) == []) == right


@pytest.mark.parametrize(
    "text",
    [
        NEEDED + "fit: {epochs: $epochs}\nvariables: {epochs: 3}\n",
        NEEDED + "compile: {optimizer: {Adam: {learning_rate: $(1e-3 * 2)}}}\n",
        NEEDED + "seed: $seed\nvariables: {seed: 3}\n",
        "extends: base.yaml\nfit: {epochs: 3}\n",
        "data: {source: {sklearn: digits}}\n"
        "model: {layers: [{Conv2D: {kernel_size: 3, repeat: {filters: [8, 16]}}}]}\n",
        "data: {source: {sklearn: iris}}\nmodel: {layers: [{mine: 8}, mine]}\nblocks: {mine: [Flatten]}\n",
    ],
)
def test_guide_schema_accepts_references_turns_and_names_of_ones_own(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        NEEDED + "fit: {epoch: 3}\n",
        NEEDED + "fit: {epochs: 0}\n",
        NEEDED + "runtime: {precision: float16}\n",
        NEEDED + "cv: {folds: 1}\n",
        "data: {source: {csv: a.csv}, target: a, windows: {lenght: 3}}\nmodel: {layers: [{Dense: 8}]}\n",
        "data: {source: {csv: a.csv}, target: a, windows: {horizon: 1}}\nmodel: {layers: [{Dense: 8}]}\n",
        NEEDED + "task: clasification\n",
        "data: {source: {sklearn: iris}}\nmodel: {layers: [Conv2D]}\n",
        "data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: {unit: 8}}]}\n",
        "data: {source: {cvs: a.csv}}\nmodel: {layers: [{Dense: 8}]}\n",
        "model: {layers: [{Dense: 8}]}\n",
    ],
)
def test_guide_schema_refuses_what_is_no_key_or_name(text: str) -> None:
    assert faults(text) != []


VALUES: list[Any] = [1, 0, -1, 0.5, True, None, "3", "auto", "best", "last", "balanced", [], {"a": 1.0}, {}]


@pytest.mark.parametrize("section", ["compile", "fit"])
def test_guide_schema_of_compile_and_fit_is_what_the_reader_takes(section: str) -> None:
    """The reader checks these by hand: for every key, the same values are right for both."""
    specs = {"optimizer", "loss", "metrics", "weighted_metrics", "callbacks"}
    wrong = []
    for key in {*(COMPILE if section == "compile" else FIT)} - specs:
        for value in VALUES:
            if value is None:
                continue  # nothing written
            data = {
                **load_text(NEEDED, "").data,
                section: {key: value, **({"epochs": 9} if key == "initial_epoch" else {})},
            }
            names = Names(Document(data, "config.yaml"))
            getattr(TrainingReader(names), section)(data[section])
            accepted = not list(validator().iter_errors(with_texts(data)))
            if accepted == bool(names.problems):
                wrong.append((key, value, [str(problem) for problem in names.problems]))
    assert wrong == []


def test_guide_schema_is_printed_or_written(nnrun: Nnrun) -> None:
    assert json.loads(nnrun("schema").out) == made()
    assert nnrun("schema", "--output", "nnrun.schema.json").out == "nnrun.schema.json\n"
    assert json.loads(Path("nnrun.schema.json").read_text(encoding="utf-8")) == made()


SERVER = os.environ.get("YAML_LANGUAGE_SERVER") or shutil.which("yaml-language-server")


@pytest.mark.nightly
@pytest.mark.skipif(not SERVER, reason="yaml-language-server is not installed (npm install -g yaml-language-server)")
def test_guide_schema_in_the_real_language_server(tmp_path: Path) -> None:
    """Good configs have no mark; of the bad ones as many are marked as the schema catches; names are offered."""
    path = tmp_path / "nnrun.schema.json"
    path.write_text(json.dumps(made()), encoding="utf-8")
    server = LanguageServer(str(SERVER), path)
    try:
        assert {one.name: marks for one in GOOD if (marks := server.marks(one))} == {}
        marked = [one.stem for one in BAD if server.marks(one)]
        assert len(marked) >= 125
        offered = server.offers("data: {source: {sklearn: iris}}\nfit:\n  callbacks:\n    - \n", 3, 6)
        assert "EarlyStopping" in offered
        assert "batch_size" in server.offers(NEEDED + "fit:\n  \n", 3, 2)
        assert "2D convolution layer" in server.says("model:\n  layers:\n    - Conv2D: {filters: 3}\n", 2, 8)
    finally:
        server.close()


class LanguageServer:
    """As much of the protocol as a test needs."""

    def __init__(self, program: str, schema_file: Path) -> None:
        self.process = subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number, self.marked = 0, dict[str, list[Any]]()
        yaml = {"schemas": {schema_file.as_uri(): ["*.yaml"]}, "schemaStore": {"enable": False}, "yamlVersion": "1.2"}
        self.settings = {"yaml": {**yaml, "validate": True, "completion": True, "hover": True}}
        self.ask(
            "initialize", {"processId": None, "rootUri": None, "capabilities": {"workspace": {"configuration": True}}}
        )
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": self.settings})

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()

    def marks(self, path: Path) -> list[str]:
        """What is marked in a file."""
        self.open(path.as_uri(), path.read_text(encoding="utf-8"))
        while path.as_uri() not in self.marked:
            self.read()
        return [mark["message"] for mark in self.marked[path.as_uri()]]

    def offers(self, text: str, line: int, column: int) -> list[str]:
        """The completions at a place."""
        found = self.at("textDocument/completion", text, line, column)
        return [item["label"] for item in (found["items"] if isinstance(found, dict) else found)]

    def says(self, text: str, line: int, column: int) -> str:
        """The text that hovers over a place."""
        return str(self.at("textDocument/hover", text, line, column))

    def at(self, method: str, text: str, line: int, column: int) -> Any:
        uri = f"file:///config-{self.number}.yaml"
        self.open(uri, text)
        place = {"line": line, "character": column}
        return self.ask(method, {"textDocument": {"uri": uri}, "position": place})

    def open(self, uri: str, text: str) -> None:
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})

    def ask(self, method: str, params: Any) -> Any:
        self.number += 1
        number = self.number
        self.write({"id": number, "method": method, "params": params})
        while True:
            message = self.read()
            if message.get("id") == number and "method" not in message:
                return message.get("result")

    def tell(self, method: str, params: Any) -> None:
        self.write({"method": method, "params": params})

    def write(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        length = 0
        while line := self.process.stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self.marked[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            wanted = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
            answer = None if wanted is None else [self.settings.get(str(item.get("section", ""))) for item in wanted]
            self.write({"id": message["id"], "result": answer})
        return message
