"""The section `model`: steps, outputs, losses and the promise about inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Model, Output, Step
from nnrun.config.kinds import shown
from nnrun.config.loader import Path
from nnrun.config.names import Names
from nnrun.config.read_blocks import Blocks
from nnrun.config.read_steps import StepReader
from nnrun.config.sections import ModelSection, NetworkSection
from nnrun.config.step_names import step_slot
from nnrun.errors import did_you_mean


class ModelReader:
    """Reads the section and notes its problems in `names`."""

    def __init__(
        self, names: Names, blocks: Mapping[str, Any] | Blocks, variables: Mapping[str, Any], path: Path = ("model",)
    ) -> None:
        self.names, self.variables, self.path = names, variables, path
        self.blocks = blocks if isinstance(blocks, Blocks) else Blocks(names, blocks)
        self.reader = StepReader(names, self.blocks)

    def model(self, section: ModelSection) -> Model:
        """The whole section."""
        model = self._model(section)
        model = replace(model, inputs=self.inputs(section.inputs), losses=self.losses(section.losses))
        self.unused()
        return model

    def network(self, section: NetworkSection) -> Model:
        """One of several networks, whose blocks they share."""
        return replace(self._model(section), takes=tuple(section.inputs or ()))

    def _model(self, section: ModelSection | NetworkSection) -> Model:
        names, path = self.names, (*self.path, "layers")
        if not section.layers and not section.outputs:
            names.problem(path, "the model has no layers", "a list, such as `- Dense: 64`")
        blocks = self.blocks.blocks()
        layers = self.reader.steps(section.layers, path)
        self.above = frozenset(step.name for step in layers if step.name)
        return Model(
            layers=layers,
            outputs=self.outputs(section.outputs),
            inputs=None,
            where=names.document.key(self.path),
            blocks=blocks,
            variables=self.variables,
        )

    def unused(self) -> None:
        """Nothing is ignored: every block of the file itself is called."""
        for name in self.blocks.section:
            where = self.names.document.key(("blocks", name))
            if name not in self.blocks.called and where.file == self.names.document.file:
                self.names.at(
                    where, f"the block {name!r} is called by no step", hint=f"write `- {name}`, or take it away"
                )

    above: frozenset[str] = frozenset()

    def step(self, value: Any, path: Path) -> Step | None:
        return self.reader.step(value, path, self.above)

    def _is_step(self, name: Any) -> bool:
        """Whether a key names what a step calls."""
        text = str(name)
        return step_slot(text) is not None or (text not in self.above and self.blocks.signature(text) is not None)

    def outputs(self, value: Any) -> tuple[Output, ...]:
        path: Path = (*self.path, "outputs")
        if value is None:
            return ()
        if isinstance(value, str):
            if self._is_step(value) or (value[:1].isupper() and did_you_mean(value, catalogue.names("layers"))):
                return (Output(None, self.step(value, path), where=self.names.document.value(path)),)
            return (Output(None, of=self.reader.text(value, path), where=self.names.document.value(path)),)
        if not isinstance(value, dict) or not value:
            self.names.problem(path, f"outputs is {shown(value)}", "`{Dense: 1}`, or `{price: {Dense: 1}, sold: ...}`")
            return ()
        if len(value) == 1 and self._is_step(next(iter(value))):
            return (Output(None, self.step(value, path), where=self.names.document.key(path)),)
        if len(value) > 1 and all(self._is_step(name) for name in value):
            hint = "put the others under layers; several outputs have a name each: `outputs: {price: {Dense: 1}, ...}`"
            self.names.problem(path, f"{len(value)} layers where one output is wanted", hint=hint)
            return ()
        return self._named(value, path)

    def losses(self, value: Any) -> tuple[Output, ...]:
        """Losses of the graph: tensors whose mean joins the loss."""
        path: Path = (*self.path, "losses")
        if value is None:
            return ()
        if not isinstance(value, dict) or not value or (len(value) == 1 and self._is_step(next(iter(value)))):
            told = f"losses is {shown(value)}" if not isinstance(value, dict) else "a loss without a name"
            self.names.problem(path, told, "`{kl: {gaussian_kl: {from: [mean, log_var]}}}`, or `{triplet: hinge}`")
            return ()
        return self._named(value, path)

    def _named(self, value: Mapping[Any, Any], path: Path) -> tuple[Output, ...]:
        read = []
        for name, inner in value.items():
            place: Path = (*path, name)
            if self._is_step(name):
                what = f"the output's name {name!r} is the name of a layer"
                self.names.problem(place, what, hint="`outputs: {price: {Dense: 1}}`", key=True)
            elif path[-1] == "losses" and isinstance(inner, str) and self._is_loss(inner):
                hint = "a loss of the targets stands under compile; here, name the step that gives the loss"
                self.names.problem(place, f"the loss {name!r} is {inner!r}, which compares with targets", hint=hint)
            elif isinstance(inner, str) and not self._is_step(inner):
                of = self.reader.text(inner, place)
                read.append(Output(str(name), of=of, where=self.names.document.value(place)))
            else:
                step = self.step(inner, place)
                if step is not None:
                    read.append(Output(str(name), step, where=self.names.document.key(place)))
        return tuple(read)

    def _is_loss(self, name: str) -> bool:
        """Whether a text names a loss of the targets, and no step above."""
        return name not in self.above and catalogue.find("losses", name) is not None

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
