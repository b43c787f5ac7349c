"""`fit.sampling`: as many rows of each class, each as often as any other of its class."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnrun.config import Config, load_config
from nnrun.errors import ConfigError
from nnrun.training.sampling import resample


@settings(deadline=None, max_examples=40)
@given(classes=st.lists(st.integers(0, 4), min_size=1, max_size=60), how=st.sampled_from(["over", "under"]))
def test_sampling_gives_as_many_of_each_class(classes: list[int], how: str) -> None:
    array = np.array(classes)
    places = resample(array, how, 3)
    counts, whole = Counter(array[places].tolist()), Counter(classes)
    size = max(whole.values()) if how == "over" else min(whole.values())
    assert counts == dict.fromkeys(whole, size)
    times = np.bincount(places, minlength=len(array))
    for number in whole:
        assert np.ptp(times[array == number]) <= 1
    if how == "under":
        assert times.max() == 1


def test_sampling_is_drawn_by_the_seed() -> None:
    classes = np.repeat([0, 1], [5, 40])
    drawn = [resample(classes, "under", seed).tolist() for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def config(folder: Path, fit: str) -> Config:
    file = folder / "a.yaml"
    text = "data: {source: {sklearn: iris}}\nmodel: {layers: [{Dense: 2}]}\n"
    file.write_text(f"{text}fit: {fit}\n", encoding="utf-8")
    return load_config(file)


@pytest.mark.parametrize(
    ("fit", "told"),
    [
        ("{sampling: smote}", "sampling is the text 'smote'"),
        ("{sampling: {over: 3}}", "sampling is"),
        ("{sampling: over, class_weight: balanced}", "sampling beside class_weight"),
    ],
)
def test_sampling_that_is_none_is_refused(tmp_path: Path, fit: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        config(tmp_path, fit)


def test_sampling_is_read_with_and_without_an_output(tmp_path: Path) -> None:
    for fit, expected in (("{sampling: under}", ("under", None)), ("{sampling: {over: kind}}", ("over", "kind"))):
        found = config(tmp_path, fit).fit.sampling
        assert found is not None
        assert (found.how, found.output) == expected
