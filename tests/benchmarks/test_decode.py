"""That the benchmark of decoding measures all sides on the same pictures; it prints and never decides."""

from __future__ import annotations

from pathlib import Path

import decode
import pytest


def test_decode_makes_a_folder_of_two_classes(tmp_path: Path) -> None:
    decode.make(tmp_path, count=4, height=24, width=32)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*")) == [
        "a/0.jpg",
        "a/2.jpg",
        "b/1.jpg",
        "b/3.jpg",
    ]


@pytest.mark.nightly
def test_decode_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decode.make(tmp_path, count=40)
    told = decode.compare(tmp_path, (60, 80), pairs=1)
    with capsys.disabled():
        print(f"\n{told}")
    assert told.startswith("40 pictures to 60x80, 1 pairs\n  held      ratio ")
