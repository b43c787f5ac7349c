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

_TRANSLATOR: Config = {
    "layers": [{"Conv2D": {"filters": 32, "kernel_size": 3, "padding": "same", "activation": "relu"}}],
    "outputs": {"Conv2D": {"filters": 3, "kernel_size": 3, "padding": "same", "activation": "sigmoid"}},
}
_JUDGE: Config = {
    "layers": [{"Conv2D": {"filters": 32, "kernel_size": 4, "strides": 2, "padding": "same"}}, {"LeakyReLU": 0.2}],
    "outputs": {"Conv2D": {"filters": 1, "kernel_size": 4, "padding": "same"}},
}
_DIFFUSION: Config = {
    "data": {
        "source": {"sklearn": "digits"},
        "features": {"image": {"normalize": "image"}},
        "split": {"validation": 0, "test": 0},
    },
    "recipe": {"diffusion": {"sampling_steps": 20}},
    "models": {
        "denoiser": {
            "inputs": ["image", "noise_variance"],
            "layers": [
                {"sinusoidal_embedding": {"units": 32, "from": "noise_variance", "name": "level"}},
                {"Flatten": {"from": "image", "name": "noisy"}},
                {"Concatenate": {"from": ["noisy", "level"]}},
                {"Dense": {"units": 256, "activation": "swish"}},
                {"Dense": 64},
            ],
            "outputs": {"Reshape": [8, 8, 1]},
        },
    },
    "compile": {"optimizer": {"AdamW": {"learning_rate": 1e-3, "weight_decay": 1e-4}}},
}
CYCLEGAN: Config = {
    "data": {
        "source": {
            "unpaired_images": {
                "first": "horses",
                "second": "zebras",
                "names": ["horse", "zebra"],
                "image_size": [64, 64],
            }
        },
        "split": {"validation": 0, "test": 0.1},
    },
    "recipe": {"cyclegan": {"translate": "horse", "into": "zebra"}},
    "models": {
        "generator_zebra": _TRANSLATOR,
        "generator_horse": _TRANSLATOR,
        "discriminator_horse": _JUDGE,
        "discriminator_zebra": _JUDGE,
    },
    "compile": {"optimizer": {"Adam": {"learning_rate": 2e-4, "beta_1": 0.5}}},
}
_DISTILLATION: Config = {
    "data": {"source": {"sklearn": "digits"}},
    "models": {
        "teacher": {"layers": ["Flatten", {"Dense": {"units": 256, "activation": "relu"}}], "outputs": {"Dense": 10}},
        "student": {"layers": ["Flatten", {"Dense": {"units": 16, "activation": "relu"}}], "outputs": {"Dense": 10}},
    },
    "compile": {"loss": {"SparseCategoricalCrossentropy": {"from_logits": True}}},
    "phases": [
        {"name": "teach", "model": "teacher"},
        {"name": "distil", "model": "student", "recipe": {"distillation": {"teacher": "teacher", "temperature": 4}}},
    ],
}


def example(component: Component) -> Config:
    """The recipe on data that it suits."""
    by_hand = {"cyclegan": CYCLEGAN, "diffusion": _DIFFUSION, "distillation": _DISTILLATION, "gan": _GAN}
    return by_hand.get(component.name) or iris({"Dense": 16}, recipe=component.name)
