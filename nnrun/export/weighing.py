"""What rows and classes count, in the script: Keras' own `class_weight` where it can, else a weight for each row."""

from __future__ import annotations

from typing import Any

from nnrun.config.config import Config
from nnrun.data.split import Split
from nnrun.export.code import Code, Script, call
from nnrun.export.data import raw
from nnrun.export.sources import Read
from nnrun.training.answers import Answer
from nnrun.training.material import Material
from nnrun.training.weights import class_weights


def write_weights(script: Script, config: Config, material: Material, split: Split, found: Read) -> Any:
    """Writes `weights` for all rows where rows are weighed; gives the `class_weight` of `fit` where that is enough."""
    rows, of_classes = config.data.weight, config.fit.class_weight is not None
    if not of_classes and rows is None:
        return None
    if not of_classes:
        script.say(f'weights = {raw(found, str(rows))}.astype("float32")')
        return None
    name, answer = next(iter(material.answers.items()))
    if rows is None and not material.is_several and not answer.task.everywhere:
        return _of_fit(script, config, material, split, answer)
    target = f'y["{name}"]' if material.is_several else "y"
    script.say(f"numbers = {_numbers(target, answer)}")
    _table(script, config, material, split)
    script.say('weights = table_of_weights[numbers].astype("float32")')
    if rows is not None:
        places = "[:, None, None]" if answer.task.everywhere else ""
        script.say(f'weights = weights * {raw(found, rows)}.astype("float32"){places}')
    return None


def is_weighed(config: Config, material: Material) -> bool:
    """Whether every row has a weight of its own."""
    answer = next(iter(material.answers.values()), None)
    special = material.is_several or (answer is not None and answer.task.everywhere)
    return config.data.weight is not None or (config.fit.class_weight is not None and special)


def _numbers(target: str, answer: Answer) -> str:
    """The class of each row, or of each of its pixels without the axis of a single channel."""
    if answer.spec.one_hot:
        return f"{target}.argmax(axis=-1)"
    if answer.task.everywhere:
        return f"{target}[..., 0] if {target}.ndim > 2 and {target}.shape[-1] == 1 else {target}"
    return f"{target}.ravel()"


def _table(script: Script, config: Config, material: Material, split: Split) -> None:
    if config.fit.class_weight != "balanced":
        script.set("table_of_weights", call("np.array", list(_written(config, material, split).values())))
        return
    script.need("from sklearn.utils.class_weight import compute_class_weight")
    script.say("table_of_weights = np.ones(num_classes)", "present = np.unique(numbers[train])")
    script.set(
        "table_of_weights[present]",
        call("compute_class_weight", "balanced", classes=Code("present"), y=Code("numbers[train].ravel()")),
    )


def _written(config: Config, material: Material, split: Split) -> dict[int, float]:
    found = class_weights(config, material.answers, material.y(split.train))
    assert found is not None
    return dict(enumerate(found.table.values()))


def _of_fit(script: Script, config: Config, material: Material, split: Split, answer: Answer) -> Any:
    if config.fit.class_weight != "balanced":
        return _written(config, material, split)
    script.need("from sklearn.utils.class_weight import compute_class_weight")
    script.say(f"numbers = {_numbers('take(y, train)', answer)}")
    classes = Code("np.unique(numbers)")
    script.set("weights", call("compute_class_weight", "balanced", classes=classes, y=Code("numbers")))
    return Code("dict(zip(np.unique(numbers).tolist(), weights.tolist()))")
