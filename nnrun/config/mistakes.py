"""What people write in the wrong place, and the sentence that says where it belongs."""

from __future__ import annotations

import copy
import re
from typing import Any

from pydantic import BaseModel, ValidationError

from nnrun.config.kinds import number_of, shown, switch_hint
from nnrun.config.loader import Document, Path, dotted
from nnrun.config.names import Names
from nnrun.config.sections import (
    COMPILE,
    ELSEWHERE,
    FIT,
    BeamSection,
    CrossValidationSection,
    CtcSection,
    DataSection,
    GreedySection,
    JudgeSection,
    ModelSection,
    NetworkSection,
    PredictSection,
    ReportSection,
    RuntimeSection,
    SampleSection,
    Sections,
    SplitSection,
    WindowsSection,
)  # fmt: skip
from nnrun.errors import Problem, did_you_mean, nearest, one_of

_SCHEMAS: dict[str, type[BaseModel]] = {
    "data.split": SplitSection,
    "data.windows": WindowsSection,
    "data": DataSection,
    "model": ModelSection,
    "cv": CrossValidationSection,
    "predict": PredictSection,
    "runtime": RuntimeSection,
    "report.judge": JudgeSection,
    "report": ReportSection,
}
# Under `predict`; their keys are usual words, of which nothing is concluded elsewhere.
_READINGS: dict[str, type[BaseModel]] = {
    "predict.greedy": GreedySection,
    "predict.greedy_ctc": CtcSection,
    "predict.beam": BeamSection,
    "predict.sample": SampleSection,
}
_PAST = {
    "nb_epoch": "today it is `fit.epochs`",
    "nb_epochs": "today it is `fit.epochs`",
    "lr": "today it is learning_rate, inside the optimizer: `optimizer: {Adam: {learning_rate: 1e-3}}`",
    "learning_rate": "it belongs inside the optimizer: `optimizer: {Adam: {learning_rate: 1e-3}}`",
    "early_stopping": "it is a callback: `fit: {callbacks: [{EarlyStopping: {patience: 5}}]}`",
    "dropout": "it is a layer: `- Dropout: 0.5`",
    "dataset": "it belongs under `data.source`",
    "layers": "it belongs under `model`",
    "training": "what `Model.fit` takes stands under `fit`, what `Model.compile` takes under `compile`",
    "train": "what `Model.fit` takes stands under `fit`, what `Model.compile` takes under `compile`",
    **{
        word: f"{what} of this version yet"
        for word, what in {
            "tune": "the search for hyper-parameters is not",
        }.items()
    },
    "gpus": "write `runtime: {device: gpu, devices: 2}`",
    "num_gpus": "write `runtime: {device: gpu, devices: 2}`",
    "gpu": "write `runtime: {device: gpu}`",
    "tpu": "write `runtime: {device: tpu}`",
    "accelerator": "write `runtime: {device: gpu}`",
    "mixed_precision": "write `runtime: {precision: mixed_bfloat16}`",
}
# Words of other tools, by the key that they stand at.
_WORDS = {
    ("device", "cuda"): "`device: gpu`",
    ("device", "mps"): "TensorFlow and JAX have no release for it; `device: cpu`",
    **{("strategy", word): "`strategy: data_parallel`" for word in ("dp", "ddp", "MirroredStrategy", "DataParallel")},
    **{("strategy", word): "`strategy: model_parallel`" for word in ("tp", "fsdp", "ModelParallel")},
    ("strategy", "TPUStrategy"): "`strategy: tpu`",
    ("precision", "float16"): "`precision: mixed_float16`",
    ("precision", "bfloat16"): "`precision: mixed_bfloat16`",
}


def _schema(section: str) -> type[BaseModel]:
    """What stands at the left margin, in a section, or in one of several models."""
    if re.fullmatch(r"models\.\w+", section):
        return NetworkSection
    return _SCHEMAS.get(section) or _READINGS.get(section, Sections)


def home(key: str, section: str) -> str:
    """The sentence that says under which section a key belongs, or an empty text."""
    for name in (section, "fit", "compile"):
        if (name, key) in ELSEWHERE:
            return ELSEWHERE[(name, key)]
    if key in _PAST:
        return _PAST[key]
    for name, keys in (("fit", FIT), ("compile", COMPILE)):
        if key in keys and name != section:
            return f"{key} belongs under `{name}`"
    for name, schema in _SCHEMAS.items():
        if key in schema.model_fields and name != section:
            return f"{key} belongs under `{name}`"
    if key in Sections.model_fields and section:
        return f"{key} belongs at the left margin, not under `{section}`"
    return ""


def unknown_key(names: Names, path: Path, section: str, known: tuple[str, ...]) -> None:
    """Notes a key that `compile:` or `fit:` does not take, with where it belongs."""
    key = str(path[-1])
    hint = _blank(key) or home(key, section) or did_you_mean(key, known)
    names.problem(path, f"unknown key {key!r} in {section}", one_of(known, hint), hint, key=True)


def _blank(key: str) -> str:
    return "put a blank after the colon" if ":" in key.strip(":") and " " not in key else ""


def schema_problems(document: Document, error: ValidationError) -> list[Problem]:
    """pydantic's findings in our words, each at its place in the YAML."""
    found = []
    places: set[Path] = set()
    meant = {_meant(_written(document, item["loc"])) for item in error.errors() if item["type"] == "extra_forbidden"}
    for item in error.errors():
        loc: Path = item["loc"]
        path = _written(document, loc)
        if (item["type"] == "missing" and loc in meant) or (path in places and item["type"] != "missing"):
            continue  # one mistake gives one problem: a misspelled key is not missing, a union has several members
        places.add(path)
        found.append(_problem(document, path, loc, item))
    return found


def without_mistakes(document: Document, error: ValidationError) -> Sections | None:
    """The sections less what is wrong in them, so that all else is checked as well; None where too little is left.

    A misspelled key is read as what it most likely means, so that nothing seems to be missing.
    """
    data = copy.deepcopy(document.data)
    for item in error.errors():
        path = _written(document, item["loc"])
        if item["type"] == "missing" or not path:
            continue
        holder: Any = data
        for part in path[:-1]:
            holder = holder[part] if _has(holder, part) else None
        if not _has(holder, path[-1]):
            continue
        meant = _meant(path) if item["type"] == "extra_forbidden" else None
        if isinstance(holder, list):
            return None
        value = holder.pop(path[-1])
        if meant is not None and meant[:-1] == path[:-1] and meant[-1] not in holder:
            holder[meant[-1]] = value
            document.rename(path, meant)
    try:
        return Sections.model_validate(data)
    except ValidationError:
        return None


def _has(holder: Any, part: Any) -> bool:
    if isinstance(holder, list):
        return isinstance(part, int) and part < len(holder)
    return isinstance(holder, dict) and part in holder


def _meant(path: Path) -> Path | None:
    """The key that an unknown key stands for: the nearest of its own section, or the section it belongs to."""
    section, key = dotted(path[:-1]), str(path[-1])
    schema = _schema(section)
    near = nearest(key, schema.model_fields)
    if near is not None:
        return (*path[:-1], near)
    homes = [name for name, other in _SCHEMAS.items() if key in other.model_fields]
    return (homes[0],) if homes and not section else None


def _written(document: Document, loc: tuple[Any, ...]) -> Path:
    """pydantic puts union members into `loc`; keep only what the document has."""
    path: list[Any] = []
    data: Any = document.data
    for position, part in enumerate(loc):
        inside = (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        )
        if inside:
            path.append(part)
            data = data[part]
        elif position == len(loc) - 1 and isinstance(data, dict):
            path.append(part)
    return tuple(path)


def _problem(document: Document, path: Path, loc: tuple[Any, ...], item: Any) -> Problem:
    section = dotted(path[:-1])
    key = str(path[-1]) if path else ""
    schema = _schema(section)
    known = list(schema.model_fields)
    if item["type"] == "extra_forbidden":
        hint = _blank(key) or home(key, section) or did_you_mean(key, known)
        inside = f" in {section}" if section else ""
        return Problem(f"unknown key {key!r}{inside}", document.key(path), one_of(known, hint), hint)
    if item["type"] == "missing":
        hint = {
            "data": "`data: {source: {sklearn: digits}}`",
            "model": "`model: {layers: [{Dense: 64}]}`",
            "source": "`source: {csv: file.csv}`",
            "layers": "`layers:` and below it a list, such as `- Dense: 64`",
        }.get(str(loc[-1]), "")
        inside = f" under {section}" if section else ""
        return Problem(f"{loc[-1]!r} is missing{inside}", document.key(path[:-1]), hint=hint)
    expected = _expected(item)
    hint = _SHORT.get(section + "." + key if section else key, "") if "a mapping" in expected else ""
    if key == "layers" and isinstance(item["input"], dict):
        hint = "layers is a list: begin each layer with `- `"
    elif isinstance(item["input"], str) and item["type"] in ("int_type", "float_type"):
        hint = "write it without quotes" if number_of(item["input"]) is not None else ""
    elif key in ("name", "task", "column", "group") and isinstance(item["input"], int | float):
        hint = f'put it into quotes: `{key}: "{item["input"]}"`'
    elif item["type"] == "bool_type":
        hint = switch_hint(item["input"])
    elif item["type"] == "literal_error" and isinstance(item["input"], str):
        word = item["input"].partition(":")[0]
        hint = _WORDS.get((key, word)) or did_you_mean(item["input"], expected.replace(" or ", ", ").split(", "))
    if path == ("runtime", "devices"):
        expected, hint = "all, how many, or a list of their numbers: [0, 1]", ""
    if path[:2] == ("data", "split") and key in ("validation", "test"):
        expected, hint = "a fraction below 1 such as 0.15, or a whole number of rows", ""
    return Problem(f"{key or 'the config'} is {shown(item['input'])}", document.value(path), expected, hint)


def _expected(item: Any) -> str:
    limits = item.get("ctx", {})
    match item["type"]:
        case "greater_than_equal":
            return f"{limits['ge']} or more"
        case "less_than":
            return f"less than {limits['lt']}"
        case "less_than_equal":
            return f"{limits['le']:g} or less"
        case "greater_than":
            return f"more than {limits['gt']:g}"
    return _EXPECTED.get(item["type"]) or str(item["msg"]).removeprefix("Input should be ").replace("'", "")


# What people write where a section's mapping belongs, said as the mapping.
_SHORT = {
    "data": "`data: {source: {csv: file.csv}, target: COLUMN}`",
    "data.split": "`split: {validation: 0.2}`",
    "model": "put `layers:` between `model:` and its list",
    "compile": "`compile: {optimizer: Adam}`",
    "fit": "`fit: {epochs: 10}`",
    "cv": "`cv: {folds: 5}`",
    "report": "`report: {figures: [curves]}`",
    "runtime": "leave it out where nothing is set",
}
_EXPECTED = {
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "bool_type": "true or false",
}
