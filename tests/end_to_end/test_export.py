"""`nnrun export --python`: the script computes what nnrun computes, to the digits of its history."""

from __future__ import annotations

import ast
import csv
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import CONFIGS, Nnrun, begun

OWN_PYTHON = ("own_layer",)  # its file is not approved here
DIVERGES = ("too_high_a_rate",)  # what is rounded grows as its loss does
# Windows, texts, files that columns name, prepared targets, rows left out, augmentation, sampling, thresholds.
LATER = (
    "addition",
    "anomaly",
    "augmentation",
    "bag_of_words",
    "cyclegan",
    "diffusion",
    "distillation",
    "distortions",
    "few_labels",
    "fine_tuning",
    "first_words",
    "gan",
    "imbalance",
    "learned_loss_weights",
    "log_target",
    "masked_language_model",
    "next_character",
    "phases",
    "relative_error",
    "series",
    "several_kinds",
    "several_models",
    "text",
    "transfer",
    "two_views",
    "translation",
    "word_vectors",
)
COOKBOOK = [path for path in sorted(CONFIGS.glob("*.yaml")) if path.stem not in (*OWN_PYTHON, *DIVERGES, *LATER)]
QUICK = ("mixed_columns", "two_inputs_two_outputs")

UNET = """\
data: {source: {npz: pictures.npz}, target: mask, split: {validation: 0.2, test: 0.2}}
blocks:
  down:
    parameters: [filters]
    layers:
      - Conv2D: {filters: $filters, kernel_size: 3, padding: same, activation: relu, repeat: 2, name: skip}
      - MaxPooling2D: 2
  up:
    parameters: [filters]
    inputs: [below, skip]
    layers:
      - Conv2DTranspose: {filters: $filters, kernel_size: 2, strides: 2, from: below}
      - Concatenate: {from: [previous, skip]}
      - Conv2D: {filters: $filters, kernel_size: 3, padding: same, activation: relu}
model:
  layers:
    - down: {repeat: {filters: [4, 8]}, name: encoder}
    - Conv2D: {filters: 8, kernel_size: 3, padding: same, activation: relu}
    - up: {repeat: {filters: [8, 4]}, from: [previous, encoder.$(1 - turn).skip]}
  outputs: {Conv2D: {filters: 1, kernel_size: 1, activation: sigmoid}}
compile: {loss: BinaryCrossentropy, metrics: []}
fit: {batch_size: 8}
"""
APPLICATION = """\
data: {source: {npz: pictures.npz}, target: label, split: {validation: 0.2, test: 0.2}}
model:
  layers:
    - RandomFlip: {mode: horizontal, seed: 3}
    - MobileNetV2:
        {weights: null, include_top: false, alpha: 0.35, pooling: avg,
         trainable: {last: 10, except: BatchNormalization}}
    - Dropout: 0.2
fit: {batch_size: 8}
"""
SHARED = """\
data: {source: {sklearn: digits}}
runtime: {precision: mixed_bfloat16}
model:
  layers:
    - Flatten
    - Dense: {units: 16, activation: relu, name: shared}
    - Dense: {units: 16, activation: relu, name: twice}
    - twice: {from: previous, name: again}
    - Add: {from: [shared, again]}
    - StochasticDepth: 0.1
fit: {batch_size: 64, shuffle: false, callbacks: [{ReduceLROnPlateau: {patience: 1}}]}
"""


PARTS = """\
data:
  source: {csv: {path: a.csv, delimiter: ";", strip: true, na_values: ["?"]}}
  test: {csv: {path: b.csv, delimiter: ";", strip: true, na_values: ["?"]}}
  target: kind
  weight: count
  features:
    numbers: [{columns: height, steps: [{impute: {value: 3}}, normalize]}, {discretize: {columns: weight, num_bins: 4}}]
    colours: {one_hot: {columns: colour, num_oov_indices: 1}}
    codes: {index: {columns: [code, letter], max_tokens: 4}}
  split: {validation: 12}
model:
  layers:
    - Embedding: {input_dim: $data.codes.vocabulary_size, output_dim: $(data.num_classes * 2), from: codes}
    - Flatten: {name: flat}
    - Concatenate: {from: [numbers, colours, flat]}
    - Dense: {units: 8, activation: relu}
compile: {optimizer: {SGD: {learning_rate: {CosineDecay: {initial_learning_rate: 0.1, decay_steps: 2 epochs}}}}}
fit: {batch_size: 8, class_weight: balanced}
"""


def table(path: Path, rows: int) -> None:
    """Numbers with blanks, texts with blanks before them, whole numbers as categories."""
    random = np.random.default_rng(rows)
    lines = ["height; weight ;count;colour;code;letter;kind"]
    for _ in range(rows):
        cells = [
            ("?", " 1.5", "2", "7"),
            ("0.1", "0.2", "0.7"),
            "12345",
            ("red", " blue", "green", ""),
            "123",
            "pqr",
            "xyz",
        ]
        lines.append(";".join(random.choice(list(cell)) for cell in cells))
    path.write_text("\n".join(lines) + "\n")


def same_as_nnrun(nnrun: Nnrun, config: Path, epochs: int) -> None:
    """The same parameters and the same history, the first loss among it."""
    settings = ["-s", f"fit.epochs={epochs}"]
    exported = nnrun("export", config, "--python", "--output", "script.py", *settings)
    assert exported.code == 0, exported.err
    trained = nnrun("train", config, *settings)
    assert trained.code == 0, trained.err
    with (trained.run / "history.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    found = runpy.run_path("script.py")
    told: dict[str, list[float]] = found["history"].history
    ours = {name.replace("kl_loss", "kl"): values for name, values in told.items()}  # Keras' name for a loss of a graph
    for name, values in ours.items():
        assert values == pytest.approx([float(row[name]) for row in rows], rel=1e-5), name
    assert set(rows[0]) - set(ours) <= {"epoch", "seconds", "learning_rate"}
    assert found["model"].count_params() == parameters(trained.run)


def parameters(run: Path) -> Any:
    from nnrun.runs.run import Run

    return Run(run).info["parameters"]


def test_export_every_config_of_the_cookbook_becomes_python_without_nnrun(nnrun: Nnrun) -> None:
    for config in COOKBOOK:
        exported = nnrun("export", config, "--python", "--output", "script.py")
        assert exported.code == 0, exported.err
        tree = compile(Path("script.py").read_text(), config.name, "exec", ast.PyCF_ONLY_AST)
        modules = [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        assert [name for name in modules if name.startswith("nnrun")] == []


@pytest.mark.parametrize("name", LATER)
def test_export_refuses_what_it_cannot_say_in_sentences(name: str, nnrun: Nnrun) -> None:
    """And takes its name from the list above as soon as it can."""
    begun(nnrun, CONFIGS / f"{name}.yaml")
    refused = nnrun("export", CONFIGS / f"{name}.yaml", "--python")

    assert (refused.code, refused.out) == (2, "")
    assert "cannot be written into a script" in refused.err or "is not of this version yet" in refused.err


@pytest.mark.parametrize("name", QUICK)
def test_export_trains_as_nnrun_does(name: str, nnrun: Nnrun) -> None:
    same_as_nnrun(nnrun, CONFIGS / f"{name}.yaml", epochs=1)


@pytest.mark.nightly
@pytest.mark.parametrize("config", [path for path in COOKBOOK if path.stem not in QUICK], ids=lambda path: path.stem)
def test_export_trains_as_nnrun_does_for_the_whole_cookbook(config: Path, nnrun: Nnrun) -> None:
    same_as_nnrun(nnrun, config, epochs=2)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("text", "target"),
    [(UNET, "mask"), (APPLICATION, "label"), (SHARED, ""), (PARTS, "")],
    ids=["unet", "application", "shared", "parts"],
)
def test_export_trains_as_nnrun_does_for_graphs(text: str, target: str, nnrun: Nnrun, folder: Path) -> None:
    random = np.random.default_rng(0)
    image = random.integers(0, 255, (60, 32, 32, 3), dtype=np.uint8)
    targets: dict[str, Any] = {"mask": (image[..., :1] > 128).astype("float32"), "label": random.integers(0, 3, 60)}
    if target:
        np.savez("pictures.npz", image=image, **{target: targets[target]})
    table(folder / "a.csv", 80)
    table(folder / "b.csv", 30)
    (folder / "graph.yaml").write_text(text)

    same_as_nnrun(nnrun, folder / "graph.yaml", epochs=2)


def test_export_of_a_run_is_its_resolved_config(nnrun: Nnrun) -> None:
    run = nnrun("train", CONFIGS / "multiclass.yaml", "--smoke", "-s", "fit.batch_size=7").run

    exported = nnrun("export", run.name, "--python")

    assert exported.code == 0, exported.err
    assert "\nBATCH_SIZE = 7\n" in exported.out


def test_export_watches_a_loss_of_the_graph_by_the_name_that_keras_logs(nnrun: Nnrun) -> None:
    watch = "fit.callbacks=[{EarlyStopping: {monitor: val_kl}}]"
    exported = nnrun("export", CONFIGS / "variational_autoencoder.yaml", "--python", "-s", watch, "-s", "fit.keep=best")

    assert exported.code == 0, exported.err
    assert exported.out.count('monitor="val_kl_loss", mode="min"') == 2  # the callback, and the epoch to keep
    assert '"val_kl"' not in exported.out


def test_export_is_the_same_twice(nnrun: Nnrun) -> None:
    first, second = (nnrun("export", CONFIGS / "mixed_columns.yaml", "--python").out for _ in range(2))

    assert first == second
    assert max(len(line) for line in first.splitlines()) <= 100


def test_export_refuses_what_is_streamed_by_its_name(nnrun: Nnrun) -> None:
    refused = nnrun("export", CONFIGS / "image_folder.yaml", "--python", "-s", "runtime.stream=true")

    assert refused.code == 2
    assert "the input 'image' is streamed" in refused.err


def test_export_wants_to_be_told_into_what(nnrun: Nnrun) -> None:
    refused = nnrun("export", CONFIGS / "cnn.yaml")

    assert refused.code == 2
    assert "--python" in refused.err


def test_export_refuses_a_setting_of_a_preparation_that_it_cannot_say(nnrun: Nnrun, tmp_path: Path) -> None:
    (tmp_path / "age.csv").write_text("age,y\n" + "".join(f"{number or ''},{number}\n" for number in range(40)))
    (tmp_path / "age.yaml").write_text(
        "data: {source: {csv: age.csv}, target: y, features: [{impute: {columns: age, add_indicator: true}}]}\n"
        "model: {layers: [{Dense: 2}]}\n"
    )
    refused = nnrun("export", tmp_path / "age.yaml", "--python")
    assert refused.code == 2
    assert "age.yaml:1:55: the setting add_indicator of impute cannot be written into a script" in refused.err


def test_export_refuses_to_leave_a_short_batch_out(nnrun: Nnrun) -> None:
    """A script trains on it, which is another model."""
    refused = nnrun("export", CONFIGS / "mlp.yaml", "--python", "-s", "runtime.remainder=drop")

    assert (refused.code, refused.out) == (2, "")
    assert "a short last batch is left out, and a script that does it is not of this version yet" in refused.err


def test_export_refuses_where_replicas_have_to_leave_it_out(nnrun: Nnrun, tmp_path: Path) -> None:
    config = tmp_path / "normalized.yaml"
    config.write_text(
        "data: {source: {sklearn: iris}}\n"
        "model: {layers: [{Dense: 4}, {BatchNormalization: {synchronized: true}}]}\n"
        "runtime: {device: cpu, devices: 2, strategy: data_parallel}\n"
    )
    assert "a short last batch is left out" in nnrun("export", config, "--python").err
    assert nnrun("export", config, "--python", "-s", "runtime.devices=1").code == 0


def test_export_writes_a_loss_of_ours_without_the_devices(nnrun: Nnrun) -> None:
    """On one device a replica's share is the whole."""
    script = nnrun("export", CONFIGS / "quantiles.yaml", "--python").out

    assert "return keras.ops.mean(by_row(found))" in script
    assert "distribution" not in script
