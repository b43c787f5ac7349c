"""Images a second of nnrun's `images` source beside Keras' own loader: `python tests/benchmarks/decode.py [FOLDER]`.

Each pass is a process of its own, in interleaved pairs: the folder is listed and every picture decoded, resized and
handed over once, by nnrun into memory (`held`) or in windows of batches as a training streams them (`streamed`), by
Keras as `image_dataset_from_directory(...).prefetch(AUTOTUNE)` in batches of 32. Imports are not counted. Keras resizes
without antialiasing, nnrun with it. Without a folder, one of photo-like JPEG files is made.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BATCH = 32
SIDES = ("held", "streamed", "keras")
BOUND = "bound: the median of held / keras at least 1"


def make(folder: Path, count: int = 400, height: int = 375, width: int = 500) -> None:
    """Pictures of two classes with the spectrum of photographs, so that decoding them costs what photographs cost."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = 1
    for number in range(count):
        noise = np.fft.rfft2(generator.normal(size=(3, height, width)))
        pixels = np.fft.irfft2(noise / frequency**1.1, s=(height, width))
        pixels -= pixels.min()
        path = folder / "ab"[number % 2] / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray((255 * pixels / pixels.max()).transpose(1, 2, 0).astype(np.uint8)).save(path, quality=90)


def held(folder: Path, size: tuple[int, int]) -> float:
    """Seconds of nnrun, all pictures into memory, as a command does before it loads Keras."""
    import numpy as np  # noqa: F401  not what is measured
    from PIL import Image, JpegImagePlugin, PngImagePlugin  # noqa: F401

    from nnrun.data.files import Roots
    from nnrun.data.sources import read

    began = time.perf_counter()
    dataset = read("images", {"path": folder.name, "image_size": list(size)}, Roots(folder.parent), stream=False)
    assert dataset.arrays["image"].shape[0] == dataset.size
    return time.perf_counter() - began


def streamed(folder: Path, size: tuple[int, int]) -> float:
    """Seconds of nnrun, as float32 tensors in shuffled batches."""
    import numpy as np

    from nnrun.data.files import Roots
    from nnrun.data.preparation import Preparation
    from nnrun.data.sources import read
    from nnrun.model import distribution
    from nnrun.training.windows import Windows

    distribution.tensors((np.zeros(1),))
    began = time.perf_counter()
    dataset = read("images", {"path": folder.name, "image_size": list(size)}, Roots(folder.parent), stream=True)
    rows = np.arange(dataset.size)
    pictures = Preparation.fit(dataset, rows).apply(dataset)["image"]
    arrays = (pictures, dataset.targets["label"])
    windows = Windows(arrays, rows, batch_size=BATCH, shuffle=True, to_tensors=distribution.tensors)
    try:
        windows.begin(0)
        for first in range(0, windows.steps, windows.most_steps):
            windows.window(first, min(windows.most_steps, windows.steps - first))
        return time.perf_counter() - began
    finally:
        windows.close()


def keras(folder: Path, size: tuple[int, int]) -> float:
    """Seconds of Keras' loader."""
    import tensorflow as tf
    from keras.utils import image_dataset_from_directory

    tf.zeros(1)
    began = time.perf_counter()
    batches = image_dataset_from_directory(str(folder), image_size=size, batch_size=BATCH, verbose=False)
    for _ in batches.prefetch(tf.data.AUTOTUNE):
        pass
    return time.perf_counter() - began


def measure(side: str, folder: Path, size: Sequence[int]) -> float:
    """Seconds of one pass in a fresh process."""
    command = [sys.executable, __file__, str(folder), "--size", *map(str, size), "--side", side]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, "TF_CPP_MIN_LOG_LEVEL": "3"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{side} ended with {ended.returncode}:\n{ended.stderr}")
    return float(ended.stdout.split()[-1])


def compare(folder: Path, size: Sequence[int], pairs: int) -> str:
    """The median of the paired ratios of images a second, after one uncounted round that fills the caches of files."""
    count = sum(path.is_file() for path in folder.glob("*/*"))
    rounds = [{side: count / measure(side, folder, size) for side in SIDES} for _ in range(pairs + 1)][1:]
    lines = [f"{count} pictures to {size[0]}x{size[1]}, {pairs} pairs"]
    for side in SIDES[:-1]:
        ratios = [found[side] / found["keras"] for found in rounds]
        ours, theirs = (statistics.median(found[name] for found in rounds) for name in (side, "keras"))
        lines.append(
            f"  {side:8}  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            f"   {ours:,.0f} against {theirs:,.0f} images/s"
        )
    return "\n".join([*lines, f"  {BOUND}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="a folder that holds a folder of pictures for each class")
    parser.add_argument("--size", nargs=2, type=int, default=[180, 180], metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs are counted (default 7)")
    parser.add_argument("--side", choices=SIDES, help="one pass of one side, in this process: prints its seconds")
    options = parser.parse_args()
    if options.side:
        print({"held": held, "streamed": streamed, "keras": keras}[options.side](options.folder, tuple(options.size)))
    elif options.folder:
        print(compare(options.folder.resolve(), options.size, options.pairs))
    else:
        with tempfile.TemporaryDirectory() as made:
            make(Path(made))
            print(compare(Path(made), options.size, options.pairs))


if __name__ == "__main__":
    main()
