"""Inputs and targets in the script: fitted on the training rows, made for all rows."""

from __future__ import annotations

from typing import Any

from nnrun.config.config import Entry
from nnrun.data.preparation import Preparation
from nnrun.export.code import WIDTH, Code, Script, call, written
from nnrun.export.data import raw
from nnrun.export.preparations import AS_TEXT, ORDERED, code_of
from nnrun.export.sources import Read
from nnrun.training.answers import Answer
from nnrun.training.material import Material


def write_inputs(script: Script, preparation: Preparation, found: Read, several: bool) -> None:
    """`x`: an array, or one for each input."""
    script.section("Inputs, fitted on the training rows")
    script.need("import numpy as np")
    if several:
        script.say("x = {}")
    for name, entries in preparation.features.items():
        target = f'x["{name}"]' if several else "x"
        _columns(script, name, entries, found, target)
    for name in preparation.arrays:
        scale = preparation.scale.get(name)
        target = f'x["{name}"]' if several else "x"
        whole = round(1 / scale) if scale else 1
        read = found.arrays[name]
        if scale is None:
            script.say(f'{target} = {read}.astype("float32")')
        elif scale == 1 / whole:
            script.say(f'{target} = {read}.astype("float32") / {whole}')
        else:
            script.say(f'{target} = {read}.astype("float32") * {scale!r}')


def _columns(script: Script, name: str, entries: tuple[Entry, ...], found: Read, target: str) -> None:
    """The columns of one input, side by side."""
    parts, ids, sizes = [], False, []
    for number, entry in enumerate(entries):
        variable = f"{_plain(name)}_values" + (f"_{number + 1}" if len(entries) > 1 else "")
        steps = [code_of(step) for step in entry.steps]
        numbers = [step for step in steps if not step.function]
        columns = list(entry.columns)
        if numbers or steps[0].takes_numbers:
            script.set(variable, call(f"{_chosen(script, found, columns)}.to_numpy", "float64"))
        else:
            _need_texts(script)
            script.set(variable, call("as_text", Code(_chosen(script, found, columns))))
        transformers = [step.transformer for step in numbers if step.transformer is not None]
        for step in steps:
            script.need(*step.imports)
        if transformers:
            chain = transformers[0]
            if len(transformers) > 1:
                script.need("from sklearn.pipeline import make_pipeline")
                chain = call("make_pipeline", *transformers)
            script.set("steps", chain)
            script.say(f"{variable} = steps.fit({variable}[train]).transform({variable})")
        for step in steps:
            if not step.function:
                continue
            if numbers and not step.takes_numbers:
                _need_texts(script)
                script.say(f"{variable} = as_text({variable})")
            if not step.takes_numbers:
                script.function("ordered", ORDERED)
            script.function(step.function, step.source)
            ids = step.gives_ids
            size = f"{_plain(name)}_vocabulary_size" + (f"_{number + 1}" if len(entries) > 1 else "")
            variables = f"{variable}, {size}" if ids else variable
            script.set(variables, call(step.function, Code(variable), Code("train"), **step.settings))
            sizes += [size] if ids else []
        parts.append(variable)
    if len(sizes) > 1:
        script.say(f"{_plain(name)}_vocabulary_size = max({', '.join(sizes)})")
    joined = f"{_plain(name)}_values"
    if len(parts) > 1:
        script.set(joined, call("np.concatenate", [Code(part) for part in parts], axis=1))
    if ids:
        one = sum(len(entry.columns) for entry in entries) == 1
        script.say(f"{target} = {joined}" + ("[:, 0]" if one else ""))
    else:
        script.say(f'{target} = {joined}.astype("float32")')


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)


def _chosen(script: Script, found: Read, columns: list[str]) -> str:
    """Some columns of the table; a long list of them has a line of its own."""
    text = written(columns)
    if len(text) <= WIDTH // 2:
        return f"{found.table}[{text}]"
    script.set("columns", columns)
    return f"{found.table}[columns]"


def _need_texts(script: Script) -> None:
    script.need("import pandas as pd", "import numpy as np")
    script.function("as_text", AS_TEXT)


def vocabulary(name: str) -> str:
    """The variable that holds the size of an input's vocabulary."""
    return f"{_plain(name)}_vocabulary_size"


def write_targets(script: Script, material: Material, found: Read) -> None:
    """`y`: an array, or one for each output; zeros for an output that no target is compared with."""
    script.section("Targets")
    zeros = [name for name in (*material.outputs, *material.losses) if name not in material.answers]
    if material.is_several:
        script.say("y = {}")
    single = len(material.answers) == 1
    for name, answer in material.answers.items():
        target = f'y["{name}"]' if material.is_several else "y"
        classes = "classes" if single else f"{_plain(name)}_classes"
        _target(script, answer, found, target, classes, several_inputs=len(material.inputs) > 1)
    for name in zeros:
        target = f'y["{name}"]' if material.is_several else "y"
        first = "next(iter(x.values()))" if len(material.inputs) > 1 else "x"
        script.say(f'{target} = np.zeros((len({first}), 1), "float32")  # the loss is of the graph: no target is read')


def _target(script: Script, answer: Answer, found: Read, target: str, classes: str, *, several_inputs: bool) -> None:
    spec = answer.spec
    if getattr(spec, "copy", False):
        script.say(f"{target} = " + (f'x["{spec.name}"]' if several_inputs else "x"))
        return
    if answer.task.kind != "classes":
        if found.table and all(column not in {**found.arrays, **found.targets} for column in spec.columns):
            script.set(target, call(f"{_chosen(script, found, list(spec.columns))}.to_numpy", "float32"))
            return
        read = [raw(found, column) for column in spec.columns]
        values = read[0] if len(read) == 1 else f"np.column_stack([{', '.join(read)}])"
        script.say(f'{target} = {values}.astype("float32")')
        if len(read) == 1:
            script.say(f"{target} = {target} if {target}.ndim > 1 else {target}[:, None]")
        return
    _classes(script, answer, raw(found, spec.columns[0]), target, classes)


def _classes(script: Script, answer: Answer, read: str, target: str, classes: str) -> None:
    """Class numbers, or a column for each class."""
    labels, names = list(answer.target.labels), list(answer.target.classes)
    counted = labels == [str(number) for number in range(len(labels))]
    one_unit = answer.task.units == 1
    script.set(classes, names)
    script.say(f"num_{classes} = len({classes})")
    if counted and read.endswith("label"):
        numbers = f'{read}.astype("int32")'
    elif answer.task.everywhere:
        places = read if counted else f"np.searchsorted({[int(label) for label in labels]}, {read})"
        numbers = f"{places}.astype(np.min_scalar_type(num_{classes} - 1))"
    else:
        _need_texts(script)
        known = classes if labels == names else f"[str(number) for number in range(num_{classes})]"
        script.say(f"numbers = {{text: number for number, text in enumerate({known})}}")
        numbers = f'np.array([numbers[text] for text in as_text({read}).ravel()], "int32")'
    if answer.spec.one_hot:
        script.set(target, Code(f'np.eye(num_{classes}, dtype="float32")[{numbers}]'))
    elif one_unit and not answer.task.everywhere:
        script.say(f"{target} = {numbers}", f"{target} = {target}[:, None]")
    else:
        script.say(f"{target} = {numbers}")


def facts(material: Material) -> dict[tuple[str, ...], str]:
    """What the model may refer to, and the variables that hold it."""
    found: dict[tuple[str, ...], Any] = {}
    counted = [name for name, answer in material.answers.items() if answer.target.num_classes]
    if len(counted) == 1:
        single = len(material.answers) == 1
        found["data", "num_classes"] = "num_classes" if single else f"num_{_plain(counted[0])}_classes"
    for name, told in material.preparation.facts.items():
        if "vocabulary_size" in told:
            found["data", name, "vocabulary_size"] = vocabulary(name)
    return found
