"""What augmentation does to a batch: the same for the same draw, to targets as to their rows, and within bounds."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import commandline
import numpy as np
import pytest
from commandline import environment

from nnrun.catalogue import augmentations as known
from nnrun.config.loader import load_text
from nnrun.config.names import Names
from nnrun.config.read_augment import augment
from nnrun.model import distribution, framework
from nnrun.model.augmenting import OURS_OF_PICTURES
from nnrun.training.augmentation import DRAWS, Augmentation
from nnrun.training.laid_out import Beside

Array = np.ndarray[Any, Any]

_numbers = np.random.default_rng(1)
PICTURES = _numbers.uniform(0, 1, (9, 12, 12, 3)).astype(np.float32)
SERIES = _numbers.normal(size=(9, 20, 4)).astype(np.float32)
FILMS = _numbers.uniform(0, 1, (9, 4, 6, 6, 1)).astype(np.float32)
CLASSES = np.eye(4, dtype=np.float32)[np.arange(9) % 4]
_VALUES = {
    "factor": 0.5,
    "height_factor": 0.3,
    "width_factor": 0.3,
    "rate": 0.4,
    "stddev": 0.1,
    "height": 12,
    "width": 12,
}
_OTHERS: dict[str, dict[str, Any]] = {
    "RandomColorJitter": {"brightness_factor": 0.3, "hue_factor": 0.3},
    "RandomPosterization": {"factor": 4},
    "RandomShear": {"x_factor": 0.3, "y_factor": 0.3},
    "Solarization": {"threshold_factor": 0.8},
}
NAMES = known.augmentations()
SAME_SIZE = "RandomCrop"  # of pictures that have its size already: there is nothing to draw


def made(*steps: Any, seed: int = 0, beside: tuple[Beside, ...] = (Beside("", "mixed"),)) -> Augmentation:
    names = Names(load_text(b"data: {}", "test.yaml"))
    specs = augment(names, list(steps))
    assert names.problems == []
    return Augmentation(specs, dict.fromkeys(specs, beside), {}, seed)


def step_of(name: str) -> Any:
    component = known.find_augmentation(name)
    assert component is not None
    wanted = {item.name: _VALUES[item.name] for item in component.parameters if item.name in _VALUES}
    return {name: _OTHERS.get(name, wanted)}


def run(augmentation: Augmentation, batch: Any, epoch: int = 0, step: int = 0) -> Any:
    """The batch as numpy arrays."""
    found = augmentation(distribution.tensors(batch), augmentation.keys(epoch), np.int32(step))
    return framework.keras().tree.map_structure(np.asarray, found)


def rows_for(name: str) -> Array:
    if name in OURS_OF_PICTURES or known.is_of_pictures(name) or "2D" in name:
        return PICTURES
    return FILMS if "3D" in name else SERIES


def draws(name: str) -> dict[str, Any]:
    """One name in a compiled program, as a training runs it, for several draws."""
    augmentation, values = made(step_of(name)), rows_for(name)
    batch = distribution.tensors((values, CLASSES))
    change: Any = augmentation
    if framework.backend() == "jax":
        change = framework.jax().jit(augmentation)
    else:
        tf = framework.tensorflow()
        rows = tuple(tf.TensorSpec((None, *tensor.shape[1:])) for tensor in batch)
        change = tf.function(augmentation, [rows, tf.TensorSpec((None,), tf.int32), tf.TensorSpec((), tf.int32)])

    def drawn(epoch: int, step: int) -> Array:
        return np.asarray(change(batch, distribution.tensors(augmentation.keys(epoch)), np.int32(step))[0])

    first = drawn(0, 2)
    return {
        "shape": first.shape == values.shape and str(first.dtype) == "float32",
        "same": np.array_equal(first, drawn(0, 2)),
        "step": not np.array_equal(first, drawn(0, 3)),
        "epoch": not np.array_equal(first, drawn(1, 2)),
        "range": [float(first.min()), float(first.max())],
    }


def hold(found: dict[str, Any], name: str) -> None:
    assert (found["shape"], found["same"]) == (True, True)
    assert (found["step"], found["epoch"]) == ((False, False) if name == SAME_SIZE else (True, True))
    if known.is_of_pictures(name):
        low, high = found["range"]
        assert low >= 0
        assert high <= 1 + 1e-5
        assert high > 0.2  # pictures of 0 to 1 that were taken for 0 to 255 would be black


@pytest.mark.parametrize("name", NAMES)
def test_training_augmentation_draws_by_seed_epoch_and_step_alone(name: str) -> None:
    hold(draws(name), name)


@pytest.mark.nightly
def test_training_augmentation_on_jax_draws_by_seed_epoch_and_step_alone() -> None:
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install 'nnrun[jax]'")
    path = {"PYTHONPATH": f"{environment()['PYTHONPATH']}:{Path(commandline.__file__).parent}"}
    command, env = [sys.executable, __file__], {**environment(), **path}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sorted(found) == sorted(set(NAMES) - {"RandomElasticTransform"})
    for name, told in found.items():
        hold(told, name)


def test_training_augmentation_makes_fewer_draws_than_a_step_may() -> None:
    """A generator that drew more for one batch would draw what the next batch draws."""
    every = made(*(step_of(name) for name in NAMES if rows_for(name) is PICTURES))
    with pytest.MonkeyPatch.context() as patch:
        kind, most = framework.keras().random.SeedGenerator, 0

        def counted(self: Any, ordered: bool = True) -> Any:
            nonlocal most
            found = original(self, ordered)
            most = max(most, int(found[1]) % (DRAWS // 2))
            return found

        original = kind.next
        patch.setattr(kind, "next", counted)
        run(every, (PICTURES, CLASSES))
    assert 10 < most < DRAWS // 4


def test_training_augmentation_follows_the_seed_of_the_run_but_for_a_layer_with_its_own() -> None:
    batch = (PICTURES, CLASSES)
    plain = [run(made("RandomFlip", seed=seed), batch)[0] for seed in (0, 1)]
    own = [run(made({"RandomFlip": {"seed": 7}}, seed=seed), batch)[0] for seed in (0, 1)]
    assert not np.array_equal(plain[0], plain[1])
    assert np.array_equal(own[0], own[1])


def test_training_augmentation_draws_alike_layers_apart() -> None:
    once, twice = made("RandomFlip"), made("RandomFlip", "RandomFlip")
    assert len(set(twice.keys(0).tolist())) == 2
    assert not np.array_equal(run(once, (PICTURES, CLASSES))[0], run(twice, (PICTURES, CLASSES))[0])


NEAREST = {"interpolation": "nearest", "fill_mode": "constant"}


@pytest.mark.parametrize(
    "step",
    [
        "RandomFlip",
        {"RandomRotation": {"factor": 0.3, **NEAREST}},
        {"RandomTranslation": {"height_factor": 0.3, "width_factor": 0.3, **NEAREST}},
        {"RandomZoom": {"height_factor": 0.3, **NEAREST}},
        {"RandomShear": {"x_factor": 0.3, "y_factor": 0.3, **NEAREST}},
        {"RandomElasticTransform": {"factor": 1.0, "scale": 1.0, **NEAREST}},
    ],
)
@pytest.mark.parametrize("channels", [(), (1,)])
def test_training_augmentation_moves_a_mask_as_its_picture(step: Any, channels: tuple[int, ...]) -> None:
    """The mask says where the picture is bright, before and after."""
    picture = PICTURES[..., :1]
    mask = (picture > 0.5).astype(np.int32).reshape(9, 12, 12, *channels)
    x, y = run(made(step, beside=(Beside("", "mask"),)), (picture, mask))
    assert y.dtype == np.int32
    assert not np.array_equal(x, picture)
    assert np.array_equal(y.reshape(x.shape), (x > 0.5).astype(np.int32))


@pytest.mark.parametrize("step", [{"RandomBrightness": 0.4}, {"GaussianNoise": 0.3}, "RandomErasing", "RandomInvert"])
@pytest.mark.parametrize("role", ["mask", "picture"])
def test_training_augmentation_leaves_a_target_alone_where_nothing_moves(step: Any, role: str) -> None:
    x, y = run(made(step, beside=(Beside("", role),)), (PICTURES, PICTURES))
    assert not np.array_equal(x, PICTURES)
    assert np.array_equal(y, PICTURES)


@pytest.mark.parametrize("step", ["RandomFlip", {"RandomRotation": 0.3}, "RandomPerspective"])
def test_training_augmentation_moves_a_picture_among_the_targets_as_its_input(step: Any) -> None:
    x, y = run(made(step, beside=(Beside("", "picture"),)), (PICTURES, 1 - PICTURES))
    if step == "RandomFlip":
        assert np.array_equal(y, 1 - x)
    assert not np.array_equal(y, 1 - PICTURES)
    again, _ = run(made(step, beside=(Beside("", "picture"),)), (1 - PICTURES, PICTURES))
    assert np.array_equal(y, again)  # the draw does not look at the picture


def test_training_augmentation_flips_a_larger_picture_with_a_smaller_one() -> None:
    larger = PICTURES.repeat(4, axis=1).repeat(4, axis=2)
    x, y = run(made("RandomFlip", beside=(Beside("", "picture"),)), (PICTURES, larger))
    assert not np.array_equal(x, PICTURES)
    assert np.array_equal(y, x.repeat(4, axis=1).repeat(4, axis=2))


def test_training_augmentation_turns_a_larger_picture_with_a_smaller_one_by_quarters() -> None:
    larger, ways = PICTURES.repeat(2, axis=1).repeat(2, axis=2), set()
    x, y = run(made("RandomRotate90", beside=(Beside("", "picture"),)), (PICTURES, larger))
    assert np.array_equal(y, x.repeat(2, axis=1).repeat(2, axis=2))
    for before, after in zip(PICTURES, x, strict=True):
        ways.add(next(k for k in range(4) if np.array_equal(after, np.rot90(before, k))))
    assert len(ways) > 2


@pytest.mark.parametrize("step", ["MixUp", "CutMix"])
def test_training_augmentation_mixes_targets_and_weights_as_their_rows(step: str) -> None:
    """A picture of one value, a target and a weight that all say the same before say the same after."""
    level = np.arange(9, dtype=np.float32) / 8
    pictures = np.broadcast_to(level[:, None, None, None], PICTURES.shape).copy()
    targets = np.stack([level, 1 - level], axis=1)
    x, y, weights = run(made(step), (pictures, targets, level))
    assert np.abs(y[:, 0] - level).max() > 0.1
    np.testing.assert_allclose(y.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(weights, y[:, 0], rtol=1e-5, atol=1e-6)
    if step == "MixUp":
        np.testing.assert_allclose(x.mean((1, 2, 3)), y[:, 0], rtol=1e-5, atol=1e-6)


def test_training_augmentation_changes_inputs_by_name_and_no_other() -> None:
    names = Names(load_text(b"data: {}", "test.yaml"))
    specs = augment(names, {"image": ["RandomFlip"]})
    augmentation = Augmentation(specs, {"image": ()}, {}, 0)
    x, y = run(augmentation, ({"image": PICTURES, "other": PICTURES}, {"a": CLASSES}))
    assert not np.array_equal(x["image"], PICTURES)
    assert np.array_equal(x["other"], PICTURES)
    assert np.array_equal(y["a"], CLASSES)


def test_training_augmentation_time_masking_blanks_bands_of_at_most_the_share() -> None:
    x, _ = run(made({"TimeMasking": {"factor": 0.25, "fill_value": 9.0}}), (SERIES, CLASSES))
    blank = (x == 9).all(axis=2)
    assert np.array_equal((x == 9).any(axis=2), blank)  # whole steps
    assert np.array_equal(x[~blank], SERIES[~blank])
    assert 0 < blank.sum(1).max() <= 5  # a quarter of twenty
    assert (np.abs(np.diff(blank.astype(int), axis=1)).sum(1) <= 2).all()  # one band


def test_training_augmentation_frequency_masking_blanks_whole_frequencies() -> None:
    x, _ = run(made({"FrequencyMasking": {"factor": 0.5, "count": 2}}), (SERIES[..., None], CLASSES))
    blank = (x == 0).all(axis=(1, 3))
    assert np.array_equal((x == 0).any(axis=(1, 3)), blank)
    assert 0 < blank.sum() < blank.size


@pytest.mark.parametrize("mode", ["constant", "nearest", "wrap"])
def test_training_augmentation_time_shift_moves_whole_steps(mode: str) -> None:
    count = np.broadcast_to(np.arange(1, 11, dtype=np.float32), (9, 10)).copy()
    x, y = run(made({"TimeShift": {"factor": 0.3, "fill_mode": mode}}, beside=(Beside("", "picture"),)), (count, count))
    assert np.array_equal(x, y)  # a target with the same steps goes with it
    seen = set()
    for row in x:
        shift = next(s for s in range(-3, 4) if np.array_equal(row, _shifted(count[0], s, mode)))
        seen.add(shift)
    assert len(seen) > 2


def _shifted(row: Array, shift: int, mode: str) -> Array:
    places = np.arange(10) - shift
    if mode == "wrap":
        return row[places % 10]
    found = row[places.clip(0, 9)]
    return found if mode == "nearest" else np.where((places >= 0) & (places < 10), found, 0)


def test_training_augmentation_scaling_multiplies_a_row_by_one_number() -> None:
    x, _ = run(made({"Scaling": 0.3}), (SERIES, CLASSES))
    ratio = (x / SERIES).reshape(9, -1)
    np.testing.assert_allclose(ratio, ratio[:, :1].repeat(80, 1), rtol=1e-5)
    assert len(set(ratio[:, 0].round(4))) == 9
    assert (np.abs(ratio[:, 0] - 1) <= 0.3).all()


if __name__ == "__main__":
    framework.use("jax")
    print(json.dumps({name: draws(name) for name in NAMES if name != "RandomElasticTransform"}))
