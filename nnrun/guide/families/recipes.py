"""Recipes."""

from __future__ import annotations

from nnrun.catalogue import Component
from nnrun.guide.example import Config, iris

TITLE = "recipe"
PLACE = "`recipe`, at the left margin"
USUAL = ("gan",)

_GAN: Config = {
    "data": {"source": {"sklearn": "digits"}, "split": {"validation": 0, "test": 0}},
    "recipe": {"gan": {"latent_dim": 32, "conditional": True}},
    "models": {
        "generator": {
            "inputs": ["latent", "label"],
            "layers": [
                {"Concatenate": {"from": ["latent", "label"]}},
                {"Dense": {"units": 128, "activation": "relu"}},
                {"Dense": {"units": 64, "activation": "sigmoid"}},
            ],
            "outputs": {"Reshape": [8, 8, 1]},
        },
        "discriminator": {
            "inputs": ["image", "label"],
            "layers": [
                {"Flatten": {"from": "image"}},
                {"Concatenate": {"from": ["previous", "label"]}},
                {"Dense": {"units": 128, "activation": "relu"}},
            ],
            "outputs": {"Dense": 1},
        },
    },
    "compile": {"generator": {"optimizer": {"Adam": 2e-4}}, "discriminator": {"optimizer": {"Adam": 2e-4}}},
}


def example(component: Component) -> Config:
    """The recipe on data that it suits."""
    return _GAN if component.name == "gan" else iris({"Dense": 16}, recipe=component.name)
