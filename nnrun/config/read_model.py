"""The section `model`: steps, outputs and the promise about inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.catalogue import Component
from nnrun.config import guess
from nnrun.config.config import STEP_WORDS, Model, Output, Step
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.sections import ModelSection
from nnrun.config.spec import Spec
from nnrun.errors import did_you_mean


class ModelReader:
    """Reads the section and notes its problems in `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def model(self, section: ModelSection) -> Model:
        """The whole section."""
        names = self.names
        if not section.layers and not section.outputs:
            names.problem(("model", "layers"), "the model has no layers", "a list, such as `- Dense: 64`")
        return Model(
            layers=self.steps(section.layers, ("model", "layers")),
            outputs=self.outputs(section.outputs),
            inputs=self.inputs(section.inputs),
            where=names.document.key(("model",)),
        )

    def steps(self, items: list[Any], path: Path) -> tuple[Step, ...]:
        read = [self.step(item, (*path, index)) for index, item in enumerate(items)]
        return tuple(step for step in read if step is not None)

    def step(self, value: Any, path: Path) -> Step | None:
        names = self.names
        parted = names.parted(value, path, "layers")
        if parted is None:
            return None
        name, given, inner = parted
        if catalogue.find("layers", name) is None and catalogue.find("activations", name):
            where = names.document.name(inner, name)
            names.at(where, f"there is no layer {name!r}", hint=f"write `Activation: {name}`")
            return Step(Spec(name, {}, where, "layers"))
        component = names.component(name, inner, "layers")
        words = given if isinstance(given, dict) else {}
        places = {word: names.document.value((*inner, word)) for word in (*STEP_WORDS, "name") if word in words}
        turned = tuple(str(key) for key in words["repeat"]) if isinstance(words.get("repeat"), dict) else ()
        spec = (
            names.complete(component, given, inner, words=tuple(places), elsewhere=turned)
            if component is not None
            else Spec(name, {}, names.document.name(inner, name), "layers")
        )
        step_name = words.get("name")
        if step_name is not None and (not isinstance(step_name, str) or not step_name or "/" in step_name):
            names.problem((*inner, "name"), f"the name is {shown(step_name)}", "a text without slashes")
            step_name = None
        sources, several = self._from(words.get("from"), (*inner, "from"))
        repeat = self._repeat(words.get("repeat"), (*inner, "repeat"), component)
        if isinstance(repeat, dict):
            repeat = self._turns(repeat, component, (*inner, "repeat"))
        return Step(spec, step_name, sources, repeat, several, places)

    def _turns(self, repeat: dict[str, Any], component: Component | None, path: Path) -> dict[str, Any] | int:
        """The values of each turn, checked like any other argument; the number of turns where none can be used."""
        turns: dict[str, Any] = {}
        for key, values in repeat.items():
            parameter = component.parameter(str(key)) if component else None
            if component and parameter is None:
                what = f"{component.name} has no argument {str(key)!r}"
                self.names.problem((*path, key), what, hint=guess.argument(component, str(key)), key=True)
            elif component and parameter:
                turns[parameter.name] = tuple(
                    self.names.argument(component, parameter, value, (*path, key, index))
                    for index, value in enumerate(values)
                )
        return turns or len(next(iter(repeat.values())))

    def _from(self, value: Any, path: Path) -> tuple[tuple[str, ...] | None, bool]:
        if value is None:
            return None, False
        if isinstance(value, str):
            return (value,), False
        if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            return tuple(value), True
        self.names.problem(path, f"from is {shown(value)}", "the name of a step or input, or a list of names")
        return None, False

    def _repeat(self, value: Any, path: Path, component: Any) -> Any:
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        if isinstance(value, dict) and value and all(isinstance(turns, list) for turns in value.values()):
            counts = [f"{key} {len(turns)}" for key, turns in value.items()]
            if len({len(turns) for turns in value.values()}) > 1:
                what = f"repeat has lists of different lengths ({', '.join(counts)})"
                self.names.problem(path, what, "one entry a turn in each list")
                return None
            return dict(value)
        self.names.problem(path, f"repeat is {shown(value)}", "a whole number, or {argument: [a value for each turn]}")
        return None

    def outputs(self, value: Any) -> tuple[Output, ...]:
        path: Path = ("model", "outputs")
        if value is None:
            return ()
        if isinstance(value, str):
            if catalogue.find("layers", value) or (
                value[:1].isupper() and did_you_mean(value, catalogue.names("layers"))
            ):
                return (Output(None, self.step(value, path), where=self.names.document.value(path)),)
            return (Output(None, of=value, where=self.names.document.value(path)),)
        if not isinstance(value, dict) or not value:
            self.names.problem(path, f"outputs is {shown(value)}", "`{Dense: 1}`, or `{price: {Dense: 1}, sold: ...}`")
            return ()
        if len(value) == 1 and catalogue.find("layers", str(next(iter(value)))):
            return (Output(None, self.step(value, path), where=self.names.document.key(path)),)
        if len(value) > 1 and all(catalogue.find("layers", str(name)) for name in value):
            hint = "put the others under layers; several outputs have a name each: `outputs: {price: {Dense: 1}, ...}`"
            self.names.problem(path, f"{len(value)} layers where one output is wanted", hint=hint)
            return ()
        read = []
        for name, inner in value.items():
            place: Path = (*path, name)
            if catalogue.find("layers", str(name)) and len(value) > 1:
                self.names.problem(
                    place,
                    f"the output's name {name!r} is the name of a layer",
                    hint="`outputs: {price: {Dense: 1}}`",
                    key=True,
                )
                continue
            if isinstance(inner, str) and not catalogue.find("layers", inner):
                read.append(Output(str(name), of=inner, where=self.names.document.value(place)))
            else:
                step = self.step(inner, place)
                if step is not None:
                    read.append(Output(str(name), step, where=self.names.document.key(place)))
        return tuple(read)

    def inputs(self, value: Mapping[str, Any] | None) -> dict[str, tuple[int | None, ...]] | None:
        if value is None:
            return None
        read: dict[str, tuple[int | None, ...]] = {}
        for name, shape in value.items():
            sizes = shape if isinstance(shape, list) else [shape]
            if not all(
                size is None or (isinstance(size, int) and not isinstance(size, bool) and size > 0) for size in sizes
            ):
                self.names.problem(("model", "inputs", name), f"the shape is {shown(shape)}", "`[28, 28, 1]` or `12`")
                continue
            read[name] = tuple(sizes)
        return read
