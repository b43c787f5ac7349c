"""Metrics of whole parts: their values by hand and as scikit-learn has them, and which of them Keras computes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from nnrun import catalogue
from nnrun.config.spec import Spec
from nnrun.model import framework, metrics
from nnrun.model.metrics import Scored

TRUTH = np.array([0, 0, 1, 1, 2, 2, 2, 2])
SHARES = np.array(
    [
        [0.8, 0.1, 0.1],  # right
        [0.2, 0.7, 0.1],  # 1 for 0
        [0.1, 0.8, 0.1],  # right
        [0.1, 0.2, 0.7],  # 2 for 1
        [0.1, 0.1, 0.8],  # right
        [0.2, 0.2, 0.6],  # right
        [0.3, 0.1, 0.6],  # right
        [0.6, 0.1, 0.3],  # 0 for 2
    ]
)
TWO = np.array([0, 1, 1, 1, 0])
PROBABILITY = np.array([0.2, 0.9, 0.4, 0.6, 0.7])
PAIR = np.column_stack([1 - PROBABILITY, PROBABILITY])
PRECISION = (1 / 2, 1 / 2, 3 / 4)  # by class
RECALL = (1 / 2, 1 / 2, 3 / 4)


def spec(name: str, **arguments: Any) -> Spec:
    return Spec(name, arguments, slot="metrics")


def value(metric: Spec, truth: Any = TRUTH, shares: Any = SHARES) -> float:
    return metrics.measure(metric).of(np.asarray(truth), np.asarray(shares))


def test_metrics_of_several_classes_by_hand() -> None:
    macro = (1 / 2 + 1 / 2 + 3 / 4) / 3
    assert value(spec("Precision")) == pytest.approx(macro)
    assert value(spec("Recall")) == pytest.approx(macro)
    assert value(spec("F1Score")) == pytest.approx(macro)  # precision is recall in each class here
    assert value(spec("F1Score", average="micro")) == pytest.approx(5 / 8)
    assert value(spec("F1Score", average="weighted")) == pytest.approx((2 * 0.5 + 2 * 0.5 + 4 * 0.75) / 8)
    assert value(spec("Precision", class_id=2)) == pytest.approx(3 / 4)
    assert value(spec("Recall", class_id=1)) == pytest.approx(1 / 2)
    assert value(spec("BalancedAccuracy")) == pytest.approx(macro)
    assert value(spec("BalancedAccuracy", adjusted=True)) == pytest.approx((macro - 1 / 3) / (2 / 3))
    # agreement 5/8, by chance (2*2 + 2*2 + 4*4) / 64
    assert value(spec("CohenKappa")) == pytest.approx((5 / 8 - 24 / 64) / (1 - 24 / 64))


def test_metrics_of_two_classes_are_of_the_second() -> None:
    assert value(spec("Precision"), TWO, PAIR) == pytest.approx(2 / 3)
    assert value(spec("Recall"), TWO, PAIR) == pytest.approx(2 / 3)
    assert value(spec("F1Score", threshold=0.3), TWO, PAIR) == pytest.approx(2 * 3 / (2 * 3 + 1))
    assert value(spec("F1Score", average="macro"), TWO, PAIR) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert value(spec("FBetaScore", beta=2.0, threshold=0.65), TWO, PAIR) == pytest.approx(5 / (5 + 4 * 2 + 1))
    assert value(spec("AUC"), TWO, PAIR) == pytest.approx(4 / 6)  # of six pairs, four are in order
    assert value(spec("MatthewsCorrelation"), TWO, PAIR) == pytest.approx((2 * 1 - 1 * 1) / math.sqrt(3 * 3 * 2 * 2))


def test_metrics_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, matthews_corrcoef, roc_auc_score

    chosen = SHARES.argmax(axis=1)
    assert value(spec("BalancedAccuracy", adjusted=True)) == pytest.approx(
        balanced_accuracy_score(TRUTH, chosen, adjusted=True)
    )
    assert value(spec("MatthewsCorrelation")) == pytest.approx(matthews_corrcoef(TRUTH, chosen))
    assert value(spec("CohenKappa", weights="quadratic")) == pytest.approx(
        cohen_kappa_score(TRUTH, chosen, weights="quadratic")
    )
    for average in ("macro", "weighted"):
        expected = roc_auc_score(TRUTH, SHARES, multi_class="ovr", average=average)
        assert value(spec("AUC", average=average)) == pytest.approx(expected)


def test_metrics_of_one_unit_are_those_of_keras() -> None:
    """Where both can compute a metric, both come to the same."""
    keras = framework.keras().metrics
    for metric, mine in (
        (keras.Precision(), spec("Precision")),
        (keras.Recall(), spec("Recall")),
        (keras.AUC(num_thresholds=2000), spec("AUC")),
        (keras.F1Score(threshold=0.5), spec("F1Score")),
    ):
        metric.update_state(TWO[:, None].astype("float32"), PROBABILITY[:, None].astype("float32"))
        assert value(mine, TWO, PAIR) == pytest.approx(float(np.squeeze(metric.result())), abs=1e-3)


def test_metrics_of_a_part_without_a_class_say_nothing_rather_than_warn() -> None:
    ones = np.ones(3, int)
    assert math.isnan(value(spec("AUC"), ones, PAIR[:3]))
    assert math.isnan(value(spec("CohenKappa"), ones, PAIR[[1, 1, 1]]))
    assert value(spec("BalancedAccuracy"), ones, PAIR[[0, 1, 1]]) == pytest.approx(2 / 3)
    assert value(spec("F1Score"), np.zeros(3, int), PAIR[[0, 0, 0]]) == 0
    assert value(spec("MatthewsCorrelation"), ones, PAIR[[1, 1, 1]]) == 0
    assert value(spec("AUC"), TRUTH[:4], SHARES[:4]) == pytest.approx((1 + 3 / 4) / 2)  # class 2 has no row


def test_metrics_of_numbers_by_hand() -> None:
    pictures = np.zeros((2, 2, 2, 1), "float32")
    noisy = pictures + np.array([0.1, 0.01], "float32")[:, None, None, None]
    assert value(spec("PSNR"), pictures, noisy) == pytest.approx((20 + 40) / 2, rel=1e-5)
    assert value(spec("PSNR", max_value=255), pictures[..., 0], noisy) == pytest.approx(30 + 20 * math.log10(255))
    intervals = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [9.0, 8.0, 7.0], [0.0, 0.0, 0.0]]
    assert value(spec("Coverage"), [[1.5], [7.0], [8.5], [0.0]], intervals) == 0.75


SPARSE = Scored(of_classes=True, num_classes=3, units=3, from_logits=False)
ONE = Scored(of_classes=True, num_classes=2, units=1, from_logits=False)
ONE_LOGIT = Scored(of_classes=True, num_classes=2, units=1, from_logits=True)
PAIRED = Scored(of_classes=True, num_classes=2, units=2, from_logits=False)
ONE_HOT = Scored(of_classes=True, one_hot=True, num_classes=3, units=3, from_logits=False)
UNKNOWN = Scored(of_classes=True)
NUMBERS = Scored(of_classes=False, units=3, from_logits=False)


@pytest.mark.parametrize(
    ("metric", "sparse", "one", "paired", "one_hot", "numbers"),
    [
        ("accuracy", False, False, False, False, False),
        ("SparseTopKCategoricalAccuracy", False, False, False, False, False),
        ("F1Score", True, True, True, False, False),
        ("f1_score", True, True, True, False, False),
        ("FBetaScore", True, True, True, False, False),
        ("AUC", True, False, True, False, False),
        ("Precision", True, False, True, False, False),
        ("Recall", True, False, True, False, False),
        ("BalancedAccuracy", True, True, True, True, True),
        ("AveragePrecision", True, True, True, True, True),
        ("CohenKappa", True, True, True, True, True),
        ("PSNR", True, True, True, True, True),
    ],
)
def test_metrics_which_are_ours(
    metric: str, sparse: bool, one: bool, paired: bool, one_hot: bool, numbers: bool
) -> None:
    found = [metrics.is_ours(spec(metric), scored) for scored in (SPARSE, ONE, PAIRED, ONE_HOT, NUMBERS)]
    assert found == [sparse, one, paired, one_hot, numbers]


def test_metrics_that_would_read_logits_as_probabilities_are_ours() -> None:
    assert metrics.is_ours(spec("AUC"), ONE_LOGIT) is True
    assert metrics.is_ours(spec("AUC", from_logits=True), ONE_LOGIT) is False
    assert metrics.is_ours(spec("Recall", thresholds=0), ONE_LOGIT) is False
    assert metrics.is_ours(spec("Recall"), UNKNOWN) is None


@pytest.mark.parametrize(
    ("metric", "scored", "what"),
    [
        (spec("BalancedAccuracy"), NUMBERS, "the metric BalancedAccuracy compares one class for each row"),
        (spec("F1Score", average="makro"), SPARSE, "F1Score: average is one of binary, micro, macro, weighted"),
        (spec("F1Score", average="binary"), SPARSE, "F1Score: average binary is for two classes, and there are 3"),
        (spec("F1Score", threshold=0.4), SPARSE, "F1Score: a threshold is for two classes, and there are 3"),
        (
            spec("AUC", num_thresholds=50),
            SPARSE,
            "of class numbers AUC is computed by scikit-learn, which has no num_t",
        ),
        (spec("AUC", curve="SOC"), SPARSE, "AUC: curve is ROC or PR, and 'SOC' is neither"),
        (spec("Precision", average="macro"), ONE, "Precision has no average here"),
        (spec("mae"), Scored(of_classes=False, estimates=False), "the metric mae takes the output for an estimate"),
        (spec("Coverage"), NUMBERS, "the metric Coverage wants an interval, and the output is one number"),
        (spec("PSNR"), SPARSE, "the metric PSNR compares numbers, and the target is classes"),
        (spec("CohenKappa"), Scored(of_classes=True, estimates=False), "the metric CohenKappa takes the output for an"),
        (spec("CohenKappa", weights="cubic"), ONE, "CohenKappa: weights is linear, quadratic or left out"),
        (spec("FBetaScore", beta=0.0), ONE, "FBetaScore: beta is a number above 0"),
    ],
)
def test_metrics_that_cannot_be_computed_say_why(metric: Spec, scored: Scored, what: str) -> None:
    problem = metrics.problem(metric, scored)
    assert problem is not None
    assert problem.what.startswith(what)


@pytest.mark.parametrize(
    ("metric", "scored"),
    [
        (spec("F1Score", threshold=0.4), ONE),
        (spec("F1Score", average=None), SPARSE),
        (spec("AUC", num_thresholds=50), ONE),
        (spec("Precision", class_id=1), SPARSE),
        (spec("Coverage"), Scored(of_classes=False, estimates=False)),
        (spec("accuracy"), SPARSE),
        (spec("AUC", curve="SOC"), UNKNOWN),
    ],
)
def test_metrics_that_can_be_computed_have_no_problem(metric: Spec, scored: Scored) -> None:
    assert metrics.problem(metric, scored) is None


def test_metrics_under_weighted_metrics_have_no_weights() -> None:
    problem = metrics.problem(spec("F1Score"), SPARSE, weighted=True)
    assert problem is not None
    assert problem.what == "the metric F1Score under weighted_metrics"
    assert metrics.problem(spec("accuracy"), SPARSE, weighted=True) is None


def test_metrics_of_both_take_the_words_of_both() -> None:
    found = catalogue.find("metrics", "Precision")
    assert found is not None
    assert [parameter.name for parameter in found.parameters][-1] == "average"
    assert catalogue.of_keras("metrics", "Precision").parameter("average") is None
    assert catalogue.judge("metrics", "Precision", "average") is None
    assert catalogue.canonical("metrics", "balanced_accuracy") == "BalancedAccuracy"


def test_metrics_have_a_name_of_their_own() -> None:
    for name in catalogue.own_names("metrics"):
        needed = {"tags": ["O", "B-PER"]} if name == "EntityScore" else {}
        assert metrics.measure(Spec(name, {**needed, "name": "mine"}, slot="metrics")).name == "mine"


def test_metrics_average_precision_is_the_mean_precision_at_each_recall() -> None:
    """The rows of `yes` stand at places 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3."""
    shares = np.array([0.9, 0.8, 0.7, 0.6, 0.1])
    pair = np.column_stack([1 - shares, shares])
    assert value(spec("AveragePrecision"), [1, 0, 1, 1, 0], pair) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert np.isnan(value(spec("AveragePrecision"), [0, 0, 0, 0, 0], pair))
