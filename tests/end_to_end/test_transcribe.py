"""`nnrun init --from-model`: the YAML of a saved model, which builds the same model again."""

from __future__ import annotations

import gc
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import Nnrun

from nnrun import catalogue
from nnrun.config import read_config
from nnrun.config.config import Config
from nnrun.errors import DataError
from nnrun.model.expansion import expand
from nnrun.model.shapes import Arithmetic
from nnrun.transcribe.text import from_model

SMALL = ("DenseNet121", "EfficientNetB0", "MobileNet", "MobileNetV2", "NASNetMobile")


@pytest.fixture
def keras() -> Any:
    from nnrun.model import framework

    framework.keras().utils.clear_session()
    return framework.keras()


def saved(keras: Any, model: Any, folder: Path, name: str = "model") -> Path:
    """A file with all of a saved model but its weights."""
    path = folder / f"{name}.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(keras.saving.serialize_keras_object(model)))
    return path


def config_of(path: Path) -> Config:
    """The file's model as a config that has no fault."""
    text, left = from_model(path)
    written = path.with_suffix(".yaml")
    written.write_text(text)
    config, problems = read_config(written, [])
    assert [str(problem) for problem in problems] == []
    assert left == []
    assert config is not None
    return config


def count(config: Config) -> int:
    """The parameters by arithmetic alone."""
    measure = Arithmetic()
    graph = expand(config.model, config.model.inputs or {}, {}, {}, measure)
    assert [str(problem) for problem in (*graph.problems, *measure.problems)] == []
    counts = [row.parameters for row in measure.rows(graph)]
    assert None not in counts
    return sum(found or 0 for found in counts)


def built(config: Config) -> Any:
    """The model that nnrun makes of the config."""
    from nnrun.model import build, framework

    framework.start(0)
    shapes = dict(config.model.inputs or {})
    plan = expand(config.model, shapes, {}, {}, Arithmetic())
    return build.build(plan, config.model, shapes, {}, {}, {}, "again").model


def layers(model: Any) -> list[Any]:
    """What each layer is, without what it is called."""
    found = []
    for layer in model.layers:
        told = {key: value for key, value in layer.get_config().items() if key not in ("name", "dtype")}
        found.append((type(layer).__name__, json.dumps(told, sort_keys=True, default=str)))
    return [pair for pair in found if pair[0] != "InputLayer"]


def functional(keras: Any) -> Any:
    """A model with a shared layer, a shared model, functions, two states, several outputs."""
    layers, ops = keras.layers, keras.ops
    given = keras.Input((4,), name="given")
    shared = layers.Dense(3, activation="relu", kernel_regularizer=keras.regularizers.L2(0.01))
    first = shared(given)
    second = shared(ops.add(ops.multiply(given, 2), given))
    tower = keras.Sequential([keras.Input((4,)), layers.Dense(2), layers.Dense(2), layers.Dense(2)], name="tower")
    _, state, cell = layers.LSTM(4, return_state=True)(ops.expand_dims(second, 1))
    steps = layers.Reshape((3, 1))(first)
    attended = layers.MultiHeadAttention(2, 3)(steps, steps, use_causal_mask=True)
    both = layers.Bidirectional(layers.GRU(5))(steps, initial_state=[layers.Dense(5)(first), layers.Dense(5)(second)])
    joined = layers.Concatenate()([tower(state), tower(cell), ops.subtract(1.0, first)])
    return keras.Model(given, {"p": joined, "q": ops.reshape(attended, (-1, 3)), "r": both})


def test_transcribe_functional_model_computes_the_same(keras: Any, tmp_path: Path) -> None:
    model = functional(keras)
    path = saved(keras, model, tmp_path)

    config = config_of(path)
    again = built(config)

    assert "tower:\n    - Dense: {units: 2, repeat: 3}" in path.with_suffix(".yaml").read_text()
    assert again.count_params() == model.count_params() == count(config)
    rows = np.random.default_rng(0).normal(size=(2, 4)).astype("float32")
    for variable in (*model.trainable_variables, *again.trainable_variables):  # the same for equal shapes, in any order
        variable.assign(np.linspace(-1, 1, int(np.prod(variable.shape))).reshape(variable.shape))
    for name, value in model(rows).items():
        assert np.asarray(again(rows)[name]) == pytest.approx(np.asarray(value), abs=1e-6), name


def test_transcribe_compile_is_read_where_the_file_says_it(keras: Any, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8), keras.layers.Dense(1)])
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 100)
    model.compile(keras.optimizers.SGD(schedule), "mse", metrics=["mae", keras.metrics.R2Score()])

    text, left = from_model(saved(keras, model, tmp_path))

    assert left == []
    assert text.partition("compile:\n")[2].splitlines() == [
        "  optimizer: {SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 100}}}}",
        "  loss: MeanSquaredError",
        "  metrics: [mae, R2Score]",
    ]


def test_transcribe_application_by_arithmetic_alone(keras: Any, tmp_path: Path) -> None:
    model = keras.applications.MobileNet(weights=None, input_shape=(32, 32, 3), alpha=0.25, classes=10)

    assert count(config_of(saved(keras, model, tmp_path))) == model.count_params()


@pytest.mark.nightly
@pytest.mark.parametrize("name", sorted({*catalogue.names("applications")} - {*catalogue.own_names("applications")}))
def test_transcribe_every_application_has_the_same_parameters(name: str, keras: Any, tmp_path: Path) -> None:
    model = getattr(keras.applications, name)(weights=None)
    path, parameters = saved(keras, model, tmp_path), model.count_params()
    del model
    gc.collect()

    assert count(config_of(path)) == parameters


@pytest.mark.nightly
@pytest.mark.parametrize("name", SMALL)
def test_transcribe_small_applications_layer_by_layer(name: str, keras: Any, tmp_path: Path) -> None:
    model = getattr(keras.applications, name)(weights=None, classes=10)
    again = built(config_of(saved(keras, model, tmp_path)))

    assert layers(again) == layers(model)
    again.set_weights(model.get_weights())
    picture = np.random.default_rng(0).uniform(size=(1, 224, 224, 3)).astype("float32")
    assert np.asarray(again(picture)) == pytest.approx(np.asarray(model(picture)), abs=1e-5)


def test_transcribe_refuses_by_name_what_is_code(keras: Any, tmp_path: Path) -> None:
    given = keras.Input((2,))
    model = keras.Model(given, keras.layers.Lambda(lambda tensor: tensor * 2, name="twice")(given))

    with pytest.raises(DataError, match="the layer 'twice' of the class Lambda cannot be written as YAML"):
        from_model(saved(keras, model, tmp_path))


def _file(folder: Path, data: Any) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", data if isinstance(data, str) else json.dumps(data))
    return path


def test_transcribe_runs_nothing_of_a_file(tmp_path: Path) -> None:
    layer = {"module": "os", "class_name": "system", "config": {"name": "a"}, "inbound_nodes": []}
    path = _file(tmp_path, {"class_name": "Sequential", "config": {"layers": [layer], "build_input_shape": [None, 1]}})

    with pytest.raises(DataError, match="system"):
        from_model(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[" * 100_000, "cannot be read as a model"),
        ("{}", "a model of the class None"),
        ("[1]", "describes no model"),
        ("nonsense", "cannot be read as a model"),
        ('{"a": ' * 300 + "1" + "}" * 300, "nested too deep"),
        ({"class_name": "Mine", "config": {}}, "a model of the class Mine"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "cannot be written as YAML"),
        ({"class_name": "Functional", "config": {"layers": 3, "output_layers": 3}}, "not as Keras writes it"),
    ],
)
def test_transcribe_refuses_other_files_in_a_sentence(content: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=told):
        from_model(_file(tmp_path, content))


def test_transcribe_a_spoilt_file_is_read_or_refused(keras: Any, tmp_path: Path) -> None:
    """Whatever one value of the file becomes, there is a text or a sentence, never a traceback."""
    random = np.random.default_rng(0)
    whole = json.dumps(keras.saving.serialize_keras_object(functional(keras)))
    refused = 0
    for _ in range(150):
        data = json.loads(whole)
        _spoil(data, random)
        try:
            from_model(_file(tmp_path, data))
        except DataError:
            refused += 1
    assert 20 < refused < 150


def _spoil(data: Any, random: np.random.Generator) -> None:
    """Another value in one place, chosen by walking down."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        key = keys[random.integers(len(keys))]
        inner = data[key]
        if not isinstance(inner, dict | list) or not inner or random.random() < 0.1:
            data[key] = [None, 7, "odd", [], {}, [[1]], {"class_name": "Odd", "config": {}}][random.integers(7)]
            return
        data = inner


def test_transcribe_refuses_what_is_no_zip(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"PK\x03\x04nothing")

    with pytest.raises(DataError, match="cannot be read as a model"):
        from_model(path)


def test_transcribe_command_writes_a_config_that_checks(nnrun: Nnrun, keras: Any, folder: Path) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4), keras.layers.Dense(1)])
    path = saved(keras, model, folder)
    np.savez("data.npz", input_layer=np.ones((20, 3), "float32"), y=np.arange(20) / 3)

    written = nnrun("init", "mine.yaml", "--from-model", path)

    assert (written.code, written.out.splitlines()) == (0, ["mine.yaml", "nnrun check mine.yaml"])
    assert nnrun("check", "mine.yaml").code == 0
