"""Fixed filters as first values of a convolution."""

from __future__ import annotations

from typing import Any

import pytest

from nnrun.config.spec import Spec
from nnrun.model.initializers.filter import KINDS, fitted, kernel, problem


def layer(name: str = "Conv2D", place: str = "kernel_initializer", kernel_size: Any = 3, **filter_: Any) -> Spec:
    spec = Spec("Filter", filter_, slot="initializers")
    return Spec(name, {"filters": 2, "kernel_size": kernel_size, place: spec}, slot="layers")


@pytest.mark.parametrize("kind", KINDS)
def test_filters_keep_or_take_away_brightness(kind: str) -> None:
    """The sum of a filter is what it makes of an even surface: it stays, or it is gone."""
    total = sum(sum(row) for row in kernel(kind))
    assert total == pytest.approx(0 if kind in ("sobel", "edge") else 1)


def test_filters_of_any_size_and_direction() -> None:
    assert kernel("sobel", "y") == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert kernel("gaussian", size=3) == [[1 / 16, 2 / 16, 1 / 16], [2 / 16, 4 / 16, 2 / 16], [1 / 16, 2 / 16, 1 / 16]]
    assert kernel("blur", size=5) == [[0.04] * 5] * 5
    assert kernel("identity", size=1) == [[1.0]]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (layer(kind="sobel"), ""),
        (layer("DepthwiseConv2D", "depthwise_initializer", kernel_size=[5, 5], kind="gaussian"), ""),
        (layer(kind="sobel", kernel_size=5), "a sobel filter is 3 x 3, and the kernel 5 x 5: write `kernel_size: 3`"),
        (layer(kind="blur", kernel_size=[3, 5]), "a blur filter is square, of an odd size, and the kernel 3 x 5"),
        (
            layer(kind="sobell"),
            "there is no filter 'sobell', but sobel, edge, sharpen, emboss, blur, gaussian, identity",
        ),
        (layer(kind="edge", direction="y"), "direction is 'y', and edge has none"),
        (
            Spec("TimeDistributed", {"layer": layer(kind="sobel", kernel_size=1)}),
            "a sobel filter is 3 x 3, and the kernel 1 x 1: write `kernel_size: 3`",
        ),
    ],
)
def test_filters_that_do_not_fit_are_told(spec: Spec, words: str) -> None:
    told = problem(spec)
    assert (told.what if told else "") == words


def test_filters_belong_into_convolutions_of_pictures() -> None:
    told = problem(
        Spec("Dense", {"units": 2, "kernel_initializer": Spec("Filter", {"kind": "blur"}, slot="initializers")})
    )
    assert told is not None
    assert told.what.startswith("kernel_initializer of Dense takes no filter")


def test_filters_take_size_and_channels_from_their_layer() -> None:
    found = fitted(layer(kind="gaussian", kernel_size=5), (8, 8, 3)).arguments["kernel_initializer"].arguments
    assert found == {"kind": "gaussian", "size": 5, "channels": 3}
    depthwise = fitted(layer("DepthwiseConv2D", "depthwise_initializer", kind="blur"), (8, 8, 3))
    assert depthwise.arguments["depthwise_initializer"].arguments == {"kind": "blur", "size": 3}
