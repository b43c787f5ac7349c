"""A config that was read: frozen records, each name a `Spec` that knows where it was written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nnrun.catalogue import OwnFile, joined
from nnrun.config.keeping import by_time, group_of
from nnrun.config.loader import Document
from nnrun.config.masked import Masked
from nnrun.config.plugins import copies
from nnrun.config.predict import Predict
from nnrun.config.references import Reference
from nnrun.config.sections import CrossValidationSection, ReportSection, RuntimeSection, SplitSection
from nnrun.config.spec import Spec
from nnrun.errors import Where

# Words of a step that no Keras parameter has (a test holds this), beside Keras' own `name`.
STEP_WORDS = ("from", "repeat", "each", "if")

Text = str | Reference


@dataclass(frozen=True)
class Sources:
    """`from`: the tensors that a step is called on, by their names."""

    names: tuple[Text, ...] = ()
    several: bool = False  # written as a list
    by_parameter: Mapping[str, Sources] | None = None  # of the layer's `call`, or the inputs of a block


@dataclass(frozen=True)
class Turns:
    """`repeat` or `each`: how often, the arguments of each turn, and with `each` the tensor of each turn."""

    count: int | Reference | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)  # a list of values, or what stands for one
    sources: Sources | None = None


@dataclass(frozen=True)
class Step:
    """One step of a model: what it calls (the slot of the spec tells), on which tensors, and its turns.

    The slot is layers, ops, applications, blocks, or steps where the name is that of a step, which is called again.
    """

    spec: Spec
    name: str | None = None
    sources: Sources | None = None  # None: the step above
    repeat: Turns | None = None
    each: Turns | None = None
    condition: bool | Reference = True  # `if`
    trainable: Any = None  # of an application or a model: true, false, {from: layer} or {last: n}, with except
    places: Mapping[str, Where] = field(default_factory=dict)

    @property
    def where(self) -> Where:
        return self.spec.where

    def place(self, word: str) -> Where:
        """Where a word of the step, such as `from`, was written; of the step itself for a word that was not."""
        return self.places.get(word, self.where)


@dataclass(frozen=True)
class Block:
    """Steps under a name of one's own, with parameters and inputs; `required` has no default.

    `is_model`: one of several models, whose weights are the same wherever it is called.
    """

    name: str
    parameters: Mapping[str, Any]
    required: frozenset[str]
    inputs: tuple[str, ...]
    layers: tuple[Step, ...]
    where: Where
    data: Any = None  # as written, for a config that has to stand alone
    is_model: bool = False


@dataclass(frozen=True)
class Output:
    """An output or a loss of the graph: a step on top of the last one, or the name of a step."""

    name: str | None
    step: Step | None = None
    of: Text | None = None
    where: Where = Where("")


@dataclass(frozen=True)
class TargetSpec:
    """A target: a column or array, and whether its classes become one-hot vectors; or a `copy` of an input.

    `following` is what follows each step of an input, `masked` are tokens that are hidden in one. `steps` are
    preparations of the columns; with a `unit` of its own what they give is the unit of metrics and predictions, else
    these are in that of the column.
    """

    name: str | None  # None: the source's own
    columns: tuple[str, ...] = ()
    one_hot: bool = False
    copy: bool = False
    where: Where = Where("")
    following: bool = False
    steps: tuple[Spec, ...] = ()
    unit: str | None = None
    masked: Masked | None = None

    @property
    def taken(self) -> tuple[str, ...]:
        """The columns that are no input any more."""
        return () if self.of_input else self.columns

    @property
    def of_input(self) -> bool:
        """Whether it is made of an input."""
        return self.copy or self.following or self.masked is not None


@dataclass(frozen=True)
class Entry:
    """Columns that go through the same steps, one after another, and stand side by side in their input."""

    columns: tuple[str, ...]
    steps: tuple[Spec, ...]
    places: Mapping[str, Where] = field(default_factory=dict)

    @property
    def where(self) -> Where | None:
        """Where the entry was written, None for one that nnrun made."""
        return next((step.where for step in self.steps if step.where.file), None)

    def place(self, column: str) -> Where | None:
        """Where a column of the entry was written."""
        return self.places.get(column, self.where)


Features = Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True)
class Data:
    """Where the rows come from, what of them is input and target, and how they are parted."""

    source: Spec
    test: Spec | None
    validation: Spec | None
    features: Features | None
    targets: tuple[TargetSpec, ...]
    split: SplitSection | None
    missing: str | Mapping[str, float]
    weight: str | None = None
    windows: Mapping[str, Any] | None = None
    augment: Mapping[str, tuple[Spec, ...]] = field(default_factory=dict)  # by input; a single one has no name
    on_bad: Literal["fail", "skip", "report"] = "fail"


@dataclass(frozen=True)
class Model:
    """The steps of the network, its outputs and losses, and the names that the steps may use."""

    layers: tuple[Step, ...]
    outputs: tuple[Output, ...]  # empty: the task's own head
    inputs: Mapping[str, tuple[int | None, ...]] | None
    where: Where
    losses: tuple[Output, ...] = ()
    blocks: Mapping[str, Block] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    takes: tuple[str, ...] = ()  # of one of several: what it is called on; empty where the recipe decides


@dataclass(frozen=True)
class Compile:
    """`Model.compile`; a mapping is by output."""

    optimizer: Spec
    loss: Spec | Mapping[str, Spec] | None
    loss_weights: Any
    metrics: tuple[Spec, ...] | Mapping[str, tuple[Spec, ...]] | None
    weighted_metrics: tuple[Spec, ...] | Mapping[str, tuple[Spec, ...]] | None
    others: Mapping[str, Any] = field(default_factory=dict)

    def loss_of(self, output: str) -> Spec | None:
        """The loss that is written for an output; None leaves it to the task."""
        return self.loss.get(output) if isinstance(self.loss, Mapping) else self.loss


@dataclass(frozen=True)
class Sampling:
    """Training rows of rare classes several times (`over`), or of frequent ones only some (`under`), by an output."""

    how: Literal["over", "under"]
    output: str | None = None  # None: the only one


def is_by_output(class_weight: Mapping[Any, Any]) -> bool:
    """Whether weights of classes are said for each output, not for each class."""
    return any(isinstance(value, str | Mapping) for value in class_weight.values())


@dataclass(frozen=True)
class Fit:
    """`Model.fit`, and `keep`: the weights that the run ends with."""

    epochs: int
    batch_size: int
    shuffle: bool
    class_weight: str | Mapping[Any, Any] | None  # by class, or by output and class
    callbacks: tuple[Spec, ...]
    keep: str
    others: Mapping[str, Any] = field(default_factory=dict)
    sampling: Sampling | None = None


@dataclass(frozen=True)
class Phase:
    """One of several fits in a row: a config whose `compile` and `fit` are those of the phase.

    `trainable` are rules by the path or pattern of layers: true, false, {from: LAYER}, {last: N}, with `except`. Of
    several models `model` is the one that it trains.
    """

    name: str
    config: Config
    trainable: Mapping[str, Any]
    places: Mapping[str, Where] = field(default_factory=dict)  # of the keys of `trainable`
    model: str = ""


@dataclass(frozen=True)
class Config:
    """A whole experiment."""

    name: str
    seed: int
    data: Data
    task: str | Mapping[str, str] | None
    model: Model
    compile: Compile
    fit: Fit
    predict: Predict
    cv: CrossValidationSection
    runtime: RuntimeSection
    report: ReportSection
    document: Document
    written: bytes
    folder: Path
    overrides: tuple[str, ...] = ()
    copies: Mapping[str, bytes] = field(default_factory=dict)  # of what it extends, to stand beside its own copy
    plugins: tuple[OwnFile, ...] = ()
    phases: tuple[Phase, ...] = ()
    recipe: Spec | None = None  # what changes the training step
    models: Mapping[str, Model] = field(default_factory=dict)  # by name, of a recipe that wants several
    compiles: Mapping[str, Compile] = field(default_factory=dict)  # of each of them
    family: Mapping[str, Model] = field(default_factory=dict)  # by name, as written, where each phase trains one

    @property
    def fits(self) -> tuple[Config, ...]:
        """The configs that are fitted one after another: those of the phases, else this one."""
        return tuple(phase.config for phase in self.phases) or (self,)

    @property
    def columns_about_rows(self) -> frozenset[str]:
        """Columns that say how much a row counts and where it belongs: they are no input."""
        split, anomaly = self.data.split, self.predict.anomaly
        named = (self.data.weight, self.group, split and split.column, anomaly and anomaly.truth)
        return frozenset(name for name in named if name)

    @property
    def group(self) -> str | None:
        """The column whose rows stay together, in one part and in one fold."""
        return group_of(self.data.split, self.cv)[0]

    @property
    def by_time(self) -> bool:
        """Whether parts and folds follow each other in time; windows do, unless groups or another word part them."""
        split = self.data.split
        drawn = {self.cv.strategy, "auto" if split is None else split.strategy}
        windows = self.data.windows is not None and drawn <= {"auto", "time"} and self.group is None
        return windows or by_time(split, self.cv)

    @property
    def files(self) -> dict[str, bytes]:
        """The config as it was written, with what it extends and its own Python files, as a run keeps it."""
        return {"config.yaml": self.written, **self.copies, **copies(self.plugins)}

    def names(self) -> AbstractContextManager[None]:
        """Inside, the names of its own Python files are known; whatever reads or uses a config's specs is inside."""
        return joined(self.plugins)
