"""The few keys that nnrun itself owns, as frozen schemas; what Keras owns passes through under Keras' names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Fraction = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(ge=0)]
READINGS = ("greedy", "greedy_ctc", "beam", "sample")  # of answers that are sequences, under `predict`


class Section(BaseModel):
    """A mapping whose unknown keys are errors and whose values keep their YAML kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SplitSection(Section):
    """Which rows are validation and test: fractions of all rows, counts, or values of a `column`.

    By time `column` tells the time, by hash what is hashed. `gap` rows are left out between parts that follow in time.
    """

    train: Count | Fraction | list[Any] | None = None  # None: all that is left
    validation: Count | Fraction | list[Any] = 0
    test: Count | Fraction | list[Any] = 0
    strategy: Literal["auto", "random", "stratified", "time", "hash"] = "auto"
    column: str | None = None
    group: str | None = None
    gap: Count = 0
    seed: int = 0


class WindowsSection(Section):
    """Rows that are windows of a series: `length` rows of a table, and as target `horizon` rows behind a `gap`."""

    length: Annotated[int, Field(ge=1)]
    horizon: Count = 0
    stride: Annotated[int, Field(ge=1)] = 1
    gap: Count = 0
    group: str | None = None

    @property
    def reach(self) -> int:
        """How many rows of the table a window takes with its target."""
        return self.length + (self.gap + self.horizon if self.horizon else 0)


class DataSection(Section):
    """Where the rows come from, what of them is input and target, and how they are parted."""

    source: Any
    test: Any = None
    validation: Any = None
    features: Any = None
    target: Any = None
    weight: str | None = None
    windows: WindowsSection | None = None
    split: SplitSection | None = None
    missing: Any = "median"
    augment: Any = None
    on_bad: Literal["fail", "skip", "report"] = "fail"


class ModelSection(Section):
    """The network: a list of steps, and its outputs where the task's own head does not serve."""

    layers: list[Any]
    inputs: dict[str, Any] | None = None
    outputs: Any = None
    losses: Any = None


class NetworkSection(Section):
    """One of several networks: what it is called on, of what the recipe and the data give, its steps and its output."""

    layers: list[Any]
    inputs: list[str] | None = None
    outputs: Any = None
    losses: Any = None


class CrossValidationSection(Section):
    """How the rows are folded; `auto` is by time where the split is, by group where there is one, else stratified."""

    folds: Annotated[int, Field(ge=2)] = 5
    strategy: Literal["auto", "random", "stratified", "group", "time"] = "auto"
    group: str | None = None
    seed: int = 0


class Reading(Section):
    """How an answer that is a sequence is read; a value that is no mapping is that of the first key."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if value is None:
            return {}
        first = next(iter(cls.model_fields), None)
        return value if isinstance(value, dict) or first is None else {first: value}


class GreedySection(Reading):
    """The most probable token, step by step; a language model goes on with a `prompt`."""

    max_length: Annotated[int, Field(ge=1)] | None = None
    prompt: str = ""


class BeamSection(Reading):
    """The most probable sequence of those that `width` unfinished ones lead to at each step."""

    width: Annotated[int, Field(ge=1)] = 4
    max_length: Annotated[int, Field(ge=1)] | None = None


class SampleSection(Reading):
    """Texts that a language model makes: tokens drawn by their probabilities, behind a `prompt`."""

    prompt: str = ""
    max_length: Annotated[int, Field(ge=1)] = 200
    temperature: Annotated[float, Field(ge=0)] = 1.0
    top_k: Annotated[int, Field(ge=1)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    count: Annotated[int, Field(ge=1)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0


class CtcSection(Reading):
    """The most probable token of each step, repetitions and blanks taken out, as CTC means them."""


class AnomalySection(Reading):
    """From which error on a row is an anomaly: a quantile of the errors of rows that are none, their largest for 1."""

    quantile: Annotated[float, Field(gt=0, le=1)] = 1.0
    error: Literal["absolute", "squared"] = "absolute"
    of: Literal["train", "validation"] = "train"
    truth: Any = None


class PredictSection(Section):
    """How answers are read from outputs: above which probability a class, or how a sequence, is answered."""

    threshold: Any = None
    anomaly: AnomalySection | None = None
    greedy: GreedySection | None = None
    greedy_ctc: CtcSection | None = None
    beam: BeamSection | None = None
    sample: SampleSection | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {value: {}}
        if not isinstance(value, dict):
            return value
        return {key: {} if inner is None and key != "threshold" else inner for key, inner in value.items()}


class RuntimeSection(Section):
    """What computes, how fast and how exactly: nothing here changes the experiment."""

    backend: Literal["tensorflow", "jax"] = "tensorflow"
    device: Literal["auto", "cpu", "gpu", "tpu"] = "auto"
    strategy: Literal["auto", "one", "data_parallel", "model_parallel", "mirrored", "tpu"] = "auto"
    devices: Literal["all"] | Annotated[int, Field(ge=1)] | list[Count] = "all"
    mesh: dict[str, Annotated[int, Field(ge=1)]] | None = None
    layout: dict[str, list[str | None]] | None = None
    remainder: Literal["auto", "pad", "drop", "error"] = "auto"
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = "float32"
    snapshot_every: Annotated[float, Field(ge=0)] = 30.0
    steps_per_execution: Annotated[int, Field(ge=1)] | None = None
    run_eagerly: bool = False
    determinism: bool | None = None  # None: on GPUs of TensorFlow, where a resume would not have the same bits else
    memory_growth: bool = True
    threads: Annotated[int, Field(ge=1)] | None = None
    stream: bool | None = None  # None: arrays that do not fit into memory are streamed


class JudgeSection(Section):
    """A run that tells classes, and judges what a recipe's network makes of each: by name, or by its folder."""

    run: str


class ReportSection(Section):
    """Which figures are drawn, all that apply where nothing is written; and who judges what is made."""

    figures: list[str] | None = None
    judge: JudgeSection | None = None


class Sections(Section):
    """The top level of a config."""

    extends: Any = None  # merged before the sections are read
    name: str | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    data: DataSection
    task: str | dict[str, str] | None = None
    plugins: str | list[str] = Field(default_factory=list)
    variables: dict[str, Any] = Field(default_factory=dict)
    blocks: dict[str, Any] = Field(default_factory=dict)
    model: ModelSection | None = None  # or `models`
    models: dict[str, NetworkSection] = Field(default_factory=dict)
    recipe: Any = None
    compile: dict[str, Any] = Field(default_factory=dict)
    fit: dict[str, Any] = Field(default_factory=dict)
    phases: Any = None
    predict: PredictSection = PredictSection()
    cv: CrossValidationSection = CrossValidationSection()
    runtime: RuntimeSection = RuntimeSection()
    report: ReportSection = ReportSection()


# What `compile:` and `fit:` take; a test holds these equal to Keras' own signatures less the keys of ELSEWHERE.
COMPILE = (
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "jit_compile",
    "auto_scale_loss",
)
UNCERTAINTY = "uncertainty"  # of `compile.loss_weights`: they are learned
FIT = (
    "epochs", "batch_size", "shuffle", "class_weight", "sampling", "callbacks", "initial_epoch", "steps_per_epoch",
    "validation_batch_size", "validation_steps", "validation_freq", "keep",
)  # fmt: skip

# What a tutorial's reader would paste, and where nnrun has it.
ELSEWHERE = {
    ("fit", "validation_split"): "write `data: {split: {validation: 0.2}}`",
    ("fit", "validation_data"): "write `data: {validation: {csv: file.csv}}`",
    ("fit", "verbose"): "use the options -v and -q of the command",
    ("fit", "x"): "the data belongs under `data.source`",
    ("fit", "y"): "the target belongs under `data.target`",
    ("fit", "sample_weight"): "weights of rows are a column, `data.weight`; those of classes are `fit.class_weight`",
    ("compile", "steps_per_execution"): "it belongs under `runtime`",
    ("compile", "run_eagerly"): "it belongs under `runtime`",
    ("callbacks", "ModelCheckpoint"): "write `fit: {keep: best}`; every run saves its model by itself",
    ("callbacks", "CSVLogger"): "leave it out: every run writes history.csv by itself",
    ("callbacks", "BackupAndRestore"): "leave it out: every run takes snapshots, and `nnrun resume RUN` goes on",
    ("callbacks", "TensorBoard"): "leave it out: curves are in the run's report",
    (
        "callbacks",
        "LearningRateScheduler",
    ): "give the optimizer a schedule: `learning_rate: {CosineDecay: {...}}`",
    ("callbacks", "LambdaCallback"): "a config runs no code",
    ("callbacks", "RemoteMonitor"): "a config opens no connection",
    ("callbacks", "ProgbarLogger"): "leave it out: progress is always shown (-q silences it)",
    ("callbacks", "History"): "leave it out: every run writes history.csv by itself",
}
