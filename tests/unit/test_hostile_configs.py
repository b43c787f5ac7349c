"""A stranger's config is safe to open: refused with its key, at once; nothing is run, written, read elsewhere or asked.

Python's own audit events are listened to while a config is checked: whatever opens, runs, starts or connects is seen.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hostile
import pytest
from commandline import REPOSITORY, Nnrun

from nnrun.check import examine_file
from nnrun.data.files import Roots
from nnrun.errors import NnrunError

SECONDS = 2.0  # of the processor, by this thread: one is promised, and the machine may be busy
FORBIDDEN = (
    "os.system", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "socket.connect", "socket.getaddrinfo",
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "shutil.",
)  # fmt: skip
PYTHON = tuple(
    os.path.realpath(path) for path in (sys.prefix, sys.base_prefix, REPOSITORY / "nnrun", REPOSITORY / "tests")
)
EVIL = "from pathlib import Path\nPath('owned').touch()\n"

_heard: list[str] | None = None
_allowed: tuple[str, ...] = ()


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _heard is None:
        return
    if event.startswith(FORBIDDEN):
        _heard.append(f"{event} {arguments}")
    elif event == "open" and isinstance(arguments[0], str | bytes):
        path, mode, flags = arguments[0], arguments[1] or "", arguments[2] or 0
        real = os.path.realpath(os.fsdecode(path))
        writes = any(letter in mode for letter in "wax+") or flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if "__pycache__" not in real and (writes or not real.startswith((*PYTHON, *_allowed))):
            _heard.append(f"open {real} {mode} {flags}")
    elif event == "exec" and not arguments[0].co_filename.startswith((*PYTHON, "<frozen", "<string>", "<attrs")):
        _heard.append(f"exec {arguments[0].co_filename}")


sys.addaudithook(_listen)  # there is no way to take it off: it is silent but inside of `heard`


@contextmanager
def heard(folder: Path) -> Iterator[list[str]]:
    """What Python does inside that no check of a config may do; files in `folder` may be read."""
    global _heard, _allowed
    _heard, _allowed = [], (os.path.realpath(folder),)
    try:
        yield _heard
    finally:
        _heard = None


@pytest.fixture
def place(folder: Path) -> Path:
    """A folder `work` with what hostile configs name, inside of one that nothing may touch."""
    work = folder / "work"
    (work / "folder.py").mkdir(parents=True)
    for file in (work / "evil.py", folder / "evil.py"):
        file.write_text(EVIL)
    (work / "link.py").symlink_to("../evil.py")
    (work / "link.yaml").symlink_to("/etc/hosts")
    (work / "base.yaml").write_text("seed: 1\n")
    (work / "naming.yaml").write_text("plugins: [evil.py]\n")
    (work / "latin.py").write_bytes(b"# \xe4\n")
    os.mkfifo(work / "fifo.py")
    os.chdir(work)
    return work


def files(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_hostile_configs_are_many() -> None:
    configs = hostile.configs()
    assert len(configs) >= 300
    assert len({config.text for config in configs}) >= 300


def test_hostile_configs_are_refused_with_their_key_and_do_nothing(place: Path, nnrun: Nnrun) -> None:
    """Every third of them."""
    hold(hostile.configs()[::3], place, nnrun)


@pytest.mark.nightly
def test_hostile_configs_are_all_refused(place: Path, nnrun: Nnrun) -> None:
    hold(hostile.configs(), place, nnrun)


def hold(configs: list[hostile.Hostile], place: Path, nnrun: Nnrun) -> None:
    """All in one folder and one process, which shows that nothing is left behind."""
    config = place / "config.yaml"
    config.write_text("")
    nnrun("check", "config.yaml")  # what is imported once
    wrong: list[str] = []
    for number, one in enumerate(configs):
        config.write_bytes(one.text.encode())
        before, began = files(place.parent), time.thread_time()
        with heard(place.parent) as done:
            code, told = answer(config)
        seconds = time.thread_time() - began
        if number % 10 == 0:  # the command line takes longer to begin than to check
            with heard(place.parent) as typed:
                checked = nnrun("check", "config.yaml")
            done += typed
            code, told = max(code, checked.code), told if one.told in checked.err else ""
        faults = {
            f"exit code {code}": code != 2,
            f"not told {one.told!r}": one.told not in told,
            f"{seconds:.1f} s": seconds > SECONDS,
            f"did {done}": bool(done),
            "wrote": files(place.parent) != before,
        }
        wrong += [
            f"{one.name}: {fault}\n    {one.text[:300]!r}\n    {told[:300]!r}" for fault, so in faults.items() if so
        ]
    assert wrong == [], "\n".join(wrong)


def answer(config: Path) -> tuple[int, str]:
    """The exit code of a check and its words."""
    try:
        examine_file(config, (), Roots(config.parent)).checked()
    except NnrunError as error:
        return error.exit_code, str(error)
    return 0, ""


def test_hostile_configs_an_answer_is_short_and_moves_no_cursor(place: Path, nnrun: Nnrun) -> None:
    """Thousands of mistakes, and control characters in names, values and keys."""
    for text in (
        f"{hostile.SOURCE}model: {{layers: [{{Concatenate: {{from: [{'x' * 9}{', yyyyyyyyy' * 15_000}]}}}}]}}\n",
        f'"\\e[2J\\e]0;owned\\a": 1\nname: "\\x07\\u202e"\n{hostile.SOURCE}{hostile.MODEL}',
        f'plugins: ["\\e[2J.py"]\n{hostile.SOURCE}{hostile.MODEL}',
        f'{hostile.SOURCE}model: {{layers: [{{"\\e[2J": 1}}, {{Dense: "\\e[31m"}}]}}\n',
    ):
        (place / "config.yaml").write_text(text)
        told = nnrun("check", "config.yaml").err
        assert 0 < len(told) < 20_000
        assert [letter for letter in told if not letter.isprintable() and letter != "\n"] == []


def test_hostile_configs_the_listener_hears(place: Path) -> None:
    """What it is for: each of these is seen."""
    with heard(place) as done:
        exec(compile("1", "<evil>", "exec"))
        (place / "written").write_text("")
        Path("/etc/hosts").read_bytes()
        os.system("true")
    assert [event.split()[0] for event in done] == ["exec", "open", "open", "os.system"]


@pytest.mark.parametrize("command", ["show", "train", "cv"])
def test_hostile_configs_stop_every_command_before_it_begins(command: str, place: Path, nnrun: Nnrun) -> None:
    (place / "config.yaml").write_text(f"plugins: [evil.py]\n{hostile.SOURCE}{hostile.MODEL}")
    before = files(place.parent)
    with heard(place.parent) as done:
        refused = nnrun(command, "config.yaml")
    assert (refused.code, done, files(place.parent)) == (2, [], before)


@pytest.mark.parametrize("name", ["../out", "/tmp/out", "a/b", ".hidden", "latest", "x" * 300, "a\0b"])
def test_hostile_run_names_from_the_command_line(name: str, place: Path, nnrun: Nnrun) -> None:
    (place / "config.yaml").write_text(hostile.SOURCE + hostile.MODEL)
    before = [path for path, _ in files(place.parent)]
    refused = nnrun("train", "config.yaml", "-q", "--name", name)
    assert refused.code == 2
    assert [path for path, _ in files(place.parent)] == before


@pytest.mark.parametrize(
    "override",
    [
        "plugins=[evil.py]",
        "plugins.0=evil.py",
        "extends=../x",
        "model.layers.0=!!python/name:os.system",
        "name=../x",
        "=",
        "a",
    ],
)
def test_hostile_overrides(override: str, place: Path, nnrun: Nnrun) -> None:
    (place / "config.yaml").write_text(hostile.SOURCE + hostile.MODEL)
    before = files(place.parent)
    with heard(place.parent) as done:
        refused = nnrun("check", "config.yaml", "-s", override)
    assert (refused.code, done, files(place.parent)) == (2, [], before)
