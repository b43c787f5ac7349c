"""Features of a frozen network, computed once: the same training as with the whole network, and a whole model."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from commandline import Nnrun
from test_trained import EARLIER, LATER, same, weights
from tiny import history

from nnrun.training import features

HEAD = LATER.replace("    - Dense: 5\n", "    - Dense: {units: 5, activation: relu}\n    - Dropout: 0.2\n")
PHASES = "phases:\n  - {name: head, fit: {epochs: 2}}\n  - {name: all, trainable: {base: true}, fit: {epochs: 1}}\n"


@pytest.fixture
def runs(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Path:
    earlier = tmp_path_factory.getbasetemp() / "features" / "runs"
    if not earlier.exists():
        import nnrun

        (folder / "shapes.yaml").write_text(EARLIER)
        nnrun.train(folder / "shapes.yaml", runs=earlier)
    shutil.copytree(earlier, folder / "runs", symlinks=True)
    return folder / "runs"


@pytest.mark.parametrize(
    "text", [pytest.param(HEAD, id="fit", marks=pytest.mark.nightly), pytest.param(HEAD + PHASES, id="phases")]
)
def test_features_train_the_head_as_the_whole_network_does(
    text: str, runs: Path, nnrun: Nnrun, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("later.yaml").write_text(text)
    once = nnrun("train", "later.yaml", "--name", "once")
    assert "features: base is frozen, and computed once for 1,797 rows" in once.err
    monkeypatch.setattr(features, "MOST_BYTES", 1)
    whole = nnrun("train", "later.yaml", "--name", "whole")
    assert "features:" not in whole.err
    one, other = weights(once.run), weights(whole.run)
    assert all(np.allclose(a, b, atol=1e-6) for name in one for a, b in zip(one[name], other[name], strict=True))
    for left, right in zip(history(once.run), history(whole.run), strict=True):
        assert {key: float(left[key]) for key in left if key != "seconds"} == pytest.approx(
            {key: float(right[key]) for key in right if key != "seconds"}, abs=1e-5
        )


def test_features_go_on_with_the_same_bits_and_the_model_is_whole(runs: Path, nnrun: Nnrun) -> None:
    Path("later.yaml").write_text(HEAD)
    longer = nnrun("train", "later.yaml", "-s", "fit.epochs=4", "--name", "longer").run
    run = nnrun("train", "later.yaml").run
    shutil.rmtree(runs / "shapes")
    went_on = nnrun("resume", run, "-s", "fit.epochs=4")
    assert went_on.code == 0, went_on.err
    one, other = weights(run), weights(longer)
    assert set(one) >= {"lower", "upper", "dense", "label"}
    assert all(same(one[name], other[name]) for name in one)


@pytest.mark.parametrize(
    "change",
    [
        ("trainable: false", "trainable: {last: 1}"),
        ("split: {", "augment: [RandomFlip], split: {"),
        ("    - Dense", "    - Flatten: {from: input}\n    - Concatenate: {from: [previous, base]}\n    - Dense"),
    ],
    ids=["trained", "augmented", "read beside"],
)
def test_features_are_not_kept_where_the_training_would_be_another(
    change: tuple[str, str], runs: Path, nnrun: Nnrun
) -> None:
    Path("later.yaml").write_text(HEAD.replace(*change))
    trained = nnrun("train", "later.yaml", "-s", "fit.epochs=1")
    assert trained.code == 0, trained.err
    assert "features:" not in trained.err


@pytest.mark.nightly
def test_features_are_not_kept_where_the_network_draws(runs: Path, nnrun: Nnrun) -> None:
    Path("drawing.yaml").write_text(
        EARLIER.replace("name: shapes", "name: drawing").replace("    - Dense:", "    - Dropout: 0.5\n    - Dense:")
    )
    drawing = nnrun("train", "drawing.yaml").run
    assert drawing.name == "drawing"
    Path("later.yaml").write_text(HEAD.replace("run: shapes", "run: drawing"))
    assert "features:" not in nnrun("train", "later.yaml", "-s", "fit.epochs=1").err
