"""Generated data of the form that each example of vision has: shapes and kinds as published, as few rows as serve."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Make = Callable[[Path], None]


def _bytes(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def _shares(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def _classes(count: int, *shape: int) -> Any:
    """Class numbers, each as often as the others."""
    return (np.arange(np.prod(shape)) % count).reshape(shape).astype(np.uint8)


def _keras(name: str, size: int, channels: int, classes: int) -> Make:
    """What `{keras: ...}` gives, in place of a download."""

    def make(folder: Path) -> None:
        train, test = max(24, 5 * classes), 8
        np.savez(
            folder / f"{name}.npz",
            image_train=_bytes(train, size, size, channels),
            label_train=_classes(classes, train),
            image_test=_bytes(test, size, size, channels),
            label_test=_classes(classes, test),
        )

    return make


def _folder(name: str, *classes: str, seed: int = 0) -> Make:
    """Small pictures in a folder for each class, as PNG files: the config says to which size they are resized."""

    def make(folder: Path) -> None:
        from PIL import Image

        for number, kind in enumerate(classes):
            place = folder / name / kind
            place.mkdir(parents=True)
            for row, pixels in enumerate(_bytes(6, 24, 20, 3, seed=seed)):
                Image.fromarray(pixels + np.uint8(number)).save(place / f"{row}.png")

    return make


def _drawn(name: str, size: int, channels: int, classes: int) -> Make:
    """Pictures of which all rows train."""

    def make(folder: Path) -> None:
        rows = max(24, 3 * classes)
        image, label = _bytes(rows, size, size, channels), _classes(classes, rows)
        np.savez(folder / f"{name}.npz", image=image, label=label)

    return make


def dogs(folder: Path) -> None:
    """A picture a breed, of different sizes; few that validate."""
    from PIL import Image

    for part in ("train", "test"):
        for breed in range(120 if part == "train" else 8):
            place = folder / "dogs" / part / f"n{breed:08}-breed"
            place.mkdir(parents=True)
            Image.fromarray(_bytes(20 + breed % 5, 24, 3, seed=2 * breed + (part == "test"))).save(place / "0.png")


def pets(folder: Path) -> None:
    np.savez(folder / "pets.npz", image=_bytes(8, 160, 160, 3), mask=1 + _classes(3, 8, 160, 160, 1))


def flowers(folder: Path) -> None:
    np.savez(folder / "flowers.npz", image=_bytes(10, 64, 64, 3))


def bags(folder: Path) -> None:
    for name, rows in (("bags", 16), ("bags-validation", 6)):
        np.savez(folder / f"{name}.npz", bag=_bytes(rows, 3, 28, 28), label=_classes(2, rows))


def scans(folder: Path) -> None:
    np.savez(folder / "scans.npz", scan=_shares(4, 128, 128, 64), label=_classes(2, 4))


def bsds(folder: Path) -> None:
    for seed, name in enumerate(("bsds", "bsds-test")):
        low, high = _shares(6, 100, 100, 1, seed=seed), _shares(6, 300, 300, 1, seed=seed)
        np.savez(folder / f"{name}.npz", low=low, high=high)


def pairs(folder: Path) -> None:
    for seed, name in enumerate(("pairs", "pairs-validation", "pairs-test")):
        pictures = _bytes(32, 2, 28, 28, 1, seed=seed).astype(np.float32)
        label = _classes(2, 32).astype(np.float32)
        np.savez(folder / f"{name}.npz", left=pictures[:, 0], right=pictures[:, 1], label=label)


def triplets(folder: Path) -> None:
    names = ("anchor", "positive", "negative")
    np.savez(folder / "triplets.npz", **{name: _bytes(6, 200, 200, 3) for name in names})


def low_and_high(name: str, height: int, width: int, times: int, most: int) -> Make:
    """Pairs of pictures, the second `times` as high and wide, of numbers up to `most`."""

    def make(folder: Path) -> None:
        for seed, part in enumerate((name, f"{name}-validation")):
            low = _bytes(4, height, width, 3, seed=seed)
            high = most * _shares(4, times * height, times * width, 3)
            np.savez(folder / f"{part}.npz", low=low, high=high)

    return make


def people(folder: Path) -> None:
    np.savez(folder / "people.npz", image=_bytes(4, 512, 512, 3), mask=_classes(20, 4, 512, 512))


def xrays(folder: Path) -> None:
    for seed, part in enumerate(("train", "test")):
        _folder(f"chest_xray/{part}", "NORMAL", "PNEUMONIA", seed=2 * seed)(folder)


def modelnet(folder: Path) -> None:
    np.savez(
        folder / "modelnet.npz",
        points_train=_shares(40, 2048, 3),
        label_train=_classes(10, 40),
        points_test=_shares(10, 2048, 3),
        label_test=_classes(10, 10),
    )


def airplanes(folder: Path) -> None:
    np.savez(folder / "airplanes.npz", points=_shares(10, 1024, 3), part=_classes(5, 10, 1024))


def depths(folder: Path) -> None:
    np.savez(folder / "depths.npz", image=_bytes(8, 256, 256, 3), depth=_shares(8, 256, 256, 1))


def duts(folder: Path) -> None:
    mask = _shares(4, 288, 288, 1)
    names = ["refined", *(f"map_{number}" for number in range(7))]
    np.savez(folder / "duts.npz", image=_bytes(4, 288, 288, 3), **dict.fromkeys(names, mask))


def organs(folder: Path) -> None:
    for seed, name in enumerate(("organs", "organs-validation", "organs-test")):
        np.savez(folder / f"{name}.npz", scan=_bytes(22, 28, 28, 28, 1, seed=seed), label=_classes(11, 22))


def dark(folder: Path) -> None:
    np.savez(folder / "dark.npz", image=_bytes(4, 512, 512, 3))


def moving(folder: Path) -> None:
    frames = _shares(8, 20, 64, 64, 1)
    np.savez(folder / "moving_mnist.npz", frames=frames[:, :-1], following=frames[:, 1:])


def videos(features: int, *, masks: bool) -> Make:
    def make(folder: Path) -> None:
        for part, rows in (("videos", 25), ("videos-test", 10)):
            present = np.arange(20)[None] < 5 + np.arange(rows)[:, None]
            frames = _shares(rows, 20, features) * present[..., None]
            others: dict[str, Any] = {"present": present} if masks else {}
            np.savez(folder / f"{part}.npz", frames=frames, label=_classes(5, rows), **others)

    return make


DATA: dict[str, Make] = {
    "knowledge_distillation": _keras("knowledge_distillation", 28, 1, 10),
    "knowledge_distillation.scratch": _keras("knowledge_distillation.scratch", 28, 1, 10),
    "knowledge_distillation.teacher": _keras("knowledge_distillation.teacher", 28, 1, 10),
    "mnist_convnet": _keras("mnist_convnet", 28, 1, 10),
    "convmixer": _keras("convmixer", 32, 3, 10),
    "barlow_twins": _keras("barlow_twins", 32, 3, 10),
    "supervised-contrastive-learning": _keras("supervised-contrastive-learning", 32, 3, 10),
    "supervised-contrastive-learning.baseline": _keras("supervised-contrastive-learning.baseline", 32, 3, 10),
    "conditional_gan": _drawn("conditional_gan", 28, 1, 10),
    "ddim": flowers,
    "ddpm": flowers,
    "wgan_gp": _drawn("wgan_gp", 28, 1, 10),
    "image_classification_efficientnet_fine_tuning": dogs,
    "image_classification_efficientnet_fine_tuning.scratch": dogs,
    "oxford_pets_image_segmentation": pets,
    "image_classification_from_scratch": _folder("PetImages", "Cat", "Dog"),
    "mlp_image_classification": _keras("mlp_image_classification", 32, 3, 100),
    "mlp_image_classification.fnet": _keras("mlp_image_classification.fnet", 32, 3, 100),
    "mlp_image_classification.gmlp": _keras("mlp_image_classification.gmlp", 32, 3, 100),
    "cct": _keras("cct", 32, 3, 10),
    "patch_convnet": _keras("patch_convnet", 32, 3, 10),
    "attention_mil_classification": bags,
    "3D_image_classification": scans,
    "involution": _keras("involution", 32, 3, 10),
    "involution.convolution": _keras("involution.convolution", 32, 3, 10),
    "super_resolution_sub_pixel": bsds,
    "siamese_contrastive": pairs,
    "siamese_network": triplets,
    "edsr": low_and_high("div2k", 40, 60, times=4, most=255),
    "deeplabv3_plus": people,
    "xray_classification_with_tpus": xrays,
    "pointnet": modelnet,
    "pointnet_segmentation": airplanes,
    "learnable_resizer": _folder("cats_vs_dogs", "cat", "dog"),
    "depth_estimation": depths,
    "vivit": organs,
    "mirnet": low_and_high("lol", 400, 600, times=1, most=1),
    "zero_dce": dark,
    "fixres": _folder("flower_photos", "daisy", "dandelion", "roses", "sunflowers", "tulips"),
    "fixres.large_alone": _folder("flower_photos", "daisy", "dandelion", "roses", "sunflowers", "tulips"),
    "cyclegan": _folder("horse2zebra", "trainA", "trainB", "testA", "testB"),
    "basnet_segmentation": duts,
    "conv_lstm": moving,
    "video_classification": videos(2048, masks=True),
    "video_transformers": videos(1024, masks=False),
}
