"""The sections `compile` and `fit`, under Keras' own names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnrun import catalogue
from nnrun.config.config import Compile, Fit, Sampling
from nnrun.config.kinds import is_number, number_of, shown, switch_hint
from nnrun.config.loader import Path
from nnrun.config.mistakes import unknown_key
from nnrun.config.names import Names
from nnrun.config.sections import COMPILE, FIT, UNCERTAINTY
from nnrun.config.spec import Spec
from nnrun.errors import Where, did_you_mean

DEFAULT_EPOCHS = 10
DEFAULT_BATCH_SIZE = 32


class TrainingReader:
    """Reads the two sections and notes their problems in `names`."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def compile(
        self, section: Mapping[str, Any], path: Path = ("compile",), known: tuple[str, ...] = COMPILE
    ) -> Compile:
        """The section, or what stands in it for one of several models, which takes the `known` keys alone."""
        names = self.names
        for key, value in section.items():
            if key not in known:
                unknown_key(names, (*path, key), ".".join(map(str, path)), known)
            elif key in _COMPILE_KINDS and not _COMPILE_KINDS[key][1](value):
                names.problem((*path, key), f"{key} is {shown(value)}", _COMPILE_KINDS[key][0], switch_hint(value))
        section = {key: value for key, value in section.items() if key in known}
        optimizer = names.spec(section.get("optimizer", "Adam"), (*path, "optimizer"), "optimizers")
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
        beside = isinstance(value, dict) and any(catalogue.find("losses", str(key)) for key in value)
        if isinstance(value, dict) and not beside:
            if self._outputs():
                read = {str(key): self.names.spec(inner, (*path, key), "losses") for key, inner in value.items()}
                return {key: spec for key, spec in read.items() if spec is not None}
            if len(value) > 1:
                hint = "a loss for each output wants `outputs:` with their names, under model"
                model = self.names.document.data.get("model")
                own = model.get("losses") if isinstance(model, dict) else None
                of_graph = next((key for key in value if isinstance(own, dict) and key in own), None)
                hint = f"{of_graph} is a loss already, by `model.losses`; take it away here" if of_graph else hint
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

        epochs, initial = number("epochs", DEFAULT_EPOCHS), number("initial_epoch", 0)
        if initial >= epochs:
            told = f"epochs is {epochs}" if "epochs" in section else f"epochs is {epochs}, since it is not written"
            hint = "epochs counts from the first epoch, those before initial_epoch too"
            names.problem(
                ("fit", "initial_epoch"), f"initial_epoch is {initial} and {told}", f"less than {epochs}", hint
            )
        return Fit(
            epochs=epochs,
            batch_size=number("batch_size", DEFAULT_BATCH_SIZE),
            shuffle=section.get("shuffle", True) is True,
            class_weight=self._class_weight(section.get("class_weight")),
            sampling=self._sampling(section),
            callbacks=tuple(spec for spec in specs if spec is not None),
            keep="best" if section.get("keep") == "best" else "last",
            others={key: section[key] for key in FIT[FIT.index("initial_epoch") : -1] if key in section},
        )

    def _class_weight(self, value: Any) -> str | Mapping[Any, Any] | None:
        if value is None or _of_classes(value):
            return _as_floats(value)  # type: ignore[no-any-return]
        if isinstance(value, dict) and value and all(_of_classes(inner) for inner in value.values()):
            return {str(output): _as_floats(inner) for output, inner in value.items()}
        hint = did_you_mean(value, ["balanced"]) if isinstance(value, str) else ""
        what = f"class_weight is {shown(value)}"
        self.names.problem(
            ("fit", "class_weight"), what, "balanced, {class: weight}, or one of the two for each output", hint
        )
        return None

    def _sampling(self, section: Mapping[str, Any]) -> Sampling | None:
        value, path = section.get("sampling"), ("fit", "sampling")
        if value is None:
            return None
        how, output = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else (value, None)
        if how not in ("over", "under") or not isinstance(output, str | None):
            hint = did_you_mean(value, ["over", "under"]) if isinstance(value, str) else ""
            self.names.problem(
                path, f"sampling is {shown(value)}", "over, under, or by an output: {over: OUTPUT}", hint
            )
            return None
        if section.get("class_weight") is not None:
            what = "sampling beside class_weight, and either makes the classes count alike"
            self.names.problem(path, what, "one of the two")
        return Sampling(how, output)


def _of_classes(value: Any) -> bool:
    """Whether it is weights of the classes of one output."""
    if not isinstance(value, dict):
        return bool(value == "balanced")
    return bool(value) and all(is_number(weight) and weight >= 0 for weight in value.values())


def _as_floats(value: Any) -> Any:
    return {key: float(weight) for key, weight in value.items()} if isinstance(value, dict) else value


def _as_written(spec: Spec, item: Any) -> Spec:
    """Keras names a metric that is given as a text by that text, and `accuracy` is chosen by the output's shape."""
    return Spec(item, {}, spec.where, spec.slot) if isinstance(item, str) else spec


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _hint(key: str, value: Any) -> str:
    return switch_hint(value) if key == "shuffle" else ""


def _weights(value: Any) -> bool:
    return value in (None, UNCERTAINTY) or (isinstance(value, dict) and all(is_number(item) for item in value.values()))


_COMPILE_KINDS: Mapping[str, tuple[str, Any]] = {
    "loss_weights": ("a number by output: {price: 1.0, sold: 0.2}; or uncertainty", _weights),
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
