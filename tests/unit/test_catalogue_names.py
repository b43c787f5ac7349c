"""The names of the catalogue: families, aliases, what is left out, and that Keras is never imported."""

from __future__ import annotations

import subprocess
import sys

import pytest

from nnrun import catalogue


def test_catalogue_names_every_family_is_sorted_and_found() -> None:
    for slot in catalogue.SLOTS:
        names = catalogue.names(slot)
        assert names
        assert list(names) == sorted(set(names))
        for name in names:
            component = catalogue.find(slot, name)
            assert component is not None
            assert (component.name, component.slot) == (name, slot)


def test_catalogue_names_slots_in_order() -> None:
    assert catalogue.SLOTS == (
        "layers",
        "optimizers",
        "schedules",
        "losses",
        "metrics",
        "callbacks",
        "initializers",
        "regularizers",
        "constraints",
        "activations",
        "applications",
        "ops",
        "dtype_policies",
        "distillation",
    )


@pytest.mark.parametrize(
    ("slot", "alias", "name"),
    [
        ("layers", "MaxPool2D", "MaxPooling2D"),
        ("layers", "Dense", "Dense"),
        ("layers", "GroupQueryAttention", "GroupQueryAttention"),
        ("losses", "mse", "MeanSquaredError"),
        ("losses", "sparse_categorical_crossentropy", "SparseCategoricalCrossentropy"),
        ("losses", "kld", "KLDivergence"),
        ("metrics", "mae", "MeanAbsoluteError"),
        ("metrics", "accuracy", "accuracy"),
        ("metrics", "acc", "accuracy"),
        ("metrics", "Accuracy", "Accuracy"),
        ("losses", "ce", "crossentropy"),
        ("metrics", "top_k_categorical_accuracy", "TopKCategoricalAccuracy"),
        ("optimizers", "adam", "Adam"),
        ("optimizers", "rmsprop", "RMSprop"),
        ("initializers", "glorot_uniform", "GlorotUniform"),
        ("initializers", "zeros", "Zeros"),
        ("regularizers", "l1_l2", "L1L2"),
        ("constraints", "max_norm", "MaxNorm"),
        ("activations", "swish", "silu"),
        ("activations", "relu", "relu"),
        ("ops", "ops.matmul", "ops.matmul"),
        ("ops", "ops.nn.relu", "ops.relu"),
        ("ops", "ops.numpy.add", "ops.add"),
        ("ops", "ops.linalg.norm", "ops.norm"),
        ("ops", "ops.nn.hard_swish", "ops.hard_silu"),
        ("ops", "ops.image.resize", "ops.image.resize"),
        ("dtype_policies", "mixed_float16", "mixed_float16"),
        ("distillation", "LogitsDistillation", "LogitsDistillation"),
    ],
)
def test_catalogue_names_canonical(slot: str, alias: str, name: str) -> None:
    assert catalogue.canonical(slot, alias) == name
    found = catalogue.find(slot, alias)
    assert found is not None
    assert found.name == name
    assert (alias in catalogue.aliases(slot)) == (alias != name)


def test_catalogue_names_unknown_is_none() -> None:
    assert catalogue.canonical("layers", "Dens") is None
    assert catalogue.find("layers", "Dens") is None
    assert catalogue.find("no_such_family", "Dense") is None
    assert catalogue.names("no_such_family") == ()
    assert catalogue.slots_of("Dens") == ()


def test_catalogue_names_slots_of() -> None:
    assert catalogue.slots_of("Adam") == ("optimizers",)
    assert catalogue.slots_of("mse") == ("losses", "metrics")
    assert catalogue.slots_of("Identity") == ("layers", "initializers")
    assert catalogue.slots_of("ops.nn.relu") == ("ops",)
    assert catalogue.slots_of("relu") == ("activations",)


@pytest.mark.parametrize(
    ("slot", "name"),
    [
        ("layers", "Layer"),
        ("layers", "TFSMLayer"),
        ("callbacks", "RemoteMonitor"),
        ("losses", "deserialize"),
        ("ops", "ops.map"),
        ("ops", "ops.shape"),
        ("ops", "ops.arange"),
        ("ops", "ops.numpy.arange"),
        ("dtype_policies", "DTypePolicyMap"),
        ("distillation", "DistillationLoss"),
    ],
)
def test_catalogue_names_excluded_has_a_reason(slot: str, name: str) -> None:
    assert catalogue.find(slot, name) is None
    reason = catalogue.excluded(slot, name)
    assert reason
    assert catalogue.judge(slot, name) == f"{name} cannot be used here: {reason}"


def test_catalogue_names_no_layer_parameter_is_a_word_of_the_language() -> None:
    taken = {
        (name, parameter.name)
        for name in catalogue.names("layers")
        if (component := catalogue.find("layers", name))
        for parameter in (*component.parameters, *component.call)
        if parameter.name in ("from", "repeat", "each", "if")
    }
    assert taken == set()


def test_catalogue_names_needs_neither_keras_nor_numpy() -> None:
    program = (
        "import sys\n"
        "from nnrun import catalogue\n"
        "for slot in catalogue.SLOTS:\n"
        "    for name in catalogue.names(slot): catalogue.find(slot, name)\n"
        "heavy = {'keras', 'tensorflow', 'numpy', 'pandas', 'sklearn', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
