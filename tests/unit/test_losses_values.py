"""The values of nnrun's own losses: by hand, and held against scikit-learn and TensorFlow."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from commandline import REPOSITORY, environment

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.model import build, framework, losses

RANDOM = np.random.default_rng(0)
PICTURES = RANDOM.random((3, 16, 12, 2)).astype("float32")
OTHERS = RANDOM.random((3, 16, 12, 2)).astype("float32")


def spec(name: str, **arguments: Any) -> Spec:
    return Spec(name, arguments, slot="losses")


def value(loss: Spec, truth: Any, output: Any, weights: Any = None) -> float:
    made = build.make(loss, {})
    sample_weight = None if weights is None else np.asarray(weights, "float32")
    return float(made(np.asarray(truth), np.asarray(output, "float32"), sample_weight))


def test_losses_quantile_weighs_errors_above_and_below_by_the_quantile() -> None:
    assert value(spec("Quantile", quantiles=0.9), [[10.0]], [[8.0]]) == pytest.approx(0.9 * 2)
    assert value(spec("Quantile", quantiles=0.9), [[10.0]], [[12.0]]) == pytest.approx(0.1 * 2)
    assert value(spec("Quantile"), [[10.0]], [[12.0]]) == pytest.approx(0.5 * 2)


def test_losses_quantile_is_scikit_learns_pinball_loss() -> None:
    from sklearn.metrics import mean_pinball_loss

    shares = [0.1, 0.5, 0.9]
    truth, output = RANDOM.normal(size=20), RANDOM.normal(size=(20, 3))
    expected = np.mean([mean_pinball_loss(truth, output[:, place], alpha=q) for place, q in enumerate(shares)])
    assert value(spec("Quantile", quantiles=shares), truth, output) == pytest.approx(expected, rel=1e-6)


def test_losses_charbonnier_by_hand() -> None:
    assert value(spec("Charbonnier", epsilon=0.5), [[3.0]], [[3.0]]) == pytest.approx(0.5)
    assert value(spec("Charbonnier", epsilon=3.0), [[0.0]], [[4.0]]) == pytest.approx(5.0)


def test_losses_contrastive_by_hand() -> None:
    truth, distance = [[1.0], [0.0], [0.0]], [[0.5], [0.5], [3.0]]
    assert value(spec("Contrastive", margin=2.0), truth, distance) == pytest.approx((0.25 + 1.5**2 + 0) / 3)
    assert value(spec("Contrastive", similar=0), truth, distance) == pytest.approx((0.25 + 0.25 + 9) / 3)


def test_losses_iou_by_hand() -> None:
    mask, empty = np.zeros((1, 2, 2, 1)), np.zeros((1, 2, 2, 1))
    mask[0, 0] = 1  # two pixels of four
    probability = np.full((1, 2, 2, 1), 0.5)
    assert value(spec("IoU"), mask, probability) == pytest.approx(1 - 1 / 3)
    assert value(spec("IoU"), mask, mask) == pytest.approx(0, abs=1e-6)
    assert value(spec("IoU"), empty, empty) == pytest.approx(0, abs=1e-6)
    assert value(spec("IoU"), mask, empty) == pytest.approx(1)


@pytest.mark.parametrize(
    "how", [{}, {"filter_size": 7}, {"filter_size": 5, "filter_sigma": 0.8, "k1": 1e-4, "k2": 9e-4, "max_value": 255.0}]
)
def test_losses_ssim_is_one_less_tensorflows(how: dict[str, Any]) -> None:
    names = {"max_value": "max_val"}
    theirs = {"max_val": 1.0} | {names.get(name, name): given for name, given in how.items()}
    expected = 1 - framework.tensorflow().image.ssim(PICTURES, OTHERS, **theirs).numpy().mean()
    assert value(spec("SSIM", **how), PICTURES, OTHERS) == pytest.approx(expected, abs=1e-5)


def test_losses_ssim_of_equal_pictures_is_nothing_and_takes_pictures_without_channels() -> None:
    grey = PICTURES[..., 0]
    assert value(spec("SSIM"), grey, grey[..., None]) == pytest.approx(0, abs=1e-6)


def test_losses_ssim_tells_of_pictures_smaller_than_its_window() -> None:
    with pytest.raises(ValueError, match="the target is 16 x 12, smaller than the window of 13 x 13"):
        value(spec("SSIM", filter_size=13), PICTURES, OTHERS)
    with pytest.raises(ValueError, match="wants a height, a width and channels"):
        value(spec("SSIM"), [[1.0]], [[1.0]])


def test_losses_edge_smoothness_of_one_picture_is_that_of_the_example_on_keras_io() -> None:
    tf = framework.tensorflow()
    (down_true, right_true), (down, right) = (
        tf.image.image_gradients(tf.constant(picture[:1])) for picture in (PICTURES, OTHERS)
    )

    def mean(steps: Any) -> float:
        return float(tf.reduce_mean(tf.abs(steps)))

    expected = mean(right) * math.exp(mean(right_true)) + mean(down) * math.exp(mean(down_true))
    assert value(spec("EdgeSmoothness"), PICTURES[:1], OTHERS[:1]) == pytest.approx(expected, rel=1e-6)


PLACES = [[0.0, 0.0], [3.0, 0.0], [0.0, 4.0], [0.0, 10.0], [50.0, 50.0]]
CLASSES = [0, 0, 1, 1, 2]  # the last has no other of its class, so that it does not count
FIRST, SECOND = RANDOM.normal(size=(2, 6, 4)).astype("float32")  # two views of six rows


def test_losses_triplet_with_the_hardest_rows_by_hand() -> None:
    # furthest of the class and nearest of another: 3 and 4, 3 and 5, 6 and 4, 6 and 10.
    assert value(spec("Triplet"), CLASSES, PLACES) == pytest.approx((0 + 0 + 3 + 0) / 4)
    assert value(spec("Triplet", margin=3.0), CLASSES, PLACES) == pytest.approx((2 + 1 + 5 + 0) / 4)


def test_losses_triplet_with_semi_hard_rows_by_hand() -> None:
    # of class 0 at 3: the next that is further is at 4, at 5. Of class 1 at 6: at 66.9 from [0, 4], at 10 from [0, 10].
    last = math.hypot(50, 46)
    expected = [max(0, 3 + 3 - 4), max(0, 3 + 3 - 5), max(0, 3 + 6 - last), max(0, 3 + 6 - 10)]
    found = value(spec("Triplet", margin=3.0, mining="semi_hard"), CLASSES, PLACES)
    assert found == pytest.approx(sum(expected) / 4)


def test_losses_triplet_takes_one_hot_classes_and_is_nothing_for_one_class() -> None:
    assert value(spec("Triplet"), np.eye(3)[CLASSES], PLACES) == value(spec("Triplet"), CLASSES, PLACES)
    assert value(spec("Triplet"), [0, 0, 0], PLACES[:3]) == 0


def test_losses_masked_steps_do_not_count() -> None:
    shares = np.array(
        [[[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [1 / 3] * 3], [[0.2, 0.7, 0.1], [0.4, 0.3, 0.3], [1 / 3] * 3]]
    )
    steps = [[1, 2, 0], [1, 0, 0]]
    expected = -(math.log(0.3) + math.log(0.8) + math.log(0.7)) / 3
    assert value(spec("Masked", loss=spec("SparseCategoricalCrossentropy")), steps, shares) == pytest.approx(expected)
    hot = np.eye(3)[np.array(steps)]
    assert value(spec("Masked", loss=spec("CategoricalCrossentropy")), hot, shares) == pytest.approx(expected)


def test_losses_masked_rows_without_an_answer_do_not_count() -> None:
    loss = spec("Masked", loss=spec("MeanSquaredError"), ignore=-1)
    assert value(loss, [[1.0], [-1.0], [3.0]], [[2.0], [7.0], [3.0]]) == pytest.approx(0.5)
    assert value(loss, [[1.0, -1.0], [-1.0, -1.0]], [[2.0, 0.0], [7.0, 7.0]]) == pytest.approx((1 + 1) / 2)
    assert value(loss, [[-1.0]], [[7.0]]) == 0


def test_losses_sum_is_weighed() -> None:
    ssim, mae = spec("SSIM", filter_size=7), spec("MeanAbsoluteError")
    both = spec("Sum", losses=[ssim, mae], weights=[0.85, 0.1])
    expected = 0.85 * value(ssim, PICTURES, OTHERS) + 0.1 * value(mae, PICTURES, OTHERS)
    assert value(both, PICTURES, OTHERS) == pytest.approx(expected, rel=1e-5)
    assert value(spec("Sum", losses=[mae, mae]), [[1.0]], [[3.0]]) == pytest.approx(4)


def test_losses_sum_keeps_what_a_loss_of_keras_masks() -> None:
    sparse = spec("SparseCategoricalCrossentropy", ignore_class=0)
    steps, shares = [[1, 0], [1, 2]], np.full((2, 2, 3), 1 / 3)
    assert value(spec("Sum", losses=[sparse]), steps, shares) == pytest.approx(value(sparse, steps, shares))
    assert value(sparse, steps, shares) == pytest.approx(math.log(3))


ROWS: dict[str, tuple[Spec, Any, Any]] = {
    "Quantile": (spec("Quantile", quantiles=[0.2, 0.8]), [1.0, 2.0, 3.0], [[0.0, 4.0], [5.0, 1.0], [2.0, 2.0]]),
    "Charbonnier": (spec("Charbonnier"), PICTURES, OTHERS),
    "Contrastive": (spec("Contrastive"), [[1.0], [0.0], [0.0]], [[0.1], [0.2], [0.3]]),
    "IoU": (spec("IoU"), PICTURES.round(), OTHERS),
    "SSIM": (spec("SSIM"), PICTURES, OTHERS),
    "EdgeSmoothness": (spec("EdgeSmoothness"), PICTURES, OTHERS),
    "Wasserstein": (spec("Wasserstein"), [[1.0], [0.0], [0.0]], [[0.1], [-4.0], [0.3]]),
    "Sum": (spec("Sum", losses=[spec("IoU"), spec("MeanSquaredError")]), PICTURES, OTHERS),
}
OF_BATCHES: dict[str, tuple[Spec, Any, Any]] = {
    "Masked": (spec("Masked", loss=spec("MeanSquaredError"), ignore=-1), [[1.0], [2.0], [-1.0]], [[0.0], [5.0], [9.0]]),
    "Triplet": (spec("Triplet"), CLASSES, PLACES),
    "BarlowTwins": (spec("BarlowTwins"), FIRST, SECOND),
    "InfoNCE": (spec("InfoNCE"), FIRST, SECOND),
    "MultiSimilarity": (spec("MultiSimilarity"), CLASSES, PLACES),
    "NTXent": (spec("NTXent"), FIRST, SECOND),
    "SupervisedContrastive": (spec("SupervisedContrastive"), CLASSES, PLACES),
    "VICReg": (spec("VICReg"), FIRST, SECOND),
}


def test_losses_wasserstein_lifts_real_rows_and_lowers_others() -> None:
    assert value(spec("Wasserstein"), [[1.0], [0.0]], [[3.0], [-2.0]]) == pytest.approx((-3.0 - 2.0) / 2)


def test_losses_tests_know_every_loss() -> None:
    assert sorted({**ROWS, **OF_BATCHES}) == list(catalogue.own_names("losses"))
    assert [name for name, (loss, _, _) in {**ROWS, **OF_BATCHES}.items() if losses.is_of_batches(loss)] == [
        *OF_BATCHES
    ]


@pytest.mark.parametrize("name", ROWS)
def test_losses_weights_of_rows_weigh_rows(name: str) -> None:
    """As for Keras' own: the mean over the rows of weight times the loss of the row alone."""
    loss, truth, output = ROWS[name]
    weights = np.array([1.0, 0.0, 3.0])
    alone = [value(loss, np.asarray(truth)[i : i + 1], np.asarray(output)[i : i + 1]) for i in range(3)]
    assert value(loss, truth, output) == pytest.approx(np.mean(alone), rel=1e-5)
    assert value(loss, truth, output, weights) == pytest.approx(np.mean(weights * alone), rel=1e-5)


@pytest.mark.parametrize("name", OF_BATCHES)
def test_losses_of_whole_batches_take_weights_of_rows(name: str) -> None:
    loss, truth, output = OF_BATCHES[name]
    count = len(np.asarray(truth))
    plain = value(loss, truth, output)
    assert plain > 0
    assert value(loss, truth, output, np.full(count, 2.0)) == pytest.approx(2 * plain)
    each = [value(loss, truth, output, np.eye(count)[row]) for row in range(count)]
    assert sum(each) == pytest.approx(plain, rel=1e-5)


def test_losses_take_weights_of_pixels_and_steps() -> None:
    """As class weights of maps and sequences come: each number times its own, averaged over all of them."""
    mask, shares = PICTURES[..., :1].round(), OTHERS[..., :1]
    weights = RANDOM.random((3, 16, 12)).astype("float32")
    own = spec("Sum", losses=[spec("BinaryCrossentropy")])
    assert value(own, mask, shares, weights) == pytest.approx(value(spec("BinaryCrossentropy"), mask, shares, weights))
    both = spec("Sum", losses=[spec("BinaryCrossentropy"), spec("IoU")])
    assert value(both, mask, shares, np.full_like(weights, 2)) == pytest.approx(2 * value(both, mask, shares), rel=1e-5)

    steps, distribution = np.array([[1, 0], [1, 2]]), RANDOM.dirichlet([1, 1, 1], size=(2, 2))
    told = -np.log([distribution[0, 0, 1], distribution[1, 0, 1], distribution[1, 1, 2]])
    found = value(spec("Masked", loss=spec("SparseCategoricalCrossentropy")), steps, distribution, [[3, 9], [1, 2]])
    assert found == pytest.approx(float(told @ [3, 1, 2]) / 3, rel=1e-5)


def test_losses_leave_out_what_the_model_masks() -> None:
    """An Embedding with mask_zero masks steps; Keras' own losses leave them out, and so do ours."""
    keras = framework.keras()
    words = np.array([[1, 2, 0], [2, 0, 0]])
    model = keras.Sequential(
        [keras.layers.Embedding(3, 4, mask_zero=True), keras.layers.Dense(3, activation="softmax")]
    )
    output, steps = model(words), np.array([[0, 1, 1], [2, 2, 2]])
    own, theirs = spec("Sum", losses=[spec("SparseCategoricalCrossentropy")]), spec("SparseCategoricalCrossentropy")
    expected = float(build.make(theirs, {})(steps, output))
    assert float(build.make(own, {})(steps, output)) == pytest.approx(expected, rel=1e-5)
    assert expected != pytest.approx(value(theirs, steps, output))


def test_losses_are_the_same_on_jax() -> None:
    """All of them in one process of its own, since a process has one backend."""
    program = """
import json, sys
sys.path += ["tests", "tests/unit"]
from nnrun.model import framework
framework.use("jax")
from test_losses_values import OF_BATCHES, ROWS, value
print(json.dumps({name: value(*case) for name, case in {**ROWS, **OF_BATCHES}.items()}))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, env=environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, case in {**ROWS, **OF_BATCHES}.items():
        assert found[name] == pytest.approx(value(*case), rel=1e-4), name


def test_losses_have_gradients_everywhere() -> None:
    """A slope that is no number would end a training at its first step."""
    tf = framework.tensorflow()
    for name, (loss, truth, output) in {**ROWS, **OF_BATCHES}.items():
        for given in (output, np.zeros_like(output), np.ones_like(output)):
            variable = tf.Variable(np.asarray(given, "float32"))
            with tf.GradientTape() as tape:
                found = build.make(loss, {})(np.asarray(truth), variable)
            slope = tape.gradient(found, variable)
            assert slope is not None, name
            assert np.isfinite(slope.numpy()).all(), name
