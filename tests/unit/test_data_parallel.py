"""Work in copies of the process gives what work in threads gives, and what a copy that dies leaves is done again."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnrun.data import parallel
from nnrun.data.files import Roots
from nnrun.data.sources import read
from nnrun.errors import DataError

BEGIN = """
import os, signal, sys
import numpy as np
from pathlib import Path
from nnrun.data import parallel
from nnrun.data.files import Roots
from nnrun.data.sources import read
assert parallel.forks()
"""


@pytest.fixture(autouse=True)
def _threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that runs tests is no place for copies: those are made in one of their own."""
    monkeypatch.setattr(parallel, "forks", lambda: False)


def alone(code: str, *arguments: str) -> str:
    """What a fresh process prints, which may make copies of itself."""
    if sys.platform != "linux" or parallel.processors() == 1:
        pytest.skip("copies of a process are made on Linux with more than one processor only")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", BEGIN + textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


def test_data_parallel_keeps_the_order_of_the_pieces() -> None:
    code = "print(parallel.for_each(lambda piece: piece * piece, range(1000)) == [n * n for n in range(1000)])"
    assert alone(code) == "True\n"
    assert parallel.for_each(lambda piece: piece * piece, range(1000)) == [n * n for n in range(1000)]
    assert parallel.for_each(str, []) == []


def test_data_parallel_more_pieces_than_the_queue_takes() -> None:
    code = "print(sum(parallel.for_each(lambda piece: 1, range(20_000))))"
    assert alone(code) == "20000\n"


def test_data_parallel_pictures_are_the_same_in_copies_and_in_threads(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for number in range(150):
        path = tmp_path / f"p/{number % 3}/{number}.{('jpg', 'png')[number % 2]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (20, 30, 3)).astype(np.uint8)).save(path)
    code = """
        images = read("images", {"path": "p", "image_size": [9, 11]}, Roots(Path(sys.argv[1]))).arrays["image"]
        np.save(Path(sys.argv[1]) / "copies.npy", images)
    """
    alone(code, str(tmp_path))
    here = read("images", {"path": "p", "image_size": [9, 11]}, Roots(tmp_path)).arrays["image"]
    assert np.array_equal(np.load(tmp_path / "copies.npy"), here)


def test_data_parallel_names_every_bad_picture_in_copies_as_in_threads(tmp_path: Path) -> None:
    (tmp_path / "p/a").mkdir(parents=True)
    for number in range(100):
        path = tmp_path / f"p/a/{number:03}.png"
        Image.fromarray(np.full((40, 40, 3), number, np.uint8)).save(path)
        if number % 40 == 7:
            path.write_bytes(path.read_bytes()[:60])
    code = """
        from nnrun.errors import DataError
        try:
            read("images", {"path": "p"}, Roots(Path(sys.argv[1])))
        except DataError as error:
            print(error, end="")
    """
    with pytest.raises(DataError) as caught:
        read("images", {"path": "p"}, Roots(tmp_path))
    assert all(f"a/{name}.png cannot be decoded" in str(caught.value) for name in ("007", "047", "087"))
    assert alone(code, str(tmp_path)) == str(caught.value)


def test_data_parallel_does_again_what_a_dead_copy_has_left() -> None:
    code = """
        import time
        parent = os.getpid()
        def work(piece):
            if os.getpid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(0.002)
            return piece
        print(parallel.for_each(work, range(100)) == list(range(100)))
    """
    assert alone(code) == "True\n"


def test_data_parallel_a_copy_does_not_outlive_its_parent(tmp_path: Path) -> None:
    code = """
        import time
        if not os.fork():
            parent = os.getpid()
            def work(piece):
                if os.getpid() != parent:
                    Path(sys.argv[1], str(os.getpid())).touch()
                    time.sleep(60)
                while not list(Path(sys.argv[1]).iterdir()):
                    time.sleep(0.01)
                os.kill(parent, signal.SIGKILL)
            parallel.for_each(work, range(100))
        os.wait()
        copy = int(next(Path(sys.argv[1]).iterdir()).name)
        def alive():
            try:
                return Path(f"/proc/{copy}/stat").read_text().split()[2] != "Z"
            except OSError:
                return False
        for _ in range(1000):
            if not alive():
                break
            time.sleep(0.01)
        print(alive())
    """
    assert alone(code, str(tmp_path)) == "False\n"


def test_data_parallel_makes_no_copies_beside_other_threads_or_a_framework() -> None:
    code = """
        import threading
        gate = threading.Event()
        thread = threading.Thread(target=gate.wait)
        thread.start()
        print(parallel.forks())
        gate.set()
        thread.join()
        print(parallel.forks())
        sys.modules["tensorflow"] = sys
        print(parallel.forks())
    """
    assert alone(code) == "False\nTrue\nFalse\n"
