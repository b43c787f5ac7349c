"""A document to a `Config`: the sections' schemas, then every spec; all problems of the file at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from nnrun import catalogue, tasks
from nnrun.catalogue import Component
from nnrun.config import guess
from nnrun.config.config import (
    STEP_WORDS,
    Compile,
    Config,
    Data,
    Entry,
    Features,
    Fit,
    Model,
    Output,
    Step,
    TargetSpec,
)  # fmt: skip
from nnrun.config.kinds import is_number, number_of, shown, switch_hint
from nnrun.config.loader import Document, Path
from nnrun.config.mistakes import schema_problems, unknown_key, without_mistakes
from nnrun.config.names import Names
from nnrun.config.own import preparation, source
from nnrun.config.sections import COMPILE, FIT, Sections, SplitSection
from nnrun.config.spec import Spec
from nnrun.errors import Problem, Where, did_you_mean, one_of

DEFAULT_EPOCHS = 10
DEFAULT_BATCH_SIZE = 32


def read(
    document: Document, *, folder: FilePath, written: bytes, overrides: tuple[str, ...] = ()
) -> tuple[Config | None, list[Problem]]:
    """The config, as far as it could be read, and every problem found on the way."""
    if not isinstance(document.data, dict):
        what = "the file is empty" if document.data is None else "a config is a mapping"
        return None, [Problem(what, Where(document.file, 1, 1), "`data:` and `model:` at the left margin")]
    names = Names(document)
    try:
        sections = Sections.model_validate(document.data)
    except ValidationError as error:
        names.problems += schema_problems(document, error)
        mended = without_mistakes(document, error)
        if mended is None:
            return None, _rest(names, document)
        sections = mended
    reader = _Reader(names)
    config = reader.config(sections, folder, written, overrides)
    return config, names.problems


def _rest(names: Names, document: Document) -> list[Problem]:
    """Where a section's own keys are wrong, what can still be read is read, so that all is said at once."""
    reader = _Reader(names)
    model = document.data.get("model")
    if isinstance(model, dict):
        if isinstance(model.get("layers"), list):
            reader.steps(model["layers"], ("model", "layers"))
        if "outputs" in model:
            reader.outputs(model["outputs"])
    data = document.data.get("data")
    if isinstance(data, dict) and "source" in data:
        source(names, data["source"], ("data", "source"))
    for section, read_section in (("compile", reader.compile), ("fit", reader.fit)):
        value = document.data.get(section)
        if isinstance(value, dict):
            read_section(value)
    return names.problems


class _Reader:
    def __init__(self, names: Names) -> None:
        self.names = names

    def config(self, sections: Sections, folder: FilePath, written: bytes, overrides: tuple[str, ...]) -> Config:
        names = self.names
        file = FilePath(names.document.file)
        model = Model(
            layers=self.steps(sections.model.layers, ("model", "layers")),
            outputs=self.outputs(sections.model.outputs),
            inputs=self.inputs(sections.model.inputs),
            where=names.document.key(("model",)),
        )
        if sections.cv.strategy == "group" and sections.cv.group is None:
            names.problem(("cv", "strategy"), "folds by group, and no group", "`cv: {strategy: group, group: COLUMN}`")
        if not sections.model.layers and not sections.model.outputs:
            names.problem(("model", "layers"), "the model has no layers", "a list, such as `- Dense: 64`")
        return Config(
            name=sections.name or file.stem or "run",
            seed=sections.seed,
            data=self.data(sections),
            task=self.task(sections.task),
            model=model,
            compile=self.compile(sections.compile),
            fit=self.fit(sections.fit),
            cv=sections.cv,
            runtime=sections.runtime,
            report=sections.report,
            document=names.document,
            written=written,
            folder=folder,
            overrides=overrides,
        )

    # ---- data

    def data(self, sections: Sections) -> Data:
        section, names = sections.data, self.names
        parts = {
            part: source(names, value, ("data", part)) if value is not None else None
            for part, value in (("test", section.test), ("validation", section.validation))
        }
        if section.split is not None:
            self._leaves_rows(section.split)
        if section.split is not None and section.split.column is None:
            for part in ("validation", "test"):
                if isinstance(getattr(section.split, part), list):
                    names.problem(
                        ("data", "split", part),
                        "a list of values without a column",
                        hint="add `column: NAME` beside it, or write a fraction such as 0.15",
                    )
        return Data(
            source=source(names, section.source, ("data", "source")) or Spec("?", {}, Where(""), "sources"),
            test=parts["test"],
            validation=parts["validation"],
            features=self.features(section.features),
            targets=self.targets(section.target),
            split=section.split,
            missing=self.missing(section.missing),
        )

    def _leaves_rows(self, split: SplitSection) -> None:
        """Fractions that leave nothing to train on."""
        parts = [part for part in (split.validation, split.test) if isinstance(part, float)]
        if sum(parts) >= 1:
            self.names.problem(
                ("data", "split"),
                f"validation and test take {sum(parts):.0%} of the rows, and nothing is left to train on",
                "fractions that sum to less than 1",
            )

    def missing(self, value: Any) -> str | Mapping[str, float]:
        if value in ("median", "mean", "error"):
            return str(value)
        if isinstance(value, dict) and list(value) == ["value"] and is_number(value["value"]):
            return {"value": float(value["value"])}
        self.names.problem(("data", "missing"), f"missing is {shown(value)}", "error, median, mean or {value: 0}")
        return "median"

    def features(self, value: Any) -> Features | None:
        if value is None:
            return None
        path: Path = ("data", "features")
        if isinstance(value, str | list) or (isinstance(value, dict) and self._is_entry(value)):
            return {"table": self.entries(value, path)}
        if not isinstance(value, dict):
            self.names.problem(
                path,
                f"features is {shown(value)}",
                "a list of preparations, or a mapping input: preparations",
            )
            return None
        return {str(name): self.entries(inner, (*path, name)) for name, inner in value.items()}

    def _is_entry(self, value: dict[Any, Any]) -> bool:
        if len(value) == 1:
            return catalogue.own_find("preparations", str(next(iter(value)))) is not None
        return "columns" in value and "steps" in value

    def entries(self, value: Any, path: Path) -> tuple[Entry, ...]:
        items = value if isinstance(value, list) else [value]
        paths = [(*path, index) for index in range(len(items))] if isinstance(value, list) else [path]
        if not items:
            self.names.problem(path, "no column is named", "a list of preparations, such as `- normalize: [age]`")
        read = [self.entry(item, inner) for item, inner in zip(items, paths, strict=True)]
        return tuple(entry for entry in read if entry is not None)

    def entry(self, value: Any, path: Path) -> Entry | None:
        if isinstance(value, dict) and "columns" in value:
            for key in value:
                if key not in ("columns", "steps"):
                    self.names.problem((*path, key), f"unknown key {key!r}", "columns, steps", key=True)
            steps = value.get("steps")
            if not isinstance(steps, list) or not steps:
                self.names.problem(
                    path, "columns without steps", "`{columns: [age], steps: [{impute: median}, normalize]}`"
                )
                return None
            specs = [
                preparation(self.names, step, (*path, "steps", index), chain=True)[1]
                for index, step in enumerate(steps)
            ]
            if None in specs:
                return None
            return self._entry(value["columns"], (*path, "columns"), tuple(spec for spec in specs if spec))
        columns_value, spec = preparation(self.names, value, path)
        if spec is None:
            return None
        if isinstance(value, dict):
            name, given = next(iter(value.items()))
            path = (*path, name, "columns") if isinstance(given, dict) else (*path, name)
        return self._entry(columns_value, path, (spec,))

    def _entry(self, value: Any, path: Path, steps: tuple[Spec, ...]) -> Entry | None:
        items = value if isinstance(value, list) else [value]
        if not items or not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
            self.names.problem(path, "no column is named", "a column, or a list of columns: `normalize: [age, height]`")
            return None
        place = self.names.document.value
        places = {
            str(item): place((*path, index) if isinstance(value, list) else path) for index, item in enumerate(items)
        }
        return Entry(tuple(str(item) for item in items), steps, places)

    def targets(self, value: Any) -> tuple[TargetSpec, ...]:
        path: Path = ("data", "target")
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        read = []
        for index, item in enumerate(items):
            inner: Path = (*path, index) if isinstance(value, list) else path
            where = self.names.document.value(inner)
            if isinstance(item, str | int) and not isinstance(item, bool):
                read.append(TargetSpec(str(item), (str(item),), where=where))
            elif isinstance(item, dict) and list(item) == ["one_hot"] and isinstance(item["one_hot"], str):
                read.append(TargetSpec(item["one_hot"], (item["one_hot"],), one_hot=True, where=where))
            else:
                hint = did_you_mean(str(next(iter(item))), ["one_hot"]) if isinstance(item, dict) and item else ""
                expected = "a column, or {one_hot: column}, or a list of them"
                self.names.problem(inner, f"a target is {shown(item)}", expected, hint)
        return tuple(read)

    def task(self, value: Any) -> Any:
        known = tasks.names()
        for output, name in value.items() if isinstance(value, dict) else ((None, value),):
            if name is not None and name not in known:
                path: Path = ("task",) if output is None else ("task", output)
                hint = did_you_mean(name, known)
                if name in ("classification", "categorical", "classifier"):
                    hint = "binary is for two classes, multiclass for more; leave it out, and the target decides"
                self.names.problem(path, f"there is no task {name!r}", one_of(known), hint)
                return None
        return value

    # ---- model

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

    # ---- compile and fit

    def compile(self, section: Mapping[str, Any]) -> Compile:
        names = self.names
        for key, value in section.items():
            if key not in COMPILE:
                unknown_key(names, ("compile", key), "compile", COMPILE)
            elif key in _COMPILE_KINDS and not _COMPILE_KINDS[key][1](value):
                names.problem(("compile", key), f"{key} is {shown(value)}", _COMPILE_KINDS[key][0], switch_hint(value))
        optimizer = names.spec(section.get("optimizer", "Adam"), ("compile", "optimizer"), "optimizers")
        return Compile(
            optimizer=optimizer or Spec("Adam", {}, Where(""), "optimizers"),
            loss=self._loss(section.get("loss")),
            loss_weights=section.get("loss_weights"),
            metrics=self._metrics(section.get("metrics"), ("compile", "metrics")),
            weighted_metrics=self._metrics(section.get("weighted_metrics"), ("compile", "weighted_metrics")),
            others={key: section[key] for key in ("jit_compile", "auto_scale_loss") if key in section},
        )

    def _loss(self, value: Any) -> Spec | dict[str, Spec] | None:
        path: Path = ("compile", "loss")
        if value is None:
            return None
        if isinstance(value, dict) and not (len(value) == 1 and catalogue.find("losses", str(next(iter(value))))):
            if self._outputs():
                read = {str(key): self.names.spec(inner, (*path, key), "losses") for key, inner in value.items()}
                return {key: spec for key, spec in read.items() if spec is not None}
            if len(value) > 1 and not any(catalogue.find("losses", str(key)) for key in value):
                hint = "a loss for each output wants `outputs:` with their names, under model"
                self.names.problem(path, f"{len(value)} losses, and the model has one output", hint=hint)
                return None
        return self.names.spec(value, path, "losses")

    def _outputs(self) -> bool:
        """Whether the model has `outputs:`, so that a mapping is by output."""
        model = self.names.document.data.get("model")
        return isinstance(model, dict) and bool(model.get("outputs"))

    def _metrics(self, value: Any, path: Path) -> tuple[Spec, ...] | dict[str, tuple[Spec, ...]] | None:
        if value is None:
            return None
        if (
            isinstance(value, dict)
            and not any(catalogue.find("metrics", str(key)) for key in value)
            and self._outputs()
        ):
            return {str(key): self._metric_list(inner, (*path, key)) for key, inner in value.items()}
        return self._metric_list(value, path)

    def _metric_list(self, value: Any, path: Path) -> tuple[Spec, ...]:
        items = value if isinstance(value, list) else [value]
        paths: list[Path] = [(*path, index) for index in range(len(items))] if isinstance(value, list) else [path]
        specs = [self.names.spec(item, inner, "metrics") for item, inner in zip(items, paths, strict=True)]
        return tuple(_as_written(spec, item) for spec, item in zip(specs, items, strict=True) if spec is not None)

    def fit(self, section: Mapping[str, Any]) -> Fit:
        names = self.names
        for key, value in section.items():
            path: Path = ("fit", key)
            if key not in FIT:
                unknown_key(names, path, "fit", FIT)
            elif key in _FIT_KINDS:
                what, good = _FIT_KINDS[key]
                if not good(value):
                    quoted = isinstance(value, str) and number_of(value) is not None
                    names.problem(
                        path,
                        f"{key} is {shown(value)}",
                        what,
                        "write it without quotes" if quoted else _hint(key, value),
                    )
        callbacks, place = section.get("callbacks") or [], ("fit", "callbacks")
        if isinstance(callbacks, list):
            specs = [names.spec(item, (*place, index), "callbacks") for index, item in enumerate(callbacks)]
        else:
            specs = [names.spec(callbacks, place, "callbacks")]

        def number(key: str, default: int) -> int:
            value = section.get(key, default)
            return value if isinstance(value, int) and value > 0 else default

        return Fit(
            epochs=number("epochs", DEFAULT_EPOCHS),
            batch_size=number("batch_size", DEFAULT_BATCH_SIZE),
            shuffle=section.get("shuffle", True) is True,
            class_weight=self._class_weight(section.get("class_weight")),
            callbacks=tuple(spec for spec in specs if spec is not None),
            keep="best" if section.get("keep") == "best" else "last",
            others={key: section[key] for key in FIT[FIT.index("initial_epoch") : -1] if key in section},
        )

    def _class_weight(self, value: Any) -> str | Mapping[Any, float] | None:
        if value is None or value == "balanced":
            return value  # type: ignore[no-any-return]
        if isinstance(value, dict) and value and all(is_number(weight) and weight >= 0 for weight in value.values()):
            return {key: float(weight) for key, weight in value.items()}
        hint = did_you_mean(value, ["balanced"]) if isinstance(value, str) else ""
        what = f"class_weight is {shown(value)}"
        self.names.problem(("fit", "class_weight"), what, "balanced, or {class: weight}", hint)
        return None


def _as_written(spec: Spec, item: Any) -> Spec:
    """Keras names a metric that is given as a text by that text, and `accuracy` is chosen by the output's shape."""
    return Spec(item, {}, spec.where, spec.slot) if isinstance(item, str) else spec


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _hint(key: str, value: Any) -> str:
    return switch_hint(value) if key == "shuffle" else ""


def _weights(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or (isinstance(value, dict | list) and all(is_number(item) for item in items))


_COMPILE_KINDS: Mapping[str, tuple[str, Any]] = {
    "loss_weights": ("{output: number}", _weights),
    "jit_compile": ("true, false or auto", lambda value: isinstance(value, bool) or value == "auto"),
    "auto_scale_loss": ("true or false", lambda value: isinstance(value, bool)),
}
_FIT_KINDS: Mapping[str, tuple[str, Any]] = {
    "epochs": ("a whole number above 0", _positive),
    "batch_size": ("a whole number above 0", _positive),
    "steps_per_epoch": ("a whole number above 0", _positive),
    "validation_batch_size": ("a whole number above 0", _positive),
    "validation_steps": ("a whole number above 0", _positive),
    "validation_freq": ("a whole number above 0", _positive),
    "initial_epoch": ("a whole number from 0", lambda value: value == 0 or _positive(value)),
    "shuffle": ("true or false", lambda value: isinstance(value, bool)),
    "keep": ("last or best", lambda value: value in ("last", "best")),
}

__all__ = ["read"]
