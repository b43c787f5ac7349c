"""A saved Keras model as the text of a config, with a place for the data that only its owner knows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnrun import catalogue
from nnrun.config.dump import line
from nnrun.errors import DataError
from nnrun.model.archive import model_of
from nnrun.transcribe.block import Block
from nnrun.transcribe.compiling import compile_of
from nnrun.transcribe.steps import Steps, Transcript, is_model, repeated
from nnrun.transcribe.values import refused


def from_model(path: Path) -> tuple[str, list[str]]:
    """The YAML, and what of the file it leaves out."""
    data = model_of(path)
    try:
        return _read(path, data)
    except (
        AttributeError,
        IndexError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:  # JSON of a form that Keras never writes
        what = f"{path}: its config.json is not as Keras writes it ({type(error).__name__}: {error})"
        raise DataError(what[:300], expected="a file that `model.save` of Keras 3 wrote") from None


def _read(path: Path, data: dict[str, Any]) -> tuple[str, list[str]]:
    if not is_model(data):
        name = data.get("class_name")
        hint = "only Sequential and functional models say in their file what they are made of"
        raise refused(f"{path}: a model of the class {name}", hint)
    blocks: dict[str, Block] = {}
    found = Transcript(data["config"], blocks).steps()
    compiled, left = compile_of(data.get("compile_config"))
    several = len(found.ends) > 1
    for key, value in compiled.items():
        if isinstance(value, list) and several and key != "loss_weights" and len(value) == len(found.ends):
            compiled[key] = dict(zip(found.ends, value, strict=True))
        elif key == "metrics" and not isinstance(value, list | dict):
            compiled[key] = [value]
    lines = [f"# The model of {path.name}, as its file says it; the weights are not in here.", *_data(found)]
    if blocks:
        lines.append("blocks:")
        for name, block in blocks.items():
            lines += _block(name, block)
    lines += _model(found)
    if compiled:
        lines += ["compile:", *(f"  {key}: {line(value)}" for key, value in compiled.items())]
    return "\n".join(lines) + "\n", left


def _data(found: Steps) -> list[str]:
    names = ", ".join(f"{name} {_shape(shape)}" for name, shape in found.inputs.items())
    whole = [name for name, dtype in found.dtypes.items() if dtype.startswith(("int", "uint"))]
    ids = f"; {' and '.join(whole)} of whole numbers" if whole else ""
    return [
        "data:",
        f"  # Rows for the inputs {names}{ids}, and a target for each output.",
        "  source: {npz: data.npz}",
    ]


def _shape(shape: list[int | None]) -> str:
    return "(" + ", ".join("any" if size is None else str(size) for size in shape) + ")"


def _model(found: Steps) -> list[str]:
    lines = ["model:", f"  inputs: {line(found.inputs)}", "  layers:"]
    steps = found.steps
    if list(found.ends.values()) == [""] and isinstance(steps[-1], str | dict) and len(steps) > 1:
        last = steps[-1]
        steps = repeated(steps[:-1])
        outputs = last if isinstance(last, str) else f"{{{_step(last)}}}"
        return [*lines, *(f"    - {_step(step)}" for step in steps), f"  outputs: {outputs}"]
    lines += [f"    - {_step(step)}" for step in repeated(steps)]
    ends = found.ends
    if list(ends) == [""]:
        return [*lines, f"  outputs: {ends['']}"] if ends[""] else lines
    return [*lines, "  outputs:", *(f"    {name}: {end}" for name, end in ends.items())]


def _step(step: Any) -> str:
    """One step: its name, its first parameter's value alone, or its arguments."""
    if isinstance(step, str):
        return step
    called, arguments = next(iter(step.items()))
    component = next((found for slot in ("layers", "ops") if (found := catalogue.find(slot, called))), None)
    first = catalogue.first_parameter(component) if component else None
    if first is not None and list(arguments) == [first.name] and not isinstance(arguments[first.name], dict):
        return f"{called}: {line(arguments[first.name])}"
    return f"{called}: {line(arguments)}"


def _block(name: str, block: Block) -> list[str]:
    if not block.inputs:
        return [f"  {name}:", *(f"    - {_step(step)}" for step in block.steps)]
    parameters = [f"    parameters: {line(list(block.parameters))}"] if block.parameters else []
    return [
        f"  {name}:",
        *parameters,
        f"    inputs: {line(list(block.inputs))}",
        "    layers:",
        *(f"      - {_step(step)}" for step in block.steps),
    ]
