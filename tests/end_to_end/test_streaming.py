"""A training that streams its data gives what one from memory gives, and its memory does not grow with the data."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import tiny
from commandline import Nnrun, environment
from PIL import Image

DIGITS = """\
data:
  source: {sklearn: digits}
  augment: [RandomFlip, {GaussianNoise: 0.1}]
model:
  layers:
    - Conv2D: {filters: 2, kernel_size: 3, activity_regularizer: l2}
    - Flatten
    - Dropout: 0.2
    - Dense: {units: 8, activation: relu}
fit: {epochs: 2, class_weight: balanced}
report: {figures: []}
"""
ZEROS = """\
data:
  source: {npy: {x: x.npy, y: y.npy}}
  split: {validation: 0.05, test: 0.05}
model:
  layers: [{AveragePooling2D: 16}, Flatten]
fit: {epochs: 1, batch_size: 256}
report: {figures: []}
"""
GROWTH = 400  # MB: five windows of 32 MB each for training and for validation, and room
PICTURES = """\
data:
  source: {images: {path: pictures}}
model:
  layers: [Flatten, {Dense: 2}]
fit: {epochs: 2}
report: {figures: []}
"""


def test_streaming_gives_the_run_that_memory_gives(nnrun: Nnrun, folder: Path) -> None:
    (folder / "digits.yaml").write_text(DIGITS)
    streamed, held = (
        nnrun("train", "digits.yaml", "--name", name, "-s", f"runtime.stream={name}").run for name in ("true", "false")
    )
    assert tiny.history(streamed) == tiny.history(held)
    for name in ("metrics.json", "predictions.csv"):
        assert (streamed / name).read_bytes() == (held / name).read_bytes(), name
    notes = [tiny.read_json(run / "run.json")["notes"] for run in (streamed, held)]
    assert [any("image: streamed" in note for note in told) for told in notes] == [True, False]


def test_streaming_names_a_picture_that_breaks_in_the_middle_and_leaves_no_thread(nnrun: Nnrun, folder: Path) -> None:
    for number in range(40):
        path = folder / f"pictures/{'ab'[number % 2]}/{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (40, 40, 3)).astype(np.uint8)
        Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    (folder / "pictures.yaml").write_text(PICTURES)
    ended = nnrun("train", "pictures.yaml", "-s", "runtime.stream=true")
    assert ended.code == 3
    assert "b/39.png cannot be decoded" in ended.err
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("stream")] == []


@pytest.mark.nightly
def test_streaming_memory_does_not_grow_with_the_data(folder: Path) -> None:
    """150,000 pictures, 614 MB in their file (which holds nothing on the disk) and 2.4 GB as float32."""
    if sys.platform != "linux":
        pytest.skip("the peak of a process is read as Linux tells it")
    (folder / "zeros.yaml").write_text(ZEROS)
    peaks = []
    for count in (5_000, 150_000):
        header = {"descr": "|u1", "fortran_order": False, "shape": (count, 64, 64, 1)}
        with (folder / "x.npy").open("wb") as stream:
            np.lib.format.write_array_header_1_0(stream, header)
            stream.truncate(stream.tell() + count * 64 * 64)
        np.save(folder / "y.npy", np.arange(count) % 2)
        peaks.append(_peak(folder, "train", "zeros.yaml", "--name", f"rows-{count}", "-s", "runtime.stream=true"))
    assert peaks[1] - peaks[0] < GROWTH, peaks


def _peak(folder: Path, *arguments: str) -> float:
    """The most memory in MB that a command has had."""
    with (folder / "output.txt").open("w") as output:
        command = [sys.executable, "-m", "nnrun", *arguments]
        process = subprocess.Popen(command, cwd=folder, env=environment(), stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (folder / "output.txt").read_text()
    return usage.ru_maxrss / 1024
